"""The four services as processes: started with their environment, and again, with backoff, when one dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.attachment_keys import ATTACHMENT_KEYS_FILE
from deploy.checkpoint_key import PRIVATE_FILE, PUBLIC_FILE
from deploy.failure import Failure
from deploy.local.databases import Server, app_login, login_dsn, owner_login
from deploy.local.layout import Layout
from deploy.local.placement import clean_environment
from deploy.local.ports import HOST
from deploy.local.processes import Child, Program, Register, tail
from deploy.local.settings import LOGIN_VARIABLES
from shared.words import Text

FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0
# Who ran this long before it died starts again at once.
HEALTHY_SECONDS = 30.0
# Deaths in a row after which a service that never was ready is not worth waiting for.
HOPELESS_DEATHS = 3
READY_SECONDS = 90.0
# Which service speaks over robots and mail.
TELLS_REPS = "followup"
# Which one keeps records.
KEEPS_RECORDS = "archive"
# And which one takes the decisions that their links carry.
READS_LINKS = "archive"
# Which one keeps the audit.
KEEPS_AUDIT = "archive"
LARGEST_LOG = 50_000_000
LOG_CHECK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all services of a stack are told."""

    layout: Layout
    postgres: Server
    kafka: str
    kafka_is_embedded: bool
    clock: Mapping[str, str]
    """TIERLINE_CLOCK__… of a stack with a business date of its own; empty otherwise."""
    archive_base: str | None = None
    """Where people reach archive: what personal messages link to."""

    def environment(self, service: str, port: int) -> dict[str, str]:
        """A service's environment: the user's own TIERLINE_ settings hold where the stack does not decide."""
        app, owner = app_login(service), owner_login(service)
        inherited = clean_environment()
        if self.kafka_is_embedded:
            inherited = {name: value for name, value in inherited.items() if name not in LOGIN_VARIABLES}
        return {
            **inherited,
            "PYTHONUNBUFFERED": "1",
            "TIERLINE_DATABASE__DSN": login_dsn(self.postgres, app, service),
            "TIERLINE_DATABASE__PASSWORD_FILE": str(self.layout.password_file(app).resolve()),
            "TIERLINE_DATABASE__OWNER_DSN": login_dsn(self.postgres, owner, service),
            "TIERLINE_DATABASE__OWNER_PASSWORD_FILE": str(self.layout.password_file(owner).resolve()),
            "TIERLINE_KAFKA__BOOTSTRAP": self.kafka,
            "TIERLINE_KAFKA__EMBEDDED": str(self.kafka_is_embedded).lower(),
            "TIERLINE_HTTP__HOST": HOST,
            "TIERLINE_HTTP__PORT": str(port),
            "TIERLINE_IDENTITY__JWKS_FILE": str((self.layout.keys / "jwks.json").resolve()),
            **self.clock,
            **self._channels(service),
            **self._attachments(service),
            **self._links(service, inherited),
            **self._checkpoints(service),
        }

    def _channels(self, service: str) -> dict[str, str]:
        """The stack's own channels file where there is one; a variable of the user's holds otherwise."""
        there = service == TELLS_REPS and self.layout.channels.exists()
        return {"TIERLINE_CHANNELS_FILE": str(self.layout.channels.resolve())} if there else {}

    def _attachments(self, service: str) -> dict[str, str]:
        """The keys of records' attachments, and a folder for these unless the user has a place."""
        if service != KEEPS_RECORDS:
            return {}
        place = self.layout.objects.resolve().as_uri()
        return {
            "TIERLINE_MASTER_KEYS_FILE": str((self.layout.keys / ATTACHMENT_KEYS_FILE).resolve()),
            "TIERLINE_OBJECTS__URL": os.environ.get("TIERLINE_OBJECTS__URL") or place,
        }

    def _links(self, service: str, inherited: Mapping[str, str]) -> dict[str, str]:
        """The key of personal links for who makes and who reads them; the user's own address of archive holds."""
        if service not in {TELLS_REPS, READS_LINKS}:
            return {}
        told = {"TIERLINE_LINK_KEY_FILE": str(self.layout.link_key().resolve())}
        if service == TELLS_REPS and self.archive_base is not None and "TIERLINE_ARCHIVE_BASE" not in inherited:
            told["TIERLINE_ARCHIVE_BASE"] = self.archive_base
        return told

    def _checkpoints(self, service: str) -> dict[str, str]:
        """The key that signs the audit's tree heads, and a folder as their second place unless the user has one."""
        if service != KEEPS_AUDIT:
            return {}
        place = self.layout.checkpoints.resolve().as_uri()
        return {
            "TIERLINE_CHECKPOINTS__KEY_FILE": str((self.layout.keys / PRIVATE_FILE).resolve()),
            "TIERLINE_CHECKPOINTS__PUBLIC_FILE": str((self.layout.keys / PUBLIC_FILE).resolve()),
            "TIERLINE_CHECKPOINTS__URL": os.environ.get("TIERLINE_CHECKPOINTS__URL") or place,
        }

    def program(self, service: str, port: int) -> Program:
        """The service's command."""
        return Program(
            service,
            [sys.executable, "-m", f"services.{service}"],
            self.layout.logs / f"{service}.log",
            environment=self.environment(service, port),
            folder=Path.cwd(),
        )


