"""The fixtures; `tests/servers/__init__.py` lists them for their users."""

import contextlib
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ontui.demo.postgres import PostgresServer
from tests.environment import FOLDER_KEY
from tests.servers import packages, pgbouncer
from tests.servers import postgres as postgres_server
from tests.servers import prometheus as prometheus_server
from tests.servers.alertmanager import Alertmanager, Ruler
from tests.servers.alertmanager import alertmanager as start_alertmanager
from tests.servers.alertmanager import ruler as start_ruler
from tests.servers.alone import alone
from tests.servers.background import Background
from tests.servers.certificates import Authority, Certificate
from tests.servers.exporter import Exporter
from tests.servers.pair import Pair, replicated
from tests.servers.pgbouncer import Pooler
from tests.servers.postgres import Postgres
from tests.servers.prometheus import Prometheus
from tests.servers.proxy import ProxyMaker
from tests.servers.redis_server import Redis, RedisMaker
from tests.servers.redis_server import maker as redis_maker
from tests.servers.victoria import Victoria
from tests.servers.victoria import start as start_victoria
from tests.servers.wall import Wall
from tests.servers.wall import wall as make_wall
from tests.servers.web import Web

HISTORY_GOOD_FOR_S = 180.0
"""How long after its end the history of Prometheus still reaches up to now, near enough."""
WebMaker = Callable[..., Web]
RulerMaker = Callable[..., Ruler]

_HOW = (
    "They are taken from PATH or fetched without root by apt-get on Debian 12. Elsewhere install Prometheus 2.42,"
    " PostgreSQL 15, PgBouncer 1.18 and Redis 7, or set ONTUI_TEST_SERVERS_CACHE to a folder that another machine has"
    " filled."
)
_NEEDS = {
    "prometheus": packages.PROMETHEUS,
    "open_ruler": packages.PROMETHEUS,
    "alertmanager": packages.ALERTMANAGER,
    "postgres15": packages.POSTGRES_15,
    "any_postgres": packages.POSTGRES_15,
    "pooler": packages.PGBOUNCER,
    "watched_pooler": packages.PGBOUNCER,
    "victoria": packages.VICTORIA,
    "wall": packages.FAKETIME,
    "open_redis": packages.REDIS,
}


class _Started:
    """The shared servers of this session, each made when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._end = contextlib.ExitStack()
        self._exporter: Exporter | None = None
        self._prometheus: Prometheus | None = None
        self._postgres: dict[int, Postgres] = {}
        self.loop = Background()
        self._end.callback(self.loop.stop)

    def exporter(self) -> Exporter:
        if self._exporter is None:
            self._exporter = Exporter(self.loop)
            self._end.callback(self._exporter.stop)
        return self._exporter

    def prometheus(self) -> Prometheus:
        if self._prometheus is None:
            self._prometheus = prometheus_server.prepare(self.folder / "prometheus", self.exporter().target)
            self._end.callback(self._prometheus.stop)
        return self._prometheus

    def postgres(self, major: int) -> Postgres:
        if major not in self._postgres:
            place = self.folder / f"pg{major}"
            place.mkdir(mode=0o711)
            start = {15: postgres_server.start_15, 18: postgres_server.start_18}[major]
            self._postgres[major] = start(place)
            self._end.callback(self._postgres[major].stop)
        return self._postgres[major]

    def stop(self) -> None:
        self._end.close()


_STARTED = pytest.StashKey[_Started]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fetch what the collected tests need, or say what is missing; begin Prometheus, whose first scrape takes 5 s."""
    if session.config.option.collectonly:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    started = session.config.stash.setdefault(_STARTED, _Started(session.config.stash[FOLDER_KEY]))
    try:
        for name in _NEEDS.keys() & wanted:
            packages.find(_NEEDS[name])
    except packages.ServersMissing as missing:
        pytest.exit(f"real servers missing: {missing}. {_HOW}", returncode=3)
    if "prometheus" in wanted:
        started.prometheus()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End every server."""
    if started := session.config.stash.get(_STARTED, None):
        started.stop()


@pytest.fixture
def folder(pytestconfig: pytest.Config) -> Path:
    """The session's temporary folder."""
    return pytestconfig.stash[FOLDER_KEY]


@pytest.fixture(scope="session")
def started(pytestconfig: pytest.Config) -> _Started:
    """The shared servers."""
    return pytestconfig.stash[_STARTED]


@pytest.fixture
def exporter(started: _Started) -> Iterator[Exporter]:
    """The scrape target of `prometheus`."""
    exporter = started.exporter()
    yield exporter
    exporter.rest()


