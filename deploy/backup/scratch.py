"""A restore drill: the backup comes back on a server of its own, is counted and verified, and goes again."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyrage import x25519

from deploy.backup.loading import Loaded, Target, load
from deploy.backup.opening import Examined, WrongKey, examine, unsealed
from deploy.backup.places import Place
from deploy.backup.signing import Believed
from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout, is_running, locked
from deploy.local.postgres import SETTINGS, EmbeddedPostgres
from deploy.local.processes import Register
from shared.words import Text

# What is thrown away need not outlive a power cut, and shares the machine with the stack itself.
THROWAWAY = {
    **SETTINGS,
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "1GB",
    "max_connections": "20",
    "logging_collector": "off",
}
STOP_SECONDS = 10.0
PREFIX = "tierline-drill-"


@dataclass(frozen=True, slots=True)
class Proved:
    """A backup that came back whole."""

    examined: Examined
    loaded: Loaded
    seconds: float


class NotBack(Failure):
    """A backup was there, its key fitted, and it did not come back as it was, or is of nobody who is believed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.what, failure.next_step, code=ExitCode.NOT_SO, detail=failure.detail)


async def drill(place: Place, name: str, identity: x25519.Identity, believed: Believed, folder: Path | None) -> Proved:
    """Look who signed a backup, restore it beside everything, and throw that away.

    `NotBack` when that is the backup's fault, as far as anybody can tell; any other Failure says nothing about it.
    """
    began = time.monotonic()
    with place.reading(name) as source, blaming():
        examined = await asyncio.to_thread(examine, source, identity, name, believed)
    async with scratch_server(folder) as target:
        with place.reading(name) as source, blaming(), unsealed(source, identity, examined) as opened:
            loaded = await load(opened, target)
        return Proved(examined, loaded, time.monotonic() - began)


@contextmanager
def blaming() -> Iterator[None]:
    """What goes wrong in here is the backup's fault, but for a key that does not fit."""
    try:
        yield
    except WrongKey:
        raise
    except Failure as failure:
        raise NotBack(failure) from failure


@asynccontextmanager
async def scratch_server(folder: Path | None) -> AsyncIterator[Target]:
    """A PostgreSQL in a new folder inside `folder` (None: where temporary files go), with no trace of it left after."""
    await asyncio.to_thread(remove_abandoned, folder)
    layout = await asyncio.to_thread(make_folder, folder)
    with locked(layout):
        server = EmbeddedPostgres(layout, Register(layout.processes), THROWAWAY)
        try:
            yield Target(await server.start(None), layout)
        finally:
            await server.stop(STOP_SECONDS)
            await asyncio.to_thread(remove, layout)


def remove_abandoned(parent: Path | None) -> None:
    """Remove what killed drills left: a whole company's data, unencrypted. One that is under way holds its folder."""
    for folder in Path(parent or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        layout = Layout(folder)
        if folder.lstat().st_uid != os.geteuid() or folder.is_symlink():
            # Somebody else's, or bait: what is written in it must not say what is ended and removed.
            continue
        # Without a lock it is so new that its drill has not come to that, or so old that nothing is in it.
        if layout.lock.exists() and not is_running(layout):
            Register(layout.processes).sweep(STOP_SECONDS)
            remove(layout)


def make_folder(parent: Path | None) -> Layout:
    """A data folder that nobody else may look into; Failure where it cannot be made."""
    try:
        if parent is not None:
            parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        layout = Layout(Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)))
        # Started by root, PostgreSQL runs as another user, who must get through to its cluster.
        layout.root.chmod(0o711)
        layout.create()
    except OSError as error:
        raise Failure(
            Text(
                en=f"There is no place for a drill: {error.strerror}", zh=f"没有可用于恢复演练的位置：{error.strerror}"
            ),
            Text(en="Name one: TIERLINE_BACKUPS__SCRATCH.", zh="请用 TIERLINE_BACKUPS__SCRATCH 指定。"),
            detail=str(error),
        ) from None
    return layout


def remove(layout: Layout) -> None:
    """The folder, and the cluster where that lies outside of it."""
    if layout.postgres.is_symlink():
        shutil.rmtree(layout.postgres.readlink().parent, ignore_errors=True)
    shutil.rmtree(layout.root, ignore_errors=True)
