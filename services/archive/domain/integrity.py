"""Content that is no longer what was filed: a breach (N5), whoever finds it and however often."""

from __future__ import annotations

from datetime import date, datetime

from services.archive.domain.files import record_file
from services.archive.domain.records import Attachment
from shared.contracts.audit import BreachFound, breach_id
from shared.contracts.types import Words

ALTERED = "unapproved_alteration"
DESTROYED = "unapproved_destruction"


def breach_of(attachment: Attachment, *, gone: bool, found_at: datetime, day: date) -> BreachFound:
    """The breach that this piece shows, once for each kind; without a person: who finds it is not who did it."""
    kind = DESTROYED if gone else ALTERED
    return BreachFound(
        breach_id=breach_id(kind, "attachment", attachment.attachment_id),
        kind=kind,
        file=record_file(attachment.record),
        occurred_on=day,
        found_at=found_at,
        service="archive",
        words=Words(
            zh=f"材料 {attachment.attachment_id} 已丢失" if gone else f"材料 {attachment.attachment_id} 与归档时不符",
            en=f"piece {attachment.attachment_id} is "
            + ("gone from the store" if gone else "no longer what was filed"),
        ),
    )
