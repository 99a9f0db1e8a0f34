import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontui.actions.fill import ALWAYS, as_text, bind, check_inputs, child_environment, fill_argv
from ontui.domain.action import Input, Refused

NAME = Input("name", "string")
FREE = Input("name", "string", pattern=r"[^-].*")


@pytest.mark.parametrize(
    ("wanted", "text", "value"),
    [
        (Input("n", "integer", min=1, max=20), "007", 7),
        (Input("n", "integer", min=-5), "-3", -3),
        (Input("n", "number"), "2.50", 2.5),
        (Input("n", "number"), "1e3", 1000.0),
        (Input("n", "boolean"), "True", True),
        (Input("n", "choice", choices=("a", "b")), "b", "b"),
        (Input("n", "string"), "registry.local/app:1.2", "registry.local/app:1.2"),
        (Input("n", "string", pattern="[a-z ]+"), "two words", "two words"),
        (Input("n", "string", default="redis"), None, "redis"),
    ],
)
def test_good_values_are_typed(wanted: Input, text: str | None, value: object) -> None:
    found = check_inputs([wanted], {} if text is None else {"n": text})["n"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("wanted", "text", "said"),
    [
        (Input("n", "integer", min=1, max=20), "21", "expected <integer 1..20>"),
        (Input("n", "integer"), "-3", "expected <integer>"),
        (Input("n", "integer"), "1_000", "expected <integer>"),
        (Input("n", "integer"), "٣", "expected <integer>"),
        (Input("n", "integer"), " 3", "expected"),
        (Input("n", "number"), "nan", "expected <number>"),
        (Input("n", "number"), "1e999", "expected <number>"),
        (Input("n", "boolean"), "yes", "true|false"),
        (Input("n", "choice", choices=("a", "b")), "c", "a|b"),
        (Input("n", "string"), "-rf", "leading -"),
        (FREE, "x", "no input"),
        (Input("n", "string"), "a b", "matching"),
        (Input("n", "string"), "", "matching"),
        (Input("n", "string", pattern="[a-z]+"), "abc\n", "control"),
        (Input("n", "string", pattern=".*"), "a\x1b]52;c;x\x07", "control"),
        (Input("n", "string", pattern=".*"), "a\u202eb", "direction"),
        (Input("n", "string", pattern=".*"), "a" * 201, "longer than 200"),
        (Input("n", "string", pattern="a|b"), "ab", "matching"),
        (Input("n", "string", pattern="("), "ab", "cannot be read"),
    ],
)
def test_bad_values_are_refused_in_one_clean_line(wanted: Input, text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        check_inputs([wanted], {"n": text})
    assert said in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_missing_and_an_unknown_input_are_named() -> None:
    with pytest.raises(Refused, match=r"input n is missing: give n=<integer 1\.\.20>"):
        check_inputs([Input("n", "integer", min=1, max=20)], {})
    with pytest.raises(Refused, match="there is no input 'nmae'; inputs: name"):
        check_inputs([NAME], {"nmae": "x"})


@pytest.mark.parametrize(
    ("part", "filled"),
    [
        ("{name}", "redis"),
        ("--name={name}:{name}", "--name=redis:redis"),
        ("{{.Names}}", "{{.Names}}"),
        ("{{name}}", "{{name}}"),
        ('{"name": 1}', '{"name": 1}'),
        ("${name}", "${name}"),
        ("HEAD@{upstream}", "HEAD@{upstream}"),
        ("{ print }", "{ print }"),
        ("{}", "{}"),
    ],
)
def test_only_declared_names_in_single_braces_are_filled_in(part: str, filled: str) -> None:
    assert fill_argv(["run", part], {"name": "redis"}) == ("run", filled)


def test_an_unknown_name_is_refused_only_where_there_are_inputs() -> None:
    with pytest.raises(Refused, match=r"\{nmae\} names no input"):
        fill_argv(["run", "{nmae}"], {"name": "redis"})
    assert fill_argv(["awk", "{print}"], {}) == ("awk", "{print}")


def test_a_value_is_not_filled_in_again() -> None:
    assert fill_argv(["{a}", "{b}"], {"a": "{b}", "b": "{a}"}) == ("{b}", "{a}")


@given(st.text(max_size=250))
def test_no_value_ever_changes_the_number_of_arguments(text: str) -> None:
    try:
        values = check_inputs([FREE], {"name": text})
    except Refused:
        return
    argv = fill_argv(["run", "{name}", "--at={name}", "end"], values)
    assert argv == ("run", text, f"--at={text}", "end")
    assert tuple(shlex.split(shlex.join(argv))) == argv
    assert not argv[1].startswith("-")
    assert text.isprintable()


@given(st.one_of(st.integers(0, 10**17), st.booleans(), st.floats(0, 1e15, allow_nan=False)))
def test_a_typed_value_survives_being_written_and_read(value: int | bool | float) -> None:
    kind = {bool: "boolean", int: "integer", float: "number"}[type(value)]
    assert check_inputs([Input("n", kind)], {"n": as_text(value)})["n"] == value


def test_sql_gets_its_values_by_name_and_typed() -> None:
    sql = "select %(n)s::int, %(name)s where x like 'a%%' and %(n)s > 0"
    assert bind(sql, {"name": "x'; drop table t; --", "n": 3, "more": 1}) == {"n": 3, "name": "x'; drop table t; --"}
    assert bind("select 'a%' like 'b%'", {"n": 3}) == {}


@pytest.mark.parametrize("sql", ["select %(m)s", "select %(n)d", "select %(n)s like 'a%'", "select %(n)s % 3"])
def test_sql_that_asks_for_something_else_is_refused(sql: str) -> None:
    with pytest.raises(Refused):
        bind(sql, {"n": 3})


def test_a_program_sees_only_what_is_allowed() -> None:
    environ = {"PATH": "/bin", "HOME": "/h", "DATABASE_URL": "postgres://secret", "DOCKER_HOST": "x", "LD_PRELOAD": "y"}
    assert child_environment(["DOCKER_HOST", "MISSING"], environ) == {"PATH": "/bin", "HOME": "/h", "DOCKER_HOST": "x"}
    assert "PATH" in ALWAYS
