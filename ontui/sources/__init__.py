"""Looks at the world: each kind of source is polled into samples. Helper processes begin here too: keep it light."""

import sys
from types import ModuleType
from typing import cast

# httpx does without its command line where that is not installed: half of its import time, for nothing we use.
sys.modules.setdefault("httpx._main", cast("ModuleType", None))
