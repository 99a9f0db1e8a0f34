"""The mark for what moved stands on what decides what runs, and on nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from ontui.actions import describe
from ontui.domain.action import Danger, Means, OnDisconnect, Plan, Targets
from ontui.ui.screens.moved import moved

SHOWN = Plan(
    "end-idle", "End idle sessions", Danger.DESTROY, Means.SQL, "freight", "production", production=True,
    argv=("end",), program="/bin/end", sql="select 1", parameters=(("age", 10),), env=("TOKEN",), cwd="/srv",
    source="database", target="db1", identity="one", targets=Targets(2, "web 2", digest="d1"),
    because=("PoolHigh firing for 6m12s", "pool used 92 %, 3s ago"), basis=("pool/PoolHigh firing",),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({"target": "db2"}, "on"),
        ({"identity": "two"}, "on"),
        ({"sql": "select 2"}, "runs"),
        ({"argv": ("end", "all")}, "runs"),
        ({"program": "/opt/end"}, "program"),
        ({"parameters": (("age", 20),)}, "with"),
        ({"env": ()}, "sees"),
        ({"cwd": "/"}, "in"),
        ({"targets": Targets(2, "web 2", digest="d2")}, "hits"),
        ({"basis": ("pool/PoolHigh resolved",)}, "because"),
        ({"timeout_s": 5.0}, "limits"),
        ({"on_disconnect": OnDisconnect.DETACH}, "limits"),
    ],
)
def test_what_changes_the_digest_is_marked(change: dict[str, Any], label: str) -> None:
    again = replace(SHOWN, **change)
    assert again.digest != SHOWN.digest
    assert moved(SHOWN, again) == {label}
    assert label in dict(describe(SHOWN))


def test_an_age_that_went_on_is_no_change() -> None:
    again = replace(SHOWN, because=("PoolHigh firing for 6m15s", "pool used 92 %, 6s ago"))
    assert again.digest == SHOWN.digest
    assert moved(SHOWN, again) == frozenset()
    other = replace(again, target="db2")
    assert moved(SHOWN, other) == {"on"}
