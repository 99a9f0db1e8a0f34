"""Real servers for the tests, and a network that can be broken.

Fixtures (see `fixtures.py`); a server is started when the first test that wants it was collected, and shared:

- ``prometheus``: a real one (`.url .address .query() .value() .push() .freeze() .thaw() .stop() .start()`), back-filled
  with the series of `history.py` up to `.history_end`, scraping `exporter` every second (first after 5 s)
- ``exporter``: `.expose(text)`, `.fail()`; shows a default text again after each test
- ``postgres15``, ``postgres18``, and ``postgres`` (= ``any_postgres``), which runs a test on both:
  `.dsn(user, dbname, via=proxy)` for the users postgres, monitor (pg_monitor) and plain (no grants), `.session(user)`,
  `.execute(sql)`, `.database()`, `.freeze()`, `.thaw()`; every session is ended after each test
- ``own_server``: a PostgreSQL of the test's own, which may be killed; ``alone.started_again`` starts it again
- ``pair``: a `.primary` and its streaming `.replica`, for a module
- ``pooler``: a PgBouncer before ``postgres15`` with a pool of one session; `.dsn`, `.port`
- ``watched_pooler``: one with the pools of ``pgbouncer.WATCHED``; `.way(database, user)`, `.console("show pools")`
- ``redis_server``: a Redis of the test's own (`.url(login, database, via=proxy)`, `.cli(…)` is redis-cli, `.info()`,
  `.freeze() .thaw() .stop() .start()`); ``open_redis("--maxclients", "3")`` starts more, ``tls=True`` with TLS
- ``alertmanager``: an Alertmanager of the test's own; `.tell(name, for_s=, **labels)`, `.silence()`, `.alerts()`;
  ``open_ruler(rules, alertmanager)`` starts a Prometheus that evaluates rules over `exporter` and tells it each second
- ``victoria``: a VictoriaMetrics of the test's own, which scrapes `exporter` every second; `.url .value()`
- ``wall``: a wall clock for programs started with `.environ`, by libfaketime; `.set(ahead_s)` also while they run
- ``web``: an HTTP server for one test; `.reply(Reply(...), at="/path")`, `.url`, `.requests`, `.stop()`, `.start()`;
  see `web.py` for json_reply, redirect, gzip_bomb and what a Reply can do wrong
- ``open_web``: makes more of them, ``open_web(authority.expired)`` with TLS; ``authority`` has `.ca_file`, `.good`,
  `.expired`, `.wrong_host` and `.issue(name, hosts=, days=)`
- ``proxy``: ``proxy(server.address)`` makes a `FaultProxy` (`.address`, `.port`, `.delay() .throttle() .black_hole()
  .cut_after() .reset() .refuse() .heal()`, `.accepted`, `.live`)
- ``folder``: the session's temporary folder, short and open to the user the servers run as; ``tmp_path`` is not

A server that is neither installed nor to be fetched ends the session with code 3 and says how to get it.
"""
