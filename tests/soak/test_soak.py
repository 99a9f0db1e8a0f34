"""The soak works: half a minute of it, in which everything fails at random and in the end all is well."""

from tests.soak.__main__ import soak


def test_half_a_minute_of_trouble_leaves_nothing_behind() -> None:
    assert soak(30.0, seed=2) == []
