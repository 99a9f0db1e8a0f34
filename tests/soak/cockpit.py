"""The cockpit as it is, and beside it a thread that writes down how many tasks its loop has."""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from ontui.cli import main

EVERY_S = 1.0


def count_tasks(place: Path) -> None:
    """Keep the newest count in a file for as long as the program runs."""
    loops: list[asyncio.AbstractEventLoop] = []
    make = asyncio.events.new_event_loop

    def noted() -> asyncio.AbstractEventLoop:
        loops.append(make())
        return loops[-1]

    asyncio.events.new_event_loop = noted

    def write() -> None:
        while True:
            time.sleep(EVERY_S)
            count = sum(len(asyncio.all_tasks(loop)) for loop in loops if not loop.is_closed())
            fresh = place.with_suffix(".new")
            fresh.write_text(str(count))
            fresh.replace(place)

    threading.Thread(target=write, daemon=True, name="count tasks").start()


if __name__ == "__main__":
    count_tasks(Path(os.environ["ONTUI_SOAK_TASKS"]))
    sys.argv[0] = "ontui"
    main()
