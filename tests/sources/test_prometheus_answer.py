"""Answers of the API: what they mean, and what is said of those that mean nothing."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontui.domain.sample import Point
from ontui.domain.status import Status
from ontui.sources.prometheus_answer import Malformed, Refusal, history, judge, parse_instant, parse_range

AT = 1_700_000_000.0


def success(kind: str, result: object, **more: object) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}, **more}).encode()


def one(value: object) -> bytes:
    return success("vector", [{"metric": {"job": "x"}, "value": [AT, value]}])


@pytest.mark.parametrize(
    ("body", "value", "flaw", "reason"),
    [
        (one("1.5"), 1.5, None, ""),
        (success("scalar", [AT, "3"]), 3.0, None, ""),
        (one("NaN"), None, Status.NO_DATA, "NaN"),
        (one("+Inf"), None, Status.NO_DATA, "+Inf"),
        (one("-Inf"), None, Status.NO_DATA, "-Inf"),
        (success("vector", []), None, Status.NO_DATA, "the query has no result"),
        (
            success("vector", [{"metric": {"n": str(n)}, "value": [AT, "1"]} for n in range(3)]),
            None,
            Status.UNKNOWN,
            "expected 1 series, got 3",
        ),
        (success("string", [AT, "hi\x1b[2J"]), None, Status.UNKNOWN, "expected a number, got the text 'hi�[2J'"),
        (
            success("matrix", [{"metric": {}, "values": [[AT, "1"]]}]),
            None,
            Status.UNKNOWN,
            "expected a number, got a range of samples: the query ends with a […]",
        ),
        (
            success("vector", [{"metric": {}, "histogram": [AT, {"count": "3", "sum": "4", "buckets": []}]}]),
            None,
            Status.UNKNOWN,
            "expected a number, got a native histogram",
        ),
    ],
)
def test_one_number_or_why_not(body: bytes, value: float | None, flaw: Status | None, reason: str) -> None:
    reading = judge(parse_instant(body), at=7.0)
    assert (reading.value, reading.flaw, reading.reason, reading.at) == (value, flaw, reason, 7.0)


@pytest.mark.parametrize("text", ["1_000", "٣", "１", "1e1_0", "", "0x10", "NaNa"])
def test_what_only_python_takes_for_a_number_is_none(text: str) -> None:
    with pytest.raises(Malformed, match="is not a number"):
        parse_instant(one(text))


def test_warnings_make_it_partial_and_infos_are_notes() -> None:
    body = success("scalar", [AT, "3"], warnings=["store-2 is unreachable"], infos=["metric might not be a counter"])
    reading = judge(parse_instant(body), at=0.0)
    assert reading.caveat == "PARTIAL: store-2 is unreachable"
    assert reading.note == "metric might not be a counter"
    assert reading.value == 3.0


def test_victoria_metrics_says_partial_in_its_own_way() -> None:
    assert judge(parse_instant(success("scalar", [AT, "3"], isPartial=True)), at=0.0).caveat.startswith("PARTIAL: ")


def test_an_error_is_the_servers_own_words() -> None:
    body = b'{"status":"error","errorType":"bad_data","error":"1:5: parse error: unclosed left parenthesis"}'
    with pytest.raises(Refusal, match=r"^bad_data: 1:5: parse error: unclosed left parenthesis$"):
        parse_instant(body)


def test_the_clock_of_the_server_is_told() -> None:
    assert parse_instant(one("1")).server_at == AT
    assert parse_instant(success("vector", [])).server_at is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["status", "data", "resultType", "result", "metric", "value", "values", "histogram", "error"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
results = st.lists(
    st.fixed_dictionaries({}, optional={"metric": json_values, "value": json_values, "histogram": json_values}),
    max_size=3,
)
answers = json_values | st.fixed_dictionaries(
    {
        "status": st.just("success") | json_values,
        "data": st.fixed_dictionaries(
            {"resultType": st.sampled_from(["vector", "scalar", "string", "matrix"]) | json_values},
            optional={"result": json_values | results},
        )
        | json_values,
    },
    optional={"warnings": json_values, "infos": json_values},
)


@given(answers.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40))
def test_nothing_a_server_can_say_is_an_unforeseen_error(body: bytes) -> None:
    try:
        reading = judge(parse_instant(body), at=0.0)
    except (Malformed, Refusal) as error:
        assert str(error)
    else:
        assert reading.value is None or math.isfinite(reading.value)
        assert (reading.value is None) == (reading.flaw is not None)
    try:
        parse_range(body)
    except (Malformed, Refusal) as error:
        assert str(error)


def test_deep_nesting_and_huge_numbers_are_malformed() -> None:
    for body in (
        b"[" * 100_000,
        one(10**400),
        b'{"status":"success","data":{"resultType":"scalar","result":[true,"1"]}}',
    ):
        with pytest.raises(Malformed):
            parse_instant(body)


def test_history_stands_on_our_clock_and_shows_gaps() -> None:
    pairs: list[tuple[float, float | None]] = [(100.0, 1.0), (115.0, None), (160.0, 3.0)]
    assert history(pairs, step_s=15.0, skew_s=40.0) == (
        Point(60.0, 1.0),
        Point(75.0, None),
        Point(90.0, None),
        Point(120.0, 3.0),
    )
