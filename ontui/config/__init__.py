"""Reads the config: the YAML file → typed values; every error names file, line, key and what was expected."""

from ontui.config.config import Config, find_config
from ontui.config.finding import ConfigError, Finding

__all__ = ["Config", "ConfigError", "Finding", "find_config"]
