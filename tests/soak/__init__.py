"""A long watch while everything it looks at fails at random: `python -m tests.soak --minutes 30 --seed 1`."""
