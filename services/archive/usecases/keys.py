"""Data keys wrapped anew, so that an old master key can be taken away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from services.archive.domain.envelope import AlteredError, WrappedKey
from services.archive.ports.keys import DataKeys, MasterKeys
from services.archive.usecases.desk import Desk
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.identity import Principal

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeysHeld:
    """How many data keys each master key wraps; `missing` are masters that wrap some and that nobody gave us."""

    newest: str
    wraps: Mapping[str, int]
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """A batch: so many keys under `newest` now, those that could not be unwrapped, and after which piece to go on.

    `left` counts what other master keys still wrap; `after` is None when the round is over.
    """

    newest: str
    keys: int
    unreadable: Sequence[str]
    after: str | None
    left: int


class RewrapKeys:
    """A batch is a transaction with its entry in the audit: whoever dies in the middle of one has done nothing of it.

    A round goes through all keys that another master key wraps; another round finds only what is left. At the end of
    one the old wrappings are taken out of the table's pages, where they would lie until its next vacuum.
    """

    def __init__(
        self, desk: Desk, keys: DataKeys, masters: MasterKeys, *, at_once: int, sweep: Callable[[], Awaitable[None]]
    ) -> None:
        self._desk = desk
        self._keys = keys
        self._masters = masters
        self._at_once = at_once
        self._sweep = sweep

    async def held(self, by: Principal) -> KeysHeld:
        """Which master keys are in use."""
        async with self._desk.database.transaction() as tx:
            wraps = await self._keys.count(tx)
            await self._desk.trail.append(tx, by, Deed("file.searched", "attachment_keys.counted"))
        known = dict.fromkeys(self._masters.names, 0)
        return KeysHeld(self._masters.newest, known | dict(wraps), sorted(wraps.keys() - known.keys()))

    async def __call__(self, by: Principal, after: str, reason: str) -> Rewrapped:
        """Wrap the next keys anew, from the one after `after` on."""
        newest = self._masters.newest
        async with self._desk.database.transaction() as tx:
            taken = await self._keys.take(tx, newest, after, self._at_once)
            anew: dict[str, WrappedKey] = {}
            unreadable = []
            for attachment_id, key in taken:
                try:
                    anew[attachment_id] = self._masters.rewrap(attachment_id, key)
                except AlteredError:
                    unreadable.append(attachment_id)
            if anew:
                await self._keys.rewrap(tx, anew)
            left = sum(count for master, count in (await self._keys.count(tx)).items() if master != newest)
            masters = " ".join(sorted({key.master for _, key in taken}))
            done = f"{len(anew)} under {newest}, before {masters or '-'}; {len(unreadable)} unreadable; {left} left"
            deed = Deed("decision.made", "attachment_keys.rewrapped", NO_ONE_FILE, reason=f"{done}: {reason}"[:1000])
            await self._desk.trail.append(tx, by, deed)
        last = taken[-1][0] if len(taken) == self._at_once else None
        log.info("attachment_keys_rewrapped", keys=len(anew), unreadable=len(unreadable), left=left)
        if last is None:
            await self._sweep()
        return Rewrapped(newest, len(anew), unreadable, last, left)
