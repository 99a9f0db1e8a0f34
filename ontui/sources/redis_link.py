"""The one connection that is kept to a Redis, and what its refusals and failures are called."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from redis._parsers import _AsyncRESP2Parser
from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.exceptions import AuthenticationWrongNumberOfArgsError, InvalidResponse, RedisError, ResponseError

from ontui.domain.sample import Fault, FaultKind
from ontui.domain.secret import Secrets
from ontui.domain.source import RedisSource
from ontui.domain.text import one_line
from ontui.sources.failed import Down
from ontui.sources.network import network_fault

NAME = "ontui"
LONGEST = 262_144
"""Bytes of an answer; INFO has a few thousand, and forty for each database."""
_KINDS = (
    (FaultKind.SATURATED, r"ERR max number of clients|BUSY "),
    (FaultKind.STARTING, r"LOADING"),
    (FaultKind.AUTH, r"NOAUTH|WRONGPASS|NOPERM|DENIED|ERR invalid (username-)?password|ERR .*\bAUTH\b"),
)

MOST = 2**63 - 1
"""Elements a key may have."""


class Refused(Exception):
    """The server answered with an error; the connection is as good as before."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.word = text.partition(" ")[0]
        """`NOPERM`, `LOADING`, `ERR` …"""

    @property
    def fault(self) -> Fault:
        """The same as a reason why nothing could be asked."""
        kind = next((kind for kind, start in _KINDS if re.match(start, self.text)), FaultKind.PROTOCOL)
        if kind is FaultKind.SATURATED and self.word != "BUSY":
            return Fault(kind, "TOO MANY CLIENTS: the server refuses new connections (max number of clients reached)")
        return Fault(kind, self.text if kind is not FaultKind.PROTOCOL else f"the server refused: {self.text}")


class _Answers(_AsyncRESP2Parser):
    """Only what we ask for: short texts; and every error in the server's own words."""

    @classmethod
    def parse_error(cls, response: str) -> ResponseError:
        """The whole text; redis-py cuts the first word off, and takes some of them for a broken connection."""
        if re.search(r"wrong number of arguments for 'auth'", response, re.I):
            return AuthenticationWrongNumberOfArgsError(response)   # Redis 5: redis-py asks again without the user
        return ResponseError(response)

    async def _readline(self) -> bytes:
        line: bytes = await super()._readline()
        if line[:1] == b"*":
            raise InvalidResponse("an answer of a kind that was not asked for")
        return line

    async def _read(self, length: int) -> bytes:
        if not 0 <= length <= LONGEST:
            raise InvalidResponse(f"an answer of {length} bytes")
        data: bytes = await super()._read(length)
        return data