class SupervisedService:
    """One service, kept running until it is stopped."""

    def __init__(
        self,
        name: str,
        port: int,
        surroundings: Surroundings,
        register: Register,
        *,
        on_change: Callable[[], None],
        on_death: Callable[[str, int, float], None],
    ) -> None:
        self.name = name
        self.url = f"http://{HOST}:{port}"
        self._program = surroundings.program(name, port)
        self._register = register
        self._on_change = on_change
        self._on_death = on_death
        self._child: Child | None = None
        self._deaths = 0
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Its process; None between a death and the next start."""
        return None if self._child is None else self._child.pid

    async def run(self) -> None:
        """Keep it running until it is stopped."""
        backoff = FIRST_BACKOFF
        while not self._stopping.is_set():
            began = time.monotonic()
            child = self._child = await self._register.start(self._program)
            if self._stopping.is_set():
                child.cut()
            self._on_change()
            code = await child.ended()
            self._child = None
            if self._stopping.is_set():
                return
            self._deaths += 1
            backoff = FIRST_BACKOFF if time.monotonic() - began > HEALTHY_SECONDS else backoff
            self._on_change()
            self._on_death(self.name, code, backoff)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF)

    async def until_ready(self, client: httpx.AsyncClient) -> None:
        """Return when it says that it is ready; Failure with its log when it keeps dying, or takes too long."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                while self._deaths < HOPELESS_DEATHS:
                    if await is_ready(client, self.url):
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pass
        raise Failure(
            Text(en=f"The service {self.name} does not get ready.", zh=f"服务 {self.name} 未能就绪。"),
            Text(en=f"Its log: {self._program.log}", zh=f"日志：{self._program.log}"),
            detail=tail(self._program.log),
        )

    async def stop(self, within: float) -> None:
        """Let it drain, and end it; a drain cut off after `within` seconds loses nothing."""
        self._stopping.set()
        if self._child is not None:
            await self._child.end(within)

    def cut(self) -> None:
        """End it at once; nothing is lost by that, only repeated."""
        self._stopping.set()
        if self._child is not None:
            self._child.cut()


async def is_ready(client: httpx.AsyncClient, url: str) -> bool:
    """Whether the service at `url` says that it is ready."""
    try:
        return (await client.get(f"{url}/readyz")).is_success
    except httpx.HTTPError:
        return False


async def keep_logs_small(folder: Path) -> None:
    """Put a log that has grown too large aside, one generation of it, for ever."""
    while True:
        await asyncio.to_thread(set_aside_large, folder)
        await asyncio.sleep(LOG_CHECK_SECONDS)


def set_aside_large(folder: Path) -> None:
    """Copy large logs to `.1` and empty them; what is written in between is lost."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > LARGEST_LOG:
            # The writer holds the file open for appending, so it cannot be renamed.
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)
