"""What all entries of the config have in common."""

from pydantic import BaseModel, ConfigDict


class Entry(BaseModel):
    """What all entries have in common: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)
