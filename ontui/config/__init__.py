"""Reads the config: the YAML file → typed values; every error names file, line, key and what was expected."""

from ontui.config.finding import ConfigError, Finding
from ontui.config.load import Config, find_config, load
from ontui.config.schema import schema

__all__ = ["Config", "ConfigError", "Finding", "find_config", "load", "schema"]
