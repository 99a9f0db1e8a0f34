"""One module a screen: each takes the desk, draws it once a second, and decides what a key does."""
