"""ontui: the on-call cockpit in one terminal."""

__version__ = "0.1.0"
