"""The one decision on a file (A1–A3, A5), for every door that shows one or lets one leave."""

from __future__ import annotations

from datetime import datetime

from services.customers.domain.access import FileKeeping, GrantsHeld, Reader, Verdict, by_rank, may_copy, may_read
from shared.policy.rights import Files


def opened(  # noqa: PLR0913 - each is a different thing, and all are needed to decide
    reader: Reader, file: FileKeeping | None, held: GrantsHeld, rules: Files, *, takes_out: bool, now: datetime
) -> Verdict:
    """The verdict on reading a file, or on taking it out; `held` are the reader's grants for this very file."""
    reading = by_rank(may_read(reader, file, held, rules.tiers, now=now), reader, file, rules.sections)
    if not takes_out:
        return reading
    return may_copy(reader, reading, held, rules.sections, rules.copying, now=now)
