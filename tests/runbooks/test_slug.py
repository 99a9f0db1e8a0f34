"""Anchors."""

import pytest

from ontui.runbooks.slug import loose, slugify, unique_slugs


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Diagnosis", "diagnosis"),
        ("High API latency (>2s P95)", "high-api-latency-2s-p95"),
        ("Alerting & Escalation", "alerting--escalation"),
        ("\U0001f6a8 Severity levels", "-severity-levels"),
        ("snake_case and kebab-case", "snake_case-and-kebab-case"),
        ("Störung: größer", "störung-größer"),
        ("база данных", "база-данных"),
        ("!!!", ""),
        ("", ""),
    ],
)
def test_slug_is_the_one_of_a_code_host(title: str, slug: str) -> None:
    assert slugify(title) == slug


@pytest.mark.parametrize(
    ("titles", "slugs"),
    [
        (["A", "A", "A"], ["a", "a-1", "a-2"]),
        (["A-1", "A", "A"], ["a-1", "a", "a-2"]),
        (["A", "A-1", "A"], ["a", "a-1", "a-2"]),
        (["Setup {#own}", "Setup"], ["own", "setup"]),
        (["", ""], ["", "-1"]),
    ],
)
def test_repeated_titles_get_anchors_of_their_own(titles: list[str], slugs: list[str]) -> None:
    assert unique_slugs(titles) == slugs


def test_a_hundred_thousand_equal_titles_do_not_take_a_hundred_thousand_squared() -> None:
    slugs = unique_slugs(["same"] * 100_000)
    assert len(set(slugs)) == 100_000


@pytest.mark.parametrize(
    ("slug", "bare"),
    [("üö-levels", "levels"), ("-levels", "levels"), ("ð-2-levels", "2-levels"), ("база-данных", "база-данных")],
)
def test_loose_form_drops_what_is_left_of_an_emoji(slug: str, bare: str) -> None:
    assert loose(slug) == bare
