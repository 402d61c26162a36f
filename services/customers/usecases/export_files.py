"""What a search finds, taken out: each file by its own right, with an entry of its own (A5, N4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.customers.domain import access
from services.customers.domain.access import Grant, GrantsHeld, Reader, Reason, Verdict
from services.customers.domain.files import CustomerHead
from services.customers.domain.opening import opened
from services.customers.ports import GrantStore, Scope, Sought
from services.customers.usecases.read_files import EXPORT, OpenedFile, deed, is_fresh, searched
from services.customers.usecases.reception import NotAllowedError, Reception, denied, file_name
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy

EXPORTED = "customers.exported"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that one answer holds: files found, and the lines that those given out have together."""

    files: int
    lines: int


class TooManyError(Exception):
    """What was found does not fit into one answer: more than `most` `what` ("files" or "lines")."""

    def __init__(self, what: str, most: int) -> None:
        super().__init__(f"more than {most} {what}")
        self.what = what
        self.most = most


@dataclass(frozen=True, slots=True)
class Withheld:
    """A file that was found and stays where it is, and why."""

    customer_id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class TakenOut:
    """What somebody takes out of a search: by id, what is given and what is not."""

    files: tuple[OpenedFile, ...]
    withheld: tuple[Withheld, ...]
    taken_by: str
    taken_at: datetime


class ExportFiles:
    """Takes out what a search finds, whole or not at all: `TooManyError` where it is more than one answer holds.

    Found is what `SearchFiles` finds, so that what the asker may not know of is neither in it nor counted. Each file
    is decided as if it were asked for alone, and uses up its grant as then; all verdicts, all files and all entries are
    of one transaction, and nothing is answered before it has committed.
    """

    def __init__(self, reception: Reception, grants: GrantStore, policy: InForce[Policy], bounds: Bounds) -> None:
        self._reception = reception
        self._grants = grants
        self._policy = policy
        self._bounds = bounds

    async def __call__(self, who: Principal, sought: Sought) -> TakenOut:
        reception = self._reception
        try:
            async with reception.database.transaction() as tx:
                reader = await reception.reader(tx, who)
                heads = await self._found(tx, reader, sought)
                taken = None if heads is None else await self._take(tx, who, reader, heads)
                reason = Reason.ROLE if reader.active else Reason.LEFT
                ids = [head.customer.customer_id for head in heads or ()]
                await reception.trail.append(
                    tx, who, denied(EXPORTED, reason) if taken is None else searched(sought, "", ids, EXPORTED)
                )
        except TooManyError as error:
            # The grants that it would have used are as they were.
            deed_of_it = Deed("access.denied", EXPORTED, NO_ONE_FILE, "denied", str(error))
            async with reception.database.transaction() as tx:
                await reception.trail.append(tx, who, deed_of_it)
            raise
        if taken is None:
            raise NotAllowedError(reason)
        return taken

    async def _found(self, tx: Transaction, reader: Reader, sought: Sought) -> Sequence[CustomerHead] | None:
        """The customers that a search finds; None for who may not search."""
        horizon = access.horizon_of(reader)
        if horizon is None:
            return None
        tiers, terms = (await self._policy(tx)).files.tiers, await self._reception.terms(tx)
        scope = Scope(reader, horizon, access.readable(reader, tiers), terms.default_tier)
        most = self._bounds.files
        heads = await self._reception.files.search(tx, scope, sought, after="", limit=most + 1)
        if len(heads) > most:
            raise TooManyError("files", most)
        return heads

    async def _take(self, tx: Transaction, who: Principal, reader: Reader, heads: Sequence[CustomerHead]) -> TakenOut:
        reception, terms = self._reception, await self._reception.terms(tx)
        verdicts = await self._verdicts(tx, reader, heads)
        given = [head for head in heads if verdicts[head.customer.customer_id].allowed]
        if await reception.files.lines(tx, [head.customer.customer_id for head in given]) > self._bounds.lines:
            raise TooManyError("lines", self._bounds.lines)
        files = await reception.files.all_of(tx, given)
        for name, verdict in verdicts.items():
            await reception.trail.append(tx, who, deed(EXPORT, verdict, file_name(name), found=True))
        return TakenOut(
            tuple(OpenedFile(f, f.head.keeping(terms), verdicts[f.head.customer.customer_id].parts) for f in files),
            tuple(Withheld(name, verdict.reason) for name, verdict in verdicts.items() if not verdict.allowed),
            who.person,
            reception.clock.now(),
        )

    async def _verdicts(self, tx: Transaction, reader: Reader, heads: Sequence[CustomerHead]) -> Mapping[str, Verdict]:
        """The verdict on each, by customer; the grants that allow are used by it."""
        policy, terms, now = await self._policy(tx), await self._reception.terms(tx), self._reception.clock.now()
        fresh = is_fresh(await self._grants.heard_at(tx), policy, now)
        names = [head.customer.customer_id for head in heads]
        held = await self._grants.held_of(tx, [file_name(name) for name in names], reader.person, now)
        keepings = {head.customer.customer_id: head.keeping(terms) for head in heads}

        def verdict_on(name: str, grants: Sequence[Grant]) -> Verdict:
            held_now = GrantsHeld(tuple(grants), fresh)
            return opened(reader, keepings[name], held_now, policy.files, takes_out=True, now=now)

        verdicts = {name: verdict_on(name, held.get(file_name(name), ())) for name in names}
        # In the order in which grants are written elsewhere, so that two who lock several never wait for each other.
        for name in sorted(names, key=lambda name: verdicts[name].grant_id or ""):
            # As when it is asked for alone: whoever comes second finds the grant used, and looks again.
            while (grant_id := verdicts[name].grant_id) and not await self._grants.use(tx, grant_id):
                verdicts[name] = verdict_on(name, await self._grants.held(tx, file_name(name), reader.person, now))
        return verdicts
