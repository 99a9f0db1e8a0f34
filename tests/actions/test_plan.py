import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from ontui.actions import check_confirmation, check_program, describe, plan_action, preview, preview_query
from ontui.domain.action import (
    Action,
    Asks,
    Danger,
    Input,
    Means,
    OnDisconnect,
    Outcome,
    Plan,
    Refused,
    Run,
    Targets,
    Verify,
)
from ontui.domain.state import System
from tests.actions.plans import CALM_SYSTEM, ENVIRON, SYSTEM, action

SCALE = action("sh", "-c", "true", "{replicas}", inputs=(Input("replicas", "integer", min=1, max=20),))
END = Action(
    id="end-idle-sessions",
    title="End idle sessions",
    danger=Danger.DESTROY,
    means=Means.SQL,
    sql="select pg_terminate_backend(pid)\n    from pg_stat_activity\n    where state = %(state)s",
    preview_sql="select pid, backend_start from pg_stat_activity where state = %(state)s",
    source="database",
    inputs=(Input("state", "choice", choices=("idle", "active"), default="idle"),),
    timeout_s=30,
    verify=Verify("pool", 300),
)


def made(what: Action, given: dict[str, str] | None = None, system: System = SYSTEM, **more: object) -> Plan:
    return plan_action(what, given or {}, system=system, target="this machine (b1)", environ=ENVIRON, **more)  # type: ignore[arg-type]


def test_a_plan_holds_exactly_what_runs() -> None:
    plan = made(SCALE, {"replicas": "4"})
    assert plan.argv == ("sh", "-c", "true", "4")
    assert plan.program in ("/usr/bin/sh", "/bin/sh")
    assert plan.asks is Asks.TYPE
    assert plan.type_text == "freight"


def test_its_digest_changes_with_everything_that_decides() -> None:
    plan = made(SCALE, {"replicas": "4"})
    others = [
        made(SCALE, {"replicas": "5"}),
        made(SCALE, {"replicas": "4"}, identity="another server"),
        made(SCALE, {"replicas": "4"}, basis=("HighLatency firing",)),
        made(SCALE, {"replicas": "4"}, targets=Targets(1, "", digest="x")),
        made(replace(SCALE, timeout_s=1), {"replicas": "4"}),
        made(replace(SCALE, env=("DOCKER_HOST",)), {"replicas": "4"}),
        replace(plan, program="/elsewhere/sh"),
        replace(plan, program_id="another file"),
    ]
    assert len({p.digest for p in (plan, *others)}) == len(others) + 1
    assert made(SCALE, {"replicas": "04"}).digest == plan.digest


def test_a_shell_gets_values_as_arguments_never_in_its_text() -> None:
    what = Action(
        "a", "A", Danger.CHANGE, Means.SHELL, script='echo "$1" {name}', inputs=(Input("name", "string", pattern=".*"),)
    )
    plan = made(what, {"name": "$(reboot); `x` ' \""})
    assert plan.argv == ("/bin/sh", "-c", 'echo "$1" {name}', "a", "$(reboot); `x` ' \"")
    assert "$1 = " in dict(describe(plan))["runs"]


def test_sql_binds_its_values() -> None:
    plan = made(END)
    assert plan.parameters == (("state", "idle"),)
    assert plan.argv == ()
    assert plan.program == ""
    assert preview_query(END, {"state": "active"}) == (END.preview_sql, {"state": "active"})


def test_a_program_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no-such-program is not on PATH"):
        made(action("no-such-program"))
    with pytest.raises(Refused, match="is not an executable file"):
        made(action("./run.sh"))
    script = tmp_path / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    assert made(replace(action("./run.sh"), cwd=str(tmp_path))).program == str(script)


def test_a_program_named_by_path_is_known_by_its_content(tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_text("#!/bin/sh\necho one\n")
    script.chmod(0o755)
    what = replace(action("./run.sh"), cwd=str(tmp_path))
    shown = made(what)
    assert made(what).digest == shown.digest
    assert hashlib.sha256(script.read_bytes()).hexdigest()[:12] in dict(describe(shown))["program"]
    check_program(shown)
    script.write_text("#!/bin/sh\necho two\n")
    assert made(what).digest != shown.digest
    with pytest.raises(Refused, match=r"run\.sh changed since it was shown"):
        check_program(shown)
    script.unlink()
    with pytest.raises(Refused, match="cannot be read"):
        check_program(shown)


def test_a_program_found_on_path_is_that_very_file(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)

    def planned() -> Plan:
        return plan_action(action("tool"), {}, system=SYSTEM, target="t", environ={"PATH": str(tmp_path)})

    shown = planned()
    assert dict(describe(shown))["program"] == str(tool)
    assert planned().digest == shown.digest
    tool.write_text("#!/bin/sh\necho another\n")
    assert planned().digest != shown.digest
    with pytest.raises(Refused, match="changed since it was shown"):
        check_program(shown)


def test_an_unsafe_program_is_refused() -> None:
    with pytest.raises(Refused, match="nothing may be run: /bin/sh can be written by everybody"):
        made(action("/bin/sh"), unsafe=lambda path: f"{path} can be written by everybody")
    assert made(action("sh"), unsafe=lambda _: "only what the config names by path is asked for").program


def test_relative_folders_of_path_are_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "tool").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="not on PATH"):
        plan_action(action("tool"), {}, system=SYSTEM, target="t", environ={"PATH": ".::/nowhere"})


