"""Company records as the archivist takes them in (A3, A6)."""

from __future__ import annotations

import structlog

from services.archive.domain import records as rules
from services.archive.domain.files import Record, record_file
from services.archive.domain.people import UnlawfulError
from services.archive.domain.records import Attachment, Draft, NewAttachment
from services.archive.domain.refusals import no_such_record
from services.archive.ports import RecordBook, Vault
from services.archive.usecases.desk import Desk
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.words import Text

log = structlog.get_logger()

RESERVED = frozenset({"export"})
"""What addresses say of all records: no single one goes by it."""


class FileRecords:
    """Takes records and their content in; what is in is never changed."""

    def __init__(self, desk: Desk, records: RecordBook, vault: Vault, policy: InForce[Policy]) -> None:
        self._desk = desk
        self._records = records
        self._vault = vault
        self._policy = policy

    async def file(self, by: Principal, draft: Draft, record: str | None) -> Record:
        """Take in a record; without an id it gets a new one. `UnlawfulError` when a rule forbids it."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            filed = rules.file_record(
                draft,
                record=record or self._desk.new_id(),
                by=by,
                classes=(await self._policy(tx)).records.classes,
                now=now,
                today=self._desk.clock.date_of(now),
            )
            if record in RESERVED or not await self._records.add(tx, filed):
                raise UnlawfulError(
                    "filed_before",
                    Text(zh=f"编号 {filed.record} 已有档案", en=f"there is a record {filed.record} already"),
                )
            await self._desk.trail.append(tx, by, Deed("decision.made", "record.filed", filed.file))
        return filed

    async def attach(self, by: Principal, record: str, new: NewAttachment) -> Attachment:
        """Add a piece of content to a section; the hash of what came in goes into the audit.

        The content is put away first: if what follows fails, an object that no key opens is left, and removed. One
        whose row was on its way in stays: whoever is cut off at COMMIT does not know whether it is filed.
        """
        async with self._desk.database.transaction() as tx:
            await self._open_section(tx, record, new.section)
        attachment = rules.attachment_of(new, record, self._desk.new_id(), by, self._desk.clock.now())
        committing = False
        try:
            key = await self._vault.put(attachment.attachment_id, attachment.object_key, new.content)
            async with self._desk.database.transaction() as tx:
                attested_at = await self._records.hold(tx, record)
                await self._open_section(tx, record, new.section)
                attachment = rules.came_in(attachment, self._desk.clock.now(), attested_at)
                await self._records.add_attachment(tx, attachment, key)
                await self._desk.trail.append(tx, by, attached(attachment))
                committing = True
        except BaseException as error:
            if committing:
                log.warning("object_left_behind", object_key=attachment.object_key, error=repr(error))
            else:
                await self._remove(attachment.object_key)
            raise
        return attachment

    async def _open_section(self, tx: Transaction, record: str, section: str) -> None:
        found = await self._records.find(tx, record)
        if found is None:
            raise no_such_record()
        if found.destroyed_at is not None:
            raise UnlawfulError("destroyed", Text(zh="该档案已销毁", en="the record has been destroyed"))
        if found.section(section) is None:
            raise UnlawfulError(
                "unknown_section",
                Text(zh=f"该档案没有“{section}”这一部分", en=f"the record has no section {section!r}"),
            )

    async def _remove(self, object_key: str) -> None:
        try:
            await self._vault.drop(object_key)
        except OSError as error:
            log.warning("object_left_behind", object_key=object_key, error=repr(error))


def attached(attachment: Attachment) -> Deed:
    """The audit's word on a piece of content that came in: which, and its SHA-256, so that it can be proven later."""
    why = f"{attachment.attachment_id} sha256:{attachment.sha256.hex()}"
    return Deed("decision.made", "record.attached", record_file(attachment.record), reason=why)
