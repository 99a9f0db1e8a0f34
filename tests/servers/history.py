"""The two hours of known series that the test Prometheus is back-filled with.

Every function of time here is plain, so that a test can compute what a query must answer:

- ``shop_requests_total{code}``: a counter, 10 a second of code 200 and 0.5 a second of code 500
- ``shop_latency_seconds``: a histogram, 10 observations a second: 5 up to 0.1 s, 8 up to 0.3 s, all up to 1 s
- ``shop_queue_depth``: a gauge, the minute of the hour (UTC)
- ``shop_room_celsius{room}``: three series of a gauge, a = 20, b = 21, c = 22
- ``shop_broken`` is NaN, ``shop_overflow`` is +Inf, ``shop_stopped`` is 7 and ends 30 minutes before the rest
"""

from collections.abc import Callable, Iterator

STEP_S = 15
LENGTH_S = 2 * 3600
STOPPED_S = 1800
"""How long before the end `shop_stopped` ends."""
REQUESTS_PER_S = {"200": 10.0, "500": 0.5}
OBSERVATIONS_PER_S = {"0.1": 5.0, "0.3": 8.0, "1": 10.0, "+Inf": 10.0}
P95_S = 0.3 + (1.0 - 0.3) * (9.5 - 8.0) / (10.0 - 8.0)
"""histogram_quantile(0.95, ...) of the histogram, by Prometheus' linear interpolation."""
ROOMS = {"a": 20.0, "b": 21.0, "c": 22.0}


def openmetrics(end: int) -> str:
    """Write the history up to the unix second ``end`` in the OpenMetrics text that promtool reads."""
    return "\n".join([*_lines(end), "# EOF", ""])


def queue_depth(at: int) -> float:
    """The value of `shop_queue_depth` sampled at the unix second ``at``."""
    return float(at // 60 % 60)


def _lines(end: int) -> Iterator[str]:
    start = end - LENGTH_S
    yield "# TYPE shop_requests counter"
    for code, rate in REQUESTS_PER_S.items():
        yield from _series(f'shop_requests_total{{code="{code}"}}', start, end, _rising(rate, start))
    yield "# TYPE shop_latency_seconds histogram"
    for le, rate in OBSERVATIONS_PER_S.items():
        yield from _series(f'shop_latency_seconds_bucket{{le="{le}"}}', start, end, _rising(rate, start))
    yield from _series("shop_latency_seconds_count", start, end, _rising(10.0, start))
    yield from _series("shop_latency_seconds_sum", start, end, _rising(2.5, start))
    yield "# TYPE shop_queue_depth gauge"
    yield from _series("shop_queue_depth", start, end, queue_depth)
    yield "# TYPE shop_room_celsius gauge"
    for room, celsius in ROOMS.items():
        yield from _series(f'shop_room_celsius{{room="{room}"}}', start, end, _always(celsius))
    for name, value, until in (
        ("shop_broken", float("nan"), end),
        ("shop_overflow", float("inf"), end),
        ("shop_stopped", 7.0, end - STOPPED_S),
    ):
        yield f"# TYPE {name} gauge"
        yield from _series(name, start, until, _always(value))


def _series(name: str, start: int, end: int, value: Callable[[int], float]) -> Iterator[str]:
    for at in range(start, end + 1, STEP_S):
        yield f"{name} {_number(value(at))} {at}"


def _rising(rate: float, start: int) -> Callable[[int], float]:
    return lambda at: rate * (at - start)


def _always(value: float) -> Callable[[int], float]:
    return lambda _at: value


def _number(value: float) -> str:
    return {"nan": "NaN", "inf": "+Inf"}.get(str(value), repr(value))