def test_the_program_may_not_come_from_an_input() -> None:
    with pytest.raises(Refused, match="may not come from an input"):
        made(action("{program}", inputs=(Input("program", "string"),)), {"program": "sh"})


def test_read_only_leaves_only_what_reads() -> None:
    for system, flag in ((SYSTEM, True), (replace(SYSTEM, read_only=True), False)):
        with pytest.raises(Refused, match="read-only"):
            made(action("sh"), system=system, read_only=flag)
        assert made(action("sh", danger=Danger.READ), system=system, read_only=flag).asks is Asks.NOTHING


def test_a_config_that_is_not_trusted_runs_nothing() -> None:
    with pytest.raises(Refused, match="nothing may be run: writable by others"):
        made(action("sh", danger=Danger.READ), distrust="writable by others")


@pytest.mark.parametrize(
    ("danger", "system", "typed", "accepted"),
    [
        (Danger.READ, SYSTEM, "", True),
        (Danger.CHANGE, CALM_SYSTEM, "y", True),
        (Danger.CHANGE, CALM_SYSTEM, "", False),
        (Danger.CHANGE, CALM_SYSTEM, "Y ", False),
        (Danger.CHANGE, SYSTEM, "y", False),
        (Danger.CHANGE, SYSTEM, "freight", True),
        (Danger.DESTROY, CALM_SYSTEM, "y", False),
        (Danger.DESTROY, CALM_SYSTEM, "freight", True),
        (Danger.DESTROY, CALM_SYSTEM, "freigh", False),
    ],
)
def test_confirmation_by_class(danger: Danger, system: System, typed: str, accepted: bool) -> None:
    plan = made(action("sh", danger=danger), system=system)
    if accepted:
        check_confirmation(plan, typed)
        return
    with pytest.raises(Refused) as refused:
        check_confirmation(plan, typed)
    assert f"wants the text {plan.type_text}" in str(refused.value)


def test_the_dialog_says_everything() -> None:
    plan = made(END, targets=Targets(14, "reports 9 · web 4 · cron 1"), because=("pool used 92 %, 3 s ago",))
    last = Run("r", plan.action, plan.title, "alice@b1", 1000, Outcome.OK, 1002, "11 sessions ended")
    rows = dict(describe(plan, last_run=last, now=8202, watched="pool used"))
    assert rows == {
        "on": "this machine (b1)",
        "runs": "select pg_terminate_backend(pid)\nfrom pg_stat_activity\nwhere state = %(state)s",
        "with": "state = idle",
        "hits": "14 now   reports 9 · web 4 · cron 1",
        "because": "pool used 92 %, 3 s ago",
        "limits": "30 s, then cancelled · if the line drops: cancelled",
        "last run": "2h ago by alice@b1: ok, 11 sessions ended",
        "then": 'watches "pool used" for 5m',
    }


def test_the_dialog_warns_of_stale_facts_detached_runs_and_runs_just_made() -> None:
    plan = made(replace(action("sh", "a b"), on_disconnect=OnDisconnect.DETACH), stale_basis=True)
    last = Run("r", plan.action, plan.title, "alice@b1", 1000, Outcome.OK, 1002, "exit 0")
    rows = dict(describe(plan, last_run=last, now=1182))
    assert rows["runs"] == "sh 'a b'"
    assert "stale" in rows["because"]
    assert rows["limits"].endswith("if the line drops: it goes on")
    assert rows["last run"] == "3m ago by alice@b1: ok, exit 0 — again?"


def test_targets_are_counted_and_told_apart_by_pid_and_start() -> None:
    columns = ("pid", "usename", "application_name", "backend_start", "state_change")
    rows = [(n, "app", "web" if n % 3 else "reports", f"t{n}", "x") for n in range(9)]
    targets = preview(columns, rows)
    assert (targets.count, targets.summary) == (9, "web 6 · reports 3")
    assert preview(columns, rows[::-1]).digest == targets.digest
    assert preview(columns, [(*r[:4], "later") for r in rows]).digest == targets.digest
    assert preview(columns, [(r[0], *r[1:3], "restarted", r[4]) for r in rows]).digest != targets.digest
    assert preview(columns, rows[:-1]).digest != targets.digest


def test_targets_are_harmless_masked_and_counted_in_full() -> None:
    targets = preview(
        ("name",), [("a\x1b]52;c;x\x07",), ("hunter22",)], lambda t: t.replace("hunter22", "••"), total=900
    )
    assert targets.count == 900
    assert targets.rows[1] == ("••",)
    assert "\x1b" not in targets.rows[0][0] + targets.summary
    assert targets.digest != preview(("name",), [("a\x1b]52;c;x\x07",), ("hunter22",)], total=901).digest
    assert preview(("pid",), []).summary == ""
