"""A wall clock that is wrong, and can be set, for one program: libfaketime between it and the system."""

from dataclasses import dataclass
from pathlib import Path

from tests.servers import packages


@dataclass(frozen=True, slots=True)
class Wall:
    """What a program sees on the wall; the clocks that are never set stay as they are."""

    library: Path
    stamp: Path

    def set(self, ahead_s: float) -> None:
        """Let the wall clock be so far ahead of the true time (negative: behind), from now on."""
        self.stamp.write_text(f"{ahead_s:+.0f}s\n")

    @property
    def environ(self) -> dict[str, str]:
        """The variables of a program that looks at this clock."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.stamp),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def wall(folder: Path) -> Wall:
    """Make one that is right, to begin with."""
    home = packages.find(packages.FAKETIME).home or Path("/")
    (library,) = home.glob("usr/lib/*/faketime/libfaketimeMT.so.1")
    made = Wall(library, folder / "wall")
    made.set(0)
    return made
