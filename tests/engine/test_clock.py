from ontui.engine.clock import SteadyClock


class Hands:
    """A wall clock and a steady one, both moved by hand."""

    def __init__(self) -> None:
        self.wall, self.steady = 1000.0, 50.0

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


def test_a_set_wall_clock_does_not_change_ages_and_is_told_once() -> None:
    hands = Hands()
    clock = SteadyClock(lambda: hands.wall, lambda: hands.steady)
    before = clock.now()
    hands.pass_(10)
    hands.wall += 120
    assert clock.now() - before == 10
    assert clock.step() == 120
    assert clock.step() is None
    hands.wall -= 120
    assert clock.step() == -120


def test_small_corrections_are_not_steps() -> None:
    hands = Hands()
    clock = SteadyClock(lambda: hands.wall, lambda: hands.steady)
    hands.wall += 1.5
    assert clock.step() is None
