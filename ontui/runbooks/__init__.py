"""Reads pages: a folder of Markdown → pages, sections, fences and steps; finding, matching and searching them."""

import sys
from types import ModuleType
from typing import cast

# markdown-it-py does without it where it is not installed: half a MiB to make links of bare words, which we never do.
# (A Markdown widget of Textual would have to be given a parser of its own.)
sys.modules.setdefault("linkify_it", cast("ModuleType", None))
