import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest

from ontui.actions import Ended, run_sql
from ontui.domain.action import Danger, Means, Outcome, Plan
from ontui.domain.answer import Answer, SqlFailed
from tests.actions.plans import plan

SQL = replace(
    plan(), means=Means.SQL, sql="select pg_terminate_backend(pid) from t", timeout_s=0.2, danger=Danger.CHANGE
)


async def carried_out(
    what: Plan, answer: Callable[[], Awaitable[Answer]]
) -> tuple[Ended, list[str], dict[str, object]]:
    lines: list[str] = []
    asked: dict[str, object] = {}

    async def execute(
        sql: str, parameters: Mapping[str, str | int | float | bool], *, timeout_s: float, read_only: bool
    ) -> Answer:
        asked.update(sql=sql, parameters=parameters, timeout_s=timeout_s, read_only=read_only)
        return await answer()

    ended = await run_sql(what, execute, lines.append, mask=lambda t: t.replace("hunter22", "••"))
    return ended, lines, asked


def given(answer: Answer | Exception) -> Callable[[], Awaitable[Answer]]:
    async def give() -> Answer:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return give


ENDED = Answer(("pg_terminate_backend",), (("t",),) * 11 + (("f",),) * 3, 14, "SELECT 14", truthy=11)


NOBODY = "0 sessions ended: already gone, nothing was signalled"


@pytest.mark.parametrize(
    ("sql", "answer", "ended"),
    [
        (SQL.sql, ENDED, Ended(Outcome.OK, "11 sessions ended, 3 had already gone")),
        (SQL.sql, replace(ENDED, rows=(("t",),), total=1, truthy=1), Ended(Outcome.OK, "1 session ended")),
        (SQL.sql, replace(ENDED, rows=(), total=0, truthy=0), Ended(Outcome.OK, NOBODY)),
        ("select 1", ENDED, Ended(Outcome.OK, "14 rows")),
        ("update t", Answer((), (), 5, "UPDATE 5"), Ended(Outcome.OK, "UPDATE 5")),
        ("x", SqlFailed("no permission", "42501"), Ended(Outcome.FAILED, "no permission (42501)")),
        ("x", SqlFailed("key hunter22", "23505"), Ended(Outcome.FAILED, "key •• (23505)")),
        ("x", SqlFailed("statement timeout", timed_out=True), Ended(Outcome.TIMED_OUT, "statement timeout")),
        ("x", SqlFailed("it still runs: pid 7", refused=True), Ended(Outcome.REFUSED, "it still runs: pid 7")),
        ("x", SqlFailed("connection lost", lost=True), Ended(Outcome.LOST, "connection lost")),
    ],
)
async def test_how_it_ended(sql: str, answer: Answer | Exception, ended: Ended) -> None:
    assert (await carried_out(replace(SQL, sql=sql), given(answer)))[0] == ended


async def test_the_answer_is_a_table_of_harmless_masked_lines() -> None:
    answer = Answer(("pid", "name"), (("7", "web\x1b[31m"), ("12", "hunter22")), 300, "SELECT 300", ("NOTICE: slow",))
    _, lines, _ = await carried_out(replace(SQL, sql="select"), given(answer))
    assert lines == ["NOTICE: slow", "pid  name", "7    web�[31m", "12   ••", "… 298 more rows"]


@pytest.mark.parametrize(
    ("danger", "read_only"), [(Danger.READ, True), (Danger.CHANGE, False), (Danger.DESTROY, False)]
)
async def test_what_is_asked_is_the_plan(danger: Danger, read_only: bool) -> None:
    what = replace(SQL, danger=danger, parameters=(("n", 3),))
    _, _, asked = await carried_out(what, given(ENDED))
    assert asked == {"sql": SQL.sql, "parameters": {"n": 3}, "timeout_s": 0.2, "read_only": read_only}


async def test_a_source_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ontui.actions.sql.SLACK_S", 0.1)

    async def never() -> Answer:
        await asyncio.sleep(60)
        raise AssertionError

    ended, lines, _ = await carried_out(SQL, never)
    assert ended.outcome is Outcome.TIMED_OUT
    assert "may or may not" in ended.detail
    assert lines == []
