"""A service's HTTP as its `__main__` puts it together, over a database whose moments can be taken back."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from joserfc.jwk import OKPKey

from shared.contracts.organisation import PersonDeparted, PersonRecorded
from shared.engine.model import Event
from shared.engine.postgres import SESSION
from shared.identity import TokenSigner
from shared.proof.notes import new_signing_key
from shared.roles import Role
from shared.runtime import Plant, Service
from tests.integration.tables import as_login

DESK, READING_ROOM = "10.0.0.9", "10.9.0.5"
"""Addresses: a desk like any other, and one in the reading room."""


class OneConnection:
    """A pool of one connection: what is committed inside a moment is a savepoint of the moment's transaction."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        yield self._connection

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        return list(await self._connection.fetch(query, *args))

    async def fetchrow(self, query: str, *args: Any) -> Any:
        return await self._connection.fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        return await self._connection.fetchval(query, *args)

    async def execute(self, query: str, *args: Any) -> str:
        return str(await self._connection.execute(query, *args))

    async def close(self) -> None: ...


@dataclass
class Doors:
    """One service's doors, and who stands before them; `dsn` is a superuser's."""

    service: str
    app: FastAPI
    built: Service
    key: OKPKey
    dsn: str

    def __post_init__(self) -> None:
        self.database = self.built.database
        self._signer = TokenSigner(self.key)
        self._tokens: dict[tuple[str, Role, str | None], str] = {}
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._connection: asyncpg.Connection[Any] | None = None
        self._slipping: dict[str, list[tuple[Any, ...]]] | None = None

    async def ask(  # noqa: PLR0913 - who asks for what, from where
        self, person: str, role: Role, method: str, path: str, *,
        department: str | None = None, at: str = DESK, body: Any = None, content: bytes | None = None,
    ) -> httpx.Response:  # fmt: skip
        """What somebody is answered."""
        headers = {"Authorization": f"Bearer {self.token(person, role, department)}"}
        return await self._client(at).request(method, path, headers=headers, json=body, content=content)

    async def pass_on(  # noqa: PLR0913, PLR0917 - who asks, and all that goes over the wire
        self, person: str, role: Role, department: str | None, method: str | None, url: str | None,
        headers: Mapping[str, str], content: bytes | str | None,
    ) -> httpx.Response:  # fmt: skip
        """What somebody is answered to a request that is given byte for byte."""
        sent = {**headers, "Authorization": f"Bearer {self.token(person, role, department)}"}
        return await self._client(DESK).request(str(method), str(url), headers=sent, content=content)

    async def ask_with(self, authorization: str | None, method: str, path: str) -> httpx.Response:
        """What is answered to a request that says who asks in words of its own, or not at all."""
        headers = {} if authorization is None else {"Authorization": authorization}
        return await self._client(DESK).request(method, path, headers=headers)

    def token(self, person: str, role: Role, department: str | None) -> str:
        """A token of somebody's, good for an hour; signed once."""
        held = (person, role, department)
        if held not in self._tokens:
            self._tokens[held] = self._signer.sign(*held, timedelta(hours=1))
        return self._tokens[held]

    def _client(self, at: str) -> httpx.AsyncClient:
        if at not in self._clients:
            transport = httpx.ASGITransport(self.app, client=(at, 1))
            self._clients[at] = httpx.AsyncClient(transport=transport, base_url=f"http://{self.service}")
        return self._clients[at]

    @asynccontextmanager
    async def moment(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        """A while that leaves no trace: whatever commits in it is taken back at its end; yields its connection.

        With the rights of the service's everyday login, like everything that the service does.
        """
        if self._connection is None:
            self._connection = await asyncpg.connect(self.dsn, server_settings=SESSION)
            await self._connection.execute(f"SET ROLE {self.service}_app")
        connection = self._connection
        pool, self.database._pool = self.database._pool, OneConnection(connection)
        moment = connection.transaction()
        await moment.start()
        try:
            yield connection
        finally:
            await moment.rollback()
            self.database._pool = pool

    async def tell(self, *told: PersonRecorded | PersonDeparted, since: datetime) -> None:
        """Let the service read `organisation.v1`, an hour between events."""
        handler = next(s.handler for s in self.built.subscriptions if "organisation.v1" in s.topics)
        for hours, data in enumerate(told):
            at = since + timedelta(hours=hours)
            kind = "person.recorded" if isinstance(data, PersonRecorded) else "person.departed"
            event = Event(f"told-{hours}", "/hr", kind, at, "", data, 0)
            async with self.database.transaction() as tx:
                work = await handler.load(tx, [event])
                handler.decide(work, event, at)
                await handler.save(tx, work)

    async def slip_in(self, statement: str, *args: Any) -> None:
        """Put into the tables, within a moment, what their triggers would let nobody put there."""
        if self._slipping is not None:
            self._slipping.setdefault(statement, []).append(args)
            return
        async with self.slipping():
            await self.slip_in(statement, *args)

    @asynccontextmanager
    async def slipping(self) -> AsyncIterator[None]:
        """While this lasts, what is slipped in is gathered; it is put there at the end, all rows of a kind at once."""
        connection = self._connection
        assert connection is not None
        self._slipping = {}
        try:
            yield
            gathered = self._slipping
        finally:
            self._slipping = None
        if gathered:
            await connection.execute("RESET ROLE; SET session_replication_role = replica")
            for statement, rows in gathered.items():
                await connection.executemany(statement, rows)
            await connection.execute(f"SET session_replication_role = DEFAULT; SET ROLE {self.service}_app")

    async def told(self) -> int:
        """How far the outbox has come."""
        return int(await self.database.fetchval("SELECT coalesce(max(frame_id), 0) FROM outbox"))

    async def denials(self, since: int) -> list[dict[str, Any]]:
        """What the outbox tells the audit of people turned away, in its order; only what came after `since`."""
        rows = await self.database.fetch(
            "SELECT record_values FROM outbox WHERE topic = 'audit.v1' AND frame_id > $1 ORDER BY frame_id", since
        )
        events = [json.loads(value) for row in rows for value in row["record_values"]]
        return [event["data"] for event in events if event["data"].get("outcome") == "denied"]

    async def bury(self) -> int:
        """Let a record be refused; the number of its dead letter."""
        number = await self.database.fetchval(
            "INSERT INTO dead_letters (topic, partition, record_offset, header_names, header_values, recorded_at, code,"
            " detail) VALUES ('orders.v1', 0, 1, '{}', '{}', now(), 'x', 'x') RETURNING letter_id"
        )
        return int(number)

    def operations(self) -> set[str]:
        """Every route that OpenAPI tells of: "GET /audit"."""
        paths = self.app.openapi()["paths"]
        return {f"{method.upper()} {path}" for path, item in paths.items() for method in item}

    def routes(self) -> set[str]:
        """Every route that there is, told of in OpenAPI or not."""
        found = iter_route_contexts(self.app.routes)
        return {f"{method} {route.path_format}" for route in found for method in route.methods or ()}

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        if self._connection is not None:
            await self._connection.close()
        await self.database.close()


def open_doors(service: str, dsn: str, folder: Path, **more: Any) -> Doors:
    """The service over that database (a superuser's DSN), with keys and folders of its own and `more` settings."""
    folder.mkdir(parents=True, exist_ok=True)
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    (folder / "jwks.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    module, settings = import_module(f"services.{service}.__main__"), import_module(f"services.{service}.settings")
    settings_type: Any = getattr(settings, f"{service.capitalize()}Settings")
    built = module.build(
        settings_type(
            database={"dsn": as_login(dsn, f"{service}_app")},
            identity={"jwks_file": folder / "jwks.json"},
            **(archives(folder) if service == "archive" else {}),
            **more,
        )
    )
    if "clock" in more:
        # A business date that was chosen for what is due on it must not turn at midnight.
        moment = datetime.now(UTC)
        built.clock._real = lambda: moment
    return Doors(service, Plant(built).app, built, key, dsn)


def archives(folder: Path) -> dict[str, Any]:
    """What archive is told besides: its places and keys."""
    for name in ("objects", "outside"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "master-keys").write_text(f"m1 {base64.b64encode(b'k' * 32).decode()}\n")
    (folder / "checkpoint-key").write_text(new_signing_key().encode())
    (folder / "link-key").write_text("5b" * 32)
    return {
        "objects": {"url": (folder / "objects").as_uri()},
        "master_keys_file": folder / "master-keys",
        "checkpoints": {"url": (folder / "outside").as_uri(), "key_file": folder / "checkpoint-key"},
        "link_key_file": folder / "link-key",
    }
