"""One statement or more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontui.config.statements import answers_nothing, second_statement, steers_transaction


@pytest.mark.parametrize(
    ("sql", "is_more"),
    [
        ("select 1", False),
        ("select 1;", False),
        ("select 1; -- that is all; really", False),
        ("select 1; /* and; /* nested; */ done; */ ", False),
        ("select ';', E'\\';', \"a;b\" from x", False),
        ("do $body$ begin delete from x; commit; end $body$;", False),
        ("do $$ select '; $$ ; ", False),
        ("select $1; select 2", True),
        ("select 1; commit", True),
        ("insert into x values (';'); commit; delete from x", True),
        (";;select 1", True),
        ("select 'a'';b'", False),
        ("select E'a\\\\'; drop table x", True),
        ("", False),
    ],
)
def test_statements_are_told_apart(sql: str, is_more: bool) -> None:
    assert second_statement(sql) is is_more


@given(st.text(max_size=200))
def test_any_text_is_read_to_its_end(sql: str) -> None:
    second_statement(sql)


@pytest.mark.parametrize(
    ("sql", "steers"),
    [
        ("commit", True),
        ("/* now */ -- really\n ROLLBACK", True),
        ("start transaction", True),
        ("select 'commit'", False),
        ("comment on table x is 'begin'", False),
        ("", False),
    ],
)
def test_what_steers_a_transaction_is_told(sql: str, steers: bool) -> None:
    assert steers_transaction(sql) is steers


@pytest.mark.parametrize(
    ("sql", "nothing"),
    [
        ("copy (select 1) to stdout", True),
        ("-- all of it\n COPY t TO STDOUT", True),
        ("set work_mem = '1GB'", True),
        ("do $$ begin end $$", True),
        ("commit", True),
        ("select copy from t", False),
        ("with copy as (select 1) select * from copy", False),
        ("(select 1)", False),
        ("values (1)", False),
        ("table t", False),
        ("show work_mem", False),
        ("", False),
    ],
)
def test_what_is_no_question_is_told(sql: str, nothing: bool) -> None:
    assert answers_nothing(sql) is nothing
