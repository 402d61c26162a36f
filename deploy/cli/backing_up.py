"""Backups by themselves: whenever archive says that one is due, a process of its own makes it (A8)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.backup.keys import read_recipients
from deploy.backup.stack import recipients_file
from deploy.cli.client import StackClient
from deploy.failure import Failure
from deploy.local.layout import Layout
from deploy.local.processes import Program, Register, tail
from shared.roles import Role
from shared.words import Text

LOOK_SECONDS = 60.0
# A full disk or a lost key does not mend itself within a minute; archive asks operations to look meanwhile.
AFTER_FAILURE_SECONDS = 3600.0
END_SECONDS = 5.0


async def keep_backed_up(layout: Layout, report: Callable[[Text], None], look_seconds: float = LOOK_SECONDS) -> None:
    """Make each month's backup on its day, for ever. Without a key for backups nothing is made, as doctor says."""
    while True:
        await asyncio.sleep(look_seconds)
        if await asyncio.to_thread(is_due, layout) and not await make_now(layout, report):
            await asyncio.sleep(AFTER_FAILURE_SECONDS)


def is_due(layout: Layout) -> bool:
    """Whether a backup is to be made now, and could be opened again; not while archive does not say."""
    try:
        if not read_recipients(recipients_file(layout)):
            return False
        with StackClient(layout, Role.OPS) as client:
            return bool(client.get("archive", "/backups/due")["due"])
    except Failure:
        return False


async def make_now(layout: Layout, report: Callable[[Text], None]) -> bool:
    """Make one, and say what came of it."""
    log = layout.logs / "backup.log"
    log.unlink(missing_ok=True)
    make = [sys.executable, "-m", "deploy.cli", "backup", "make", "--if-due", "--json"]
    command = [*make, "--data", str(layout.root.absolute())]
    program = Program("backup", command, log, environment=dict(os.environ), folder=Path.cwd())
    child = await Register(layout.processes).start(program)
    try:
        good = await child.ended() == 0
    except asyncio.CancelledError:
        await child.end(END_SECONDS)
        raise
    last = tail(log).rpartition("\n")[2]
    if good:
        made = json.loads(last)
        if made is not None:
            name = made["backup"]
            report(Text(en=f"Backed up and proved: {name}", zh=f"备份完成并验证可恢复：{name}"))
    else:
        report(Text(en=f"The backup failed: {last}", zh=f"备份失败：{last}"))
    return good
