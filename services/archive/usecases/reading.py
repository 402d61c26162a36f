"""Company records read, listed and taken out: no audit, no data (A2, A3, A5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.archive.domain.breaches import breach_found
from services.archive.domain.envelope import AlteredError, GoneError, WrappedKey
from services.archive.domain.files import Record, record_file
from services.archive.domain.integrity import breach_of
from services.archive.domain.people import UnlawfulError
from services.archive.domain.reading import (
    Consultation,
    GrantHeld,
    Reader,
    Reason,
    RecordRules,
    Verdict,
    consult,
    horizon_of,
)
from services.archive.domain.records import Attachment
from services.archive.domain.refusals import altered, no_such_record, refused
from services.archive.domain.stations import Stations
from services.archive.ports import BreachBook, People, RecordBook, Scope, Sought, StationBook, Vault
from services.archive.usecases.desk import Desk
from services.archive.usecases.parcels import (
    NOBODY_KNOWS,
    Card,
    Found,
    Kept,
    Opened,
    Parcel,
    Taking,
    TooManyError,
    TooMuchError,
    allowed_of,
    deed,
    of_all,
    searched,
)
from shared.audit import Deed
from shared.contracts.audit import NO_ONE_FILE
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.roles import Role


@dataclass(frozen=True, slots=True)
class _Asked:
    """A record as one reader finds it."""

    record: Record | None
    reader: Reader
    consultation: Consultation
    attachments: Sequence[Attachment]
    held: Sequence[GrantHeld] = ()


class ReadRecords:
    """Records for who may read them.

    The verdict and its entry in the audit are of one transaction, and content is fetched only after that has
    committed. Who may not know of a record learns nothing of whether it exists: `UnlawfulError` `unknown_record`.
    """

    def __init__(  # noqa: PLR0913 - where each part of a verdict comes from
        self,
        desk: Desk,
        *,
        records: RecordBook,
        vault: Vault,
        people: People,
        stations: StationBook,
        policy: InForce[Policy],
        breaches: BreachBook,
        largest_export: int,
        most_exported: int,
    ) -> None:
        self._desk = desk
        self._records = records
        self._vault = vault
        self._people = people
        self._stations = stations
        self._policy = policy
        self._breaches = breaches
        self._largest_export = largest_export
        self._most_exported = most_exported

    async def search(self, by: Principal, sought: Sought, after: str, limit: int) -> Sequence[Record]:
        """The records that the reader may know of, by id; who may know of none finds none."""
        async with self._desk.database.transaction() as tx:
            reader = await self._reader(tx, by)
            horizon = horizon_of(reader, (await self._rules(tx)).known_to)
            scope = Scope(reader, horizon, self._desk.clock.now())
            found = await self._records.search(tx, scope, sought, after, limit)
            await self._desk.trail.append(tx, by, searched(sought, after, found))
        return found

    async def card(self, by: Principal, record: str) -> Card:
        """What a record is, and what it consists of as far as the reader may read it; the archivist sees all of it."""
        async with self._desk.database.transaction() as tx:
            asked = await self._ask(tx, by, record)
            known = asked.consultation.known
            verdict = Verdict(allowed=known, reason=Reason.UNASKED if known else Reason.UNKNOWN)
            await self._desk.trail.append(tx, by, deed("file.searched", "record.shown", record, verdict))
        if asked.record is None or not known:
            raise no_such_record()
        readable = allowed_of(asked.consultation.read)
        shown = [a for a in asked.attachments if a.section in readable or asked.reader.role is Role.ARCHIVIST]
        return Card(asked.record, readable, allowed_of(asked.consultation.copy), tuple(shown))

    async def open(self, by: Principal, record: str, attachment_id: str) -> Opened:
        """A piece of content (A3)."""
        async with self._desk.database.transaction() as tx:
            asked = await self._ask(tx, by, record)
            wanted = next((a for a in asked.attachments if a.attachment_id == attachment_id), None)
            verdict = NOBODY_KNOWS if wanted is None else await self._used(tx, asked, wanted, copy=False)
            keys = await self._records.keys(tx, [attachment_id]) if verdict.allowed else {}
            await self._desk.trail.append(tx, by, deed("file.read", "record.read", record, verdict))
        if not asked.consultation.known:
            raise no_such_record()
        if wanted is None:
            raise refused(Reason.NO_SUCH_FILE)
        if not verdict.allowed:
            raise refused(verdict.reason)
        return await self._fetch(wanted, keys)

    async def export(self, by: Principal, record: str) -> Parcel:
        """All that the reader may take out of a record, in one piece (A5, N4)."""
        async with self._desk.database.transaction() as tx:
            asked = await self._ask(tx, by, record)
            taking = await self._take(tx, asked)
            size = sum(a.size for a in taking.pieces)
            if size > self._largest_export:
                raise TooMuchError(size, self._largest_export)
            keys = await self._records.keys(tx, [a.attachment_id for a in taking.pieces])
            await self._desk.trail.append(tx, by, deed("file.exported", "record.exported", record, taking.verdict))
        if asked.record is None or not asked.consultation.known:
            raise no_such_record()
        if not taking.verdict.allowed:
            raise refused(taking.verdict.reason)
        pieces = [await self._fetch(attachment, keys) for attachment in taking.pieces]
        return taking.parcel(asked.record, pieces, (), self._desk.clock.now())

    async def export_found(self, by: Principal, sought: Sought) -> Found:
        """All that the reader may take out of what a search finds, whole or not at all.

        Each record by its own right and with an entry of its own, as if it were asked for alone; `TooManyError` or
        `TooMuchError` where one answer does not hold it, and then no grant was used. A piece that is gone or altered is
        named instead of given: the others are not to be had again by a grant that they used up.
        """
        desk = self._desk
        try:
            async with desk.database.transaction() as tx:
                taken = [(record, await self._take(tx, asked)) for record, asked in await self._found(tx, by, sought)]
                pieces = [piece for _, taking in taken for piece in taking.pieces]
                size = sum(piece.size for piece in pieces)
                if size > self._largest_export:
                    raise TooMuchError(size, self._largest_export)
                keys = await self._records.keys(tx, [piece.attachment_id for piece in pieces])
                for record, taking in taken:
                    word = deed("file.exported", "record.exported", record.record, taking.verdict)
                    await desk.trail.append(tx, by, word)
                records = [record for record, _ in taken]
                await desk.trail.append(tx, by, searched(sought, "", records, "records.exported"))
        except (TooManyError, TooMuchError) as error:
            word = Deed("access.denied", "records.exported", NO_ONE_FILE, "denied", str(error))
            async with desk.database.transaction() as tx:
                await desk.trail.append(tx, by, word)
            raise
        now = desk.clock.now()
        given = [(record, taking) for record, taking in taken if taking.verdict.allowed]
        return Found(
            tuple(
                [taking.parcel(record, *await self._fetch_all(taking.pieces, keys), now) for record, taking in given]
            ),
            {record.record: taking.verdict.reason for record, taking in taken if not taking.verdict.allowed},
            now,
        )

    async def _found(self, tx: Transaction, by: Principal, sought: Sought) -> Sequence[tuple[Record, _Asked]]:
        """What a search finds, each as the rules let this reader find it."""
        reader, rules, now = await self._reader(tx, by), await self._rules(tx), self._desk.clock.now()
        scope = Scope(reader, horizon_of(reader, rules.known_to), now)
        found = await self._records.search(tx, scope, sought, "", self._most_exported + 1)
        if len(found) > self._most_exported:
            raise TooManyError(self._most_exported)
        held = await self._records.held_of(tx, [record.file for record in found], by.person, now)
        pieces = await self._records.attachments_of(tx, [record.record for record in found])
        asked = []
        for record in found:
            grants = held.get(record.file, ())
            consultation = consult(reader, record, grants, rules, now=now)
            if not consultation.known:
                # Told of by a grant that was revoked since it was found.
                continue
            asked.append((record, _Asked(record, reader, consultation, pieces.get(record.record, ()), grants)))
        return asked

    async def _take(self, tx: Transaction, asked: _Asked) -> Taking:
        """What may be taken out of a record, the grants for it used."""
        copy = asked.consultation.copy
        copyable = allowed_of(copy)
        of = {a: await self._used(tx, asked, a, copy=True) for a in asked.attachments if a.section in copyable}
        verdict = of_all(dict(enumerate(of.values()))) if of else of_all(copy)
        closed = [Kept(name, None, verdict.reason.value) for name, verdict in copy.items() if not verdict.allowed]
        used_up = [Kept(a.section, a.attachment_id, v.reason.value) for a, v in of.items() if not v.allowed]
        grants = {v.grant_id for v in of.values() if v.allowed and v.grant_id is not None}
        return Taking(verdict, tuple(a for a, v in of.items() if v.allowed), tuple(sorted(grants)), (*closed, *used_up))

    async def _used(self, tx: Transaction, asked: _Asked, wanted: Attachment, *, copy: bool) -> Verdict:
        """The verdict on a piece, its reading counted: a grant that is used up for it opens it no more."""
        now, held = self._desk.clock.now(), list(asked.held)
        consultation = asked.consultation
        first = verdict = (consultation.copy if copy else consultation.read)[wanted.section]
        while asked.record is not None and verdict.allowed and verdict.grant_id is not None:
            if await self._records.use(tx, verdict.grant_id, wanted.attachment_id, now):
                return verdict
            held = [grant for grant in held if grant.grant_id != verdict.grant_id]
            consultation = consult(asked.reader, asked.record, held, await self._rules(tx), now=now)
            verdict = (consultation.copy if copy else consultation.read)[wanted.section]
        if first.allowed and not verdict.allowed:
            return first._replace(allowed=False, reason=Reason.USED_UP)
        return verdict

    async def _ask(self, tx: Transaction, by: Principal, name: str) -> _Asked:
        """One record as the rules let this reader find it; one that is not there is as one that nobody may know of."""
        reader, rules, now = await self._reader(tx, by), await self._rules(tx), self._desk.clock.now()
        record = await self._records.find(tx, name)
        held = await self._records.held(tx, record_file(name), by.person, now)
        attachments = await self._records.attachments(tx, name)
        if record is None:
            return _Asked(None, reader, Consultation(known=False, read={}, copy={}), ())
        return _Asked(record, reader, consult(reader, record, held, rules, now=now), attachments, held)

    async def _fetch(self, attachment: Attachment, keys: dict[str, WrappedKey]) -> Opened:
        key = keys.get(attachment.attachment_id)
        try:
            if key is None:
                raise GoneError(attachment.attachment_id)
            return Opened(attachment, await self._vault.get(attachment, key))
        except AlteredError as error:
            await self._tell(attachment, gone=isinstance(error, GoneError))
            raise altered() from None

    async def _fetch_all(
        self, pieces: Sequence[Attachment], keys: dict[str, WrappedKey]
    ) -> tuple[list[Opened], list[Kept]]:
        """Those that are there, and those that are not what was filed."""
        opened, lost = [], []
        for piece in pieces:
            try:
                opened.append(await self._fetch(piece, keys))
            except UnlawfulError as error:
                lost.append(Kept(piece.section, piece.attachment_id, error.code))
        return opened, lost

    async def _tell(self, attachment: Attachment, *, gone: bool) -> None:
        """What is found missing or altered is a breach (N5): sealed, and listed until somebody finds out whose."""
        now = self._desk.clock.now()
        data = breach_of(attachment, gone=gone, found_at=now, day=self._desk.clock.date_of(now))
        async with self._desk.database.transaction() as tx:
            # The record may have been destroyed while its content was read: then nobody broke a rule.
            if not await self._records.living(tx, {attachment.record}):
                return
            # However often it is read: told again with another moment it would be another event of the same id.
            if await self._breaches.claim(tx, {data.breach_id}):
                await self._desk.publish(tx, [breach_found(data)])

    async def _reader(self, tx: Transaction, by: Principal) -> Reader:
        """Who is asking, by the organisation's word on them where it has one, else by their token's; and from where."""
        person = (await self._people.find(tx, {by.person})).get(by.person)
        station = Stations(await self._stations.all(tx)).place_of(by.station)
        if person is None:
            return Reader(by.person, by.role, by.department, station)
        return Reader(by.person, by.role, person.department, station, active=person.active)

    async def _rules(self, tx: Transaction) -> RecordRules:
        policy = await self._policy(tx)
        return RecordRules(policy.files.records, policy.records.known_to, policy.files.copying)
