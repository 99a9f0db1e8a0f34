"""What all entries of the config have in common."""

import os

# Looking for plugins reads the metadata of every installed package, and no plugin has any business with a config.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """What all entries have in common: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)