@pytest.fixture
def prometheus(started: _Started) -> Iterator[Prometheus]:
    """A real Prometheus that answers."""
    prometheus = started.prometheus()
    prometheus.renew(HISTORY_GOOD_FOR_S)
    prometheus.start()
    yield prometheus
    prometheus.rest()


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[Alertmanager]:
    """A real Alertmanager of this test's own."""
    server = start_alertmanager(tmp_path / "alertmanager")
    yield server
    server.stop()


@pytest.fixture
def open_ruler(tmp_path: Path, exporter: Exporter) -> Iterator[RulerMaker]:
    """A maker of Prometheus servers that evaluate rules."""
    with contextlib.ExitStack() as end:

        def make(rules: str, told: Alertmanager | None = None) -> Ruler:
            place = tmp_path / f"ruler-{len(list(tmp_path.glob('ruler-*')))}"
            server = start_ruler(place, rules, exporter.target, told)
            end.callback(server.stop)
            return server

        yield make


@pytest.fixture
def victoria(tmp_path: Path, exporter: Exporter) -> Iterator[Victoria]:
    """A real VictoriaMetrics of this test's own."""
    victoria = start_victoria(tmp_path / "victoria", exporter.target)
    yield victoria
    victoria.stop()


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    """A wall clock for one program."""
    return make_wall(tmp_path)


@pytest.fixture
def postgres15(started: _Started) -> Iterator[Postgres]:
    """A real PostgreSQL 15."""
    yield from _rested(started.postgres(15))


@pytest.fixture
def postgres18(started: _Started) -> Iterator[Postgres]:
    """A real PostgreSQL 18."""
    yield from _rested(started.postgres(18))


@pytest.fixture(params=[15, 18], ids=["pg15", "pg18"])
def any_postgres(request: pytest.FixtureRequest, started: _Started) -> Iterator[Postgres]:
    """Each of the two, one after the other."""
    yield from _rested(started.postgres(request.param))


@pytest.fixture
def postgres(any_postgres: Postgres) -> Postgres:
    """The shorter name of `any_postgres`."""
    return any_postgres


@pytest.fixture
def own_server(folder: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL 18 of this test's own, which may be killed."""
    with alone(folder / "pg-own") as server:
        yield server


@pytest.fixture(scope="module")
def pair(pytestconfig: pytest.Config) -> Iterator[Pair]:
    """A primary and its replica, made once for a module."""
    with replicated(pytestconfig.stash[FOLDER_KEY] / "pg-pair") as both:
        yield both


@pytest.fixture
def pooler(folder: Path, postgres15: Postgres) -> Iterator[Pooler]:
    """A PgBouncer before `postgres15`, in transaction mode, with one session for all."""
    with pgbouncer.before(postgres15, folder) as made:
        yield made


@pytest.fixture
def watched_pooler(folder: Path, postgres15: Postgres) -> Iterator[Pooler]:
    """A PgBouncer with two databases, a console for `boss` and `monitor`, and pools that are soon full."""
    with pgbouncer.before(postgres15, folder, pgbouncer.WATCHED) as made:
        yield made


@pytest.fixture
def open_redis(tmp_path: Path) -> Iterator[RedisMaker]:
    """A maker of Redis servers, with options of redis-server."""
    with redis_maker(tmp_path) as make:
        yield make


@pytest.fixture
def redis_server(open_redis: RedisMaker) -> Redis:
    """A real Redis of this test's own."""
    return open_redis()


def _rested(server: Postgres) -> Iterator[Postgres]:
    yield server
    server.rest()


@pytest.fixture(scope="session")
def authority(pytestconfig: pytest.Config) -> Authority:
    """Who signs the certificates."""
    return Authority(pytestconfig.stash[FOLDER_KEY] / "certificates", datetime.datetime.now(datetime.UTC))


@pytest.fixture
def open_web(started: _Started) -> Iterator[WebMaker]:
    """A maker of HTTP servers, with TLS when it is given a certificate."""
    with contextlib.ExitStack() as end:

        def make(certificate: Certificate | None = None) -> Web:
            web = Web(started.loop, certificate)
            end.callback(web.stop)
            return web

        yield make


@pytest.fixture
def web(open_web: WebMaker) -> Web:
    """One plain HTTP server."""
    return open_web()


@pytest.fixture
def proxy(started: _Started) -> Iterator[ProxyMaker]:
    """A maker of fault proxies."""
    maker = ProxyMaker(started.loop)
    yield maker
    maker.close()
