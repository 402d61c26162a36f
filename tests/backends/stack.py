"""A whole Tierline as its operator runs it, `tierline up`, on servers that the test holds."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from deploy.failure import Failure
from deploy.local.layout import Layout
from deploy.local.state import StackState, read_state
from shared.identity import KEY_FILE, TokenSigner
from shared.roles import Role
from tests.backends.model import Broker, DatabaseServer
from tests.backends.processes import ServerProcess

START_SECONDS = 120.0
STOP_SECONDS = 15.0
TIERLINE = (sys.executable, "-m", "deploy.cli")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Person:
    """Somebody whom the stack's own key vouches for."""

    name: str
    role: Role
    department: str | None = None


TESTER = Person("tester", Role.OPS)


class LocalStack:
    """One data folder's stack; its processes are found as any program would, through the folder."""

    def __init__(
        self,
        folder: Path,
        broker: Broker,
        database_server: DatabaseServer,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.broker = broker
        self.database_server = database_server
        self.layout = Layout(folder / "data")
        self._log = folder / "up.log"
        forgetful = str(not broker.keeps_acknowledged).lower()
        told = {"PYTHONPATH": str(ROOT), "TIERLINE_KAFKA__EMBEDDED": forgetful}
        self._environment = {**os.environ, **told, **(environment or {})}
        self._supervisor: ServerProcess | None = None

    @property
    def state(self) -> StackState:
        """Addresses and process ids; `Failure` while none runs."""
        return read_state(self.layout)

    def start(self, today: date | None = None) -> None:
        """Return when all services are ready, on the business date `today` if one is given."""
        servers = ("--kafka", self.broker.bootstrap, "--postgres", self.database_server.dsn)
        date_option = ("--today", str(today)) if today else ()
        self._supervisor = ServerProcess(
            "tierline up",
            [*TIERLINE, "up", "--data", str(self.layout.root), *servers, *date_option],
            self._log,
            env=self._environment,
            folder=ROOT,
        )
        self._supervisor.start(self._is_ready, START_SECONDS)

    def stop(self) -> float:
        """End it in order; returns how many seconds that took."""
        begun = time.monotonic()
        if self._supervisor:
            self._supervisor.stop(STOP_SECONDS)
        return time.monotonic() - begun

    async def command(self, *words: str) -> Any:
        """What `tierline … --json` says of this stack; `CalledProcessError` when it fails."""
        process = await asyncio.create_subprocess_exec(
            *(*TIERLINE, *words, "--data", str(self.layout.root), "--json"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment,
            cwd=ROOT,
        )
        told, _ = await process.communicate()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, words, told)
        return json.loads(told)

    def log(self, service: str) -> str:
        """All that a service has logged."""
        return (self.layout.logs / f"{service}.log").read_text(errors="replace")

    def pid(self, service: str) -> int | None:
        """The service's process; none while it is about to be started again."""
        return self.state.services[service].pid

    def signal(self, service: str, number: signal.Signals) -> int | None:
        """Signal a service's process, if it has one; returns its id."""
        pid = self.pid(service)
        if pid is not None:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return None
        return pid

    def database(self, service: str) -> str:
        """A superuser's DSN of the service's database."""
        return urlunsplit(urlsplit(self.database_server.dsn)._replace(path=f"/{service}"))

    async def get(self, service: str, path: str, *, who: Person = TESTER, **query: Any) -> Any:
        """What the service answers to `who`, as JSON; `httpx.HTTPStatusError` when that is no success."""
        return await self._ask("GET", service, path, who, params=query)

    async def post(self, service: str, path: str, body: object = None, *, who: Person = TESTER) -> Any:
        """The same for a request with a body."""
        return await self._ask("POST", service, path, who, json=body)

    async def until_ready(self, *services: str, within: float = START_SECONDS) -> None:
        """Return when these services (all, if none is named) say that they are ready."""
        for service in services or tuple(self.state.services):
            await eventually(lambda s=service: self._says_ready(s), f"{service} ready", within)  # type: ignore[misc]

    async def _says_ready(self, service: str) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                return (await client.get(f"{self.state.services[service].url}/readyz")).is_success
        except httpx.HTTPError:
            return False

    async def _ask(self, method: str, service: str, path: str, who: Person, **request: Any) -> Any:
        token = TokenSigner.from_file(self.layout.keys / KEY_FILE).sign(who.name, who.role, who.department)
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = await client.request(
                method,
                f"{self.state.services[service].url}{path}",
                headers={"Authorization": f"Bearer {token}"},
                **request,
            )
        if answer.is_error:
            raise httpx.HTTPStatusError(f"{answer.status_code}: {answer.text}", request=answer.request, response=answer)
        return answer.json()

    def _is_ready(self) -> bool:
        try:
            services = self.state.services.values()
            with httpx.Client(trust_env=False, timeout=5) as client:
                return len(services) > 0 and all(client.get(f"{s.url}/readyz").is_success for s in services)
        except (Failure, httpx.HTTPError):
            return False


async def eventually(condition: Callable[[], Awaitable[bool]], what: str, within: float) -> None:
    """Poll `condition` until it holds; raise `TimeoutError` naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {within:g} s")
        await asyncio.sleep(0.1)
