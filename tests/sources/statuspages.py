"""Summaries as three kinds of vendors publish them, in the shape of Atlassian Statuspage's api/v2."""

from typing import Any

Document = dict[str, Any]


def component(name: str, status: str = "operational", **more: object) -> Document:
    return {
        "id": f"c-{name.lower().replace(' ', '-')}", "name": name, "status": status,
        "created_at": "2019-02-01T10:11:12.000Z", "updated_at": "2026-03-04T05:06:07.000Z", "position": 1,
        "description": None, "showcase": False, "start_date": None, "group_id": None, "page_id": "p",
        "group": False, "only_show_if_degraded": False,
    } | more  # fmt: skip


def payments() -> Document:
    """All is well, as it is nearly always."""
    return {
        "page": {
            "id": "pay", "name": "Example Pay", "url": "https://status.pay.example", "time_zone": "Etc/UTC",
            "updated_at": "2026-11-01T08:00:00.000Z",
        },
        "components": [component("API"), component("Webhooks"), component("Dashboard")],
        "incidents": [],
        "scheduled_maintenances": [],
        "status": {"indicator": "none", "description": "All Systems Operational"},
    }  # fmt: skip


def database() -> Document:
    """Regions are groups whose parts are called alike; one part is in trouble, and one is being worked on."""
    eu, us = component("Europe", "partial_outage", group=True, id="g-eu"), component("USA", group=True, id="g-us")
    return {
        "page": {"id": "db", "name": "Example DB", "url": "https://status.db.example", "updated_at": "yesterday"},
        "components": [
            eu | {"components": ["1", "2"]},
            component("Clusters", "partial_outage", id="1", group_id="g-eu"),
            component("Backups", "under_maintenance", id="2", group_id="g-eu"),
            us,
            component("Clusters", id="3", group_id="g-us"),
            component("Backups", id="4", group_id="g-us"),
            component("Data Federation", "degraded_performance", id="5"),
        ],
        "incidents": [
            {
                "id": "i1", "name": "Clusters in Europe unavailable", "status": "identified", "impact": "major",
                "incident_updates": [{"body": "We know the cause.", "status": "identified"}], "resolved_at": None,
            },
            {"id": "i0", "name": "Yesterday's", "status": "resolved", "impact": "minor"},
        ],
        "scheduled_maintenances": [{"id": "m", "name": "Backups", "status": "in_progress", "impact": "maintenance"}],
        "status": {"indicator": "major", "description": "Partial System Outage"},
    }  # fmt: skip


def intelligence() -> Document:
    """A page of another make: few fields, and two incidents."""
    return {
        "page": {"name": "Example AI"},
        "status": {"indicator": "critical"},
        "components": [{"name": "Chat", "status": "major_outage"}, {"name": "Embeddings", "status": "operational"}],
        "incidents": [
            {"name": "Elevated errors", "status": "investigating", "impact": "critical"},
            {"name": "Slow answers"},
        ],
    }
