"""Each type of source is imported by itself, ahead of being opened."""

import os
import time
from pathlib import Path

from ontui.config.load import load
from ontui.config.source_entry import TYPES
from ontui.sources import opening

NEEDS = {
    "postgres": "dsn: 'host=localhost'",
    "metrics": "url: 'http://localhost/metrics'",
    "redis": "url: 'redis://localhost'",
    "pgbouncer": "dsn: 'host=localhost'",
    "command": "run: ['true']",
    "log": "path: /var/log/app.log",
    "env": "file: /etc/app.env",
}


def test_each_is_prepared_by_the_module_of_what_polls_it(tmp_path: Path) -> None:
    assert set(opening.MODULES) == set(TYPES)
    entries = "".join(
        f"  {type_}: {{type: {type_}, {NEEDS.get(type_, 'url: http://localhost')}}}\n" for type_ in opening.MODULES
    )
    path = tmp_path / "ontui.yaml"
    path.write_text(f"version: 1\nsystem: {{id: shop}}\nsources:\n{entries}")
    for source in load(path, os.environ).sources.values():
        opening.prepare(source.type)
        poller = opening.open_source(source, (), time.time)
        assert type(poller).__module__ == f"ontui.sources.{opening.MODULES[source.type]}"