class Link:
    """Opened when it is first needed, and opened again after it broke."""

    def __init__(self, source: RedisSource) -> None:
        self._secrets = Secrets([source.url])
        self._connection: AbstractConnection | None = None
        self._closed = False
        self._wrong = ""
        self._given: dict[str, Any] = {}
        try:
            self._given = dict(parse_url(str(source.url)))
        except ValueError as error:
            self._wrong = one_line(error)
        password = str(self._given.get("password") or "")
        self._secrets.add(password, unquote(password))
        self.user = str(self._given.get("username") or "default")
        """Whom the server takes us for."""
        named = self._given.pop("db", None)
        self.database = None if named is None else f"db{named}"
        """The database that the url names."""
        self.unselected = False
        """Whether we were not allowed to select it."""
        self.own_hits = self.own_misses = 0
        """Keys that we ourselves asked for, which the server counts as lookups too."""
        self._make = self._given.pop("connection_class", Connection)
        # No retries, which took 15 s to see a frozen server; and one deadline for all of a poll instead of one a read.
        self._given |= {"retry": None, "socket_timeout": None, "socket_connect_timeout": None}
        self._given |= {"protocol": 2, "driver_info": None, "parser_class": _Answers}
        self._given |= {"decode_responses": True, "encoding_errors": "replace"}
        try:
            self._make(**self._given)
        except (RedisError, TypeError):   # no such option for this scheme, or no such value of it
            self._wrong = self._wrong or "the options of the url do not fit it"

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as we know."""
        return self._connection is not None

    def hide(self, text: str) -> str:
        """The text without the password."""
        return self._secrets.mask(text)

    async def ready(self) -> bool:
        """Be connected; true when the connection is a new one. Raises Down."""
        if self._connection is not None:
            return False
        if self._wrong or self._closed:
            raise Down(Fault(FaultKind.CONFIG, self._wrong) if self._wrong else Fault(FaultKind.LOST, "closed by us"))
        connection: AbstractConnection = self._make(**self._given)
        try:
            await connection.connect()  # type: ignore[no-untyped-call] # redis-py's own lack
            if not self._closed:
                self._connection = connection
        except ResponseError as error:
            raise Down(Refused(self.hide(one_line(error))).fault) from None
        except (RedisError, OSError, ValueError) as error:
            raise Down(self._fault(error)) from None
        finally:
            if self._connection is None:   # also when our time was over half-way
                await connection.disconnect(nowait=True)
        await self._introduce()
        await self._select()
        return True

    async def ask(self, *words: str) -> str:
        """The answer to a command that is answered with a text; raises Refused, or Down with the connection dropped."""
        answer = await self._answer(words)
        if isinstance(answer, str):
            return answer
        await self.drop()
        raise Down(Fault(FaultKind.PROTOCOL, "does not speak Redis: answered without a text"))

    async def count(self, *words: str) -> int:
        """The same for one that is answered with how many there are."""
        answer = await self._answer(words)
        if isinstance(answer, int) and 0 <= answer <= MOST:
            return answer
        await self.drop()
        raise Down(Fault(FaultKind.PROTOCOL, "does not speak Redis: answered without a count"))

    async def _answer(self, words: Sequence[str]) -> object:
        connection = self._connection
        if connection is None:
            raise Down(Fault(FaultKind.LOST, "the connection is closed"))
        try:
            await connection.send_command(*words, check_health=False)
            return await connection.read_response()
        except ResponseError as error:
            raise Refused(self.hide(one_line(error))) from None
        except (RedisError, OSError, ValueError) as error:   # ValueError: what should be a number is none
            fault = self._fault(error)
            await self.drop()
            raise Down(fault) from None

    async def drop(self) -> None:
        """Forget the connection, and do not wait for the other side."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def close(self) -> None:
        """Drop the connection and open no other."""
        self._closed = True
        await self.drop()

    async def _introduce(self) -> None:
        """Say who we are, where that is allowed: it is for people who read CLIENT LIST."""
        try:
            await self.ask("CLIENT", "SETNAME", NAME)
        except Refused as refused:
            if refused.fault.kind is FaultKind.SATURATED:
                await self.drop()
                raise Down(refused.fault) from None

    async def _select(self) -> None:
        """Go where the url points: of a database that is not there, INFO would say that it is empty."""
        self.unselected = False
        if self.database in (None, "db0"):
            return
        name = str(self.database).removeprefix("db")
        try:
            await self.ask("SELECT", name)
        except Refused as refused:
            self.unselected = refused.word == "NOPERM"
            if self.unselected:
                return
            await self.drop()
            fault = refused.fault
            if fault.kind is FaultKind.PROTOCOL:
                fault = Fault(FaultKind.CONFIG, f"database {name} was refused: {refused.text}")
            raise Down(fault) from None

    def _fault(self, error: Exception) -> Fault:
        if isinstance(error, InvalidResponse | ValueError):
            what = re.sub(r"^Protocol Error: b?", "answered ", str(error))
            what = re.sub(r"^(invalid literal for int\(\)[^:]*): b?", "a length or count that is no number: ", what)
            return Fault(FaultKind.PROTOCOL, self.hide(f"does not speak Redis: {one_line(what, 120)}"))
        if found := network_fault(error):
            return found
        text = one_line(error)
        if "No such file" in text:
            at_socket = "path" in self._given
            words = "no server at this socket" if at_socket else "a file that the url names cannot be read"
            return Fault(FaultKind.REFUSED if at_socket else FaultKind.CONFIG, words)
        if "closed by server" in text:
            return Fault(FaultKind.LOST, "the server closed the connection")
        return Fault(FaultKind.LOST, self.hide(text))
