"""Decides: pure values and functions over them; no I/O and no clock."""
