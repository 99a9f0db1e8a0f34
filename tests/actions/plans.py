"""Systems, actions and plans for the tests of this room."""

from dataclasses import replace

from ontui.domain.action import Action, Danger, Input, Means, OnDisconnect, Plan
from ontui.domain.state import System

SYSTEM = System(id="freight", name="Infamous Freight", environment="production", production=True)
CALM_SYSTEM = replace(SYSTEM, environment="staging", production=False)
ENVIRON = {"PATH": "/usr/bin:/bin", "HOME": "/root", "TOKEN": "s3cret-value", "DOCKER_HOST": "unix:///x"}


def action(*argv: str, danger: Danger = Danger.CHANGE, inputs: tuple[Input, ...] = ()) -> Action:
    """An action of argv."""
    return Action(id="restart", title="Restart it", danger=danger, means=Means.ARGV, argv=argv, inputs=inputs)


def plan(*argv: str, timeout_s: float = 20.0, detach: bool = False, target: str = "this machine") -> Plan:
    """A plan of argv, as if confirmed."""
    return Plan(
        action="restart",
        title="Restart it",
        danger=Danger.READ,
        means=Means.ARGV,
        system="freight",
        environment="staging",
        production=False,
        argv=argv,
        target=target,
        timeout_s=timeout_s,
        on_disconnect=OnDisconnect.DETACH if detach else OnDisconnect.KILL,
    )
