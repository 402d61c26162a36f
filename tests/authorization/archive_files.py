"""How askers stand to a file of archive, and how the lines of the table of records are asked."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.contracts.organisation import PersonDeparted
from tests.authorization.archive import HOUR, World
from tests.authorization.asking import Asked
from tests.authorization.company import FAR, Somebody

STATES = (
    "none", "expired", "early", "revoked", "used", "another's", "elsewhere", "bare", "granted", "room", "copy",
    "copyroom", "left",
)  # fmt: skip
"""How an asker stands to a record, by grants and place; what each word means stands in the table."""
IN_THE_ROOM = {"bare", "room", "copyroom"}

GRANT = (
    "INSERT INTO grants (grant_id, file, person, sections, copy_allowed, not_before, until, approved_by, given_by,"
    " given_at, uses, revoked_at, request_id)"
    " VALUES ('g-' || $2, $1, $2, '{*}', $3, $4, $5, 'boss', 'filer', $6, $7, $8, 'r-' || $2)"
)


async def into_state(world: World, state: str, who: Somebody, file: str) -> None:
    """Let things stand for somebody and a file as a line's `when` says."""
    now = datetime.now(UTC)
    person, since, until, uses, revoked = who.person, now - HOUR, now + HOUR, None, None
    match state:
        case "none" | "bare":
            return
        case "expired":
            until = now - HOUR / 2
        case "early":
            since = now + HOUR / 2
        case "revoked":
            revoked = now
        case "used":
            uses = 1
        case "another's":
            person = FAR.person
        case "elsewhere":
            file = "record:another"
        case "left":
            world.house.database._pool = world.doors.database._pool
            await world.house.staff(PersonDeparted(person=who.person, departed_at=now), at=now)
    copies = state in {"copy", "copyroom"}
    await world.doors.slip_in(GRANT, file, person, copies, since, until, since, uses, revoked)
    if state == "used":
        piece = world.pieces[file.removeprefix("record:")]
        await world.doors.slip_in("INSERT INTO grant_uses VALUES ('g-' || $2, $1, 1, now())", piece, person)


def asked_of_file(world: World, what: str, file: str, state: str) -> Asked:
    """How a line of the table of records is asked of a file."""
    record = file.removeprefix("record:")
    match what:
        case "GET /requests/preview":
            return Asked(f"/requests/preview?file={file}")
        case "POST /requests":
            return Asked("/requests", {"file": file, "why": "报价", "until": (datetime.now(UTC) + HOUR).isoformat()})
    piece = world.pieces.get(record, "none")
    path = what.split()[1].replace("{record_id}", record).replace("{attachment_id}", piece)
    return Asked(path)
