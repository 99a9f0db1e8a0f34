"""The embedded world: a small simulated system on real servers, its faults, and what ends it all again."""
