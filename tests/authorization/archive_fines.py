"""How the lines of archive's table are asked: fines, wages and statements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.authorization.archive import World
from tests.authorization.asking import REASON, Asked
from tests.authorization.calls import Call, Calls
from tests.authorization.company import CLERK, FAR, Somebody

CALLS = Calls()

MONTH = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
for route in ("GET /fines", "GET /fines/gaps", "GET /wages"):
    CALLS.plain(route)
CALLS.plain("GET /fines", "/fines?person=far", when="another's")
CALLS.plain("GET /wages/{person}", "/wages/far", when="another's")
CALLS.plain(
    "POST /wages/{person}", "/wages/far", {"amount": "3000", "from_month": "2026-01", **REASON}, when="another's"
)
CALLS.plain("GET /statements/{month}", f"/statements/{MONTH}")
CALLS.plain("GET /statements/{month}", f"/statements/{MONTH}?person=far", when="another's")
CALLS.plain("POST /statements/{month}/closing", f"/statements/{MONTH}/closing", REASON)
CALLS.plain("GET /reports/{month}.xlsx", f"/reports/{MONTH}.xlsx")


@CALLS.call("POST /fines")
async def report(world: World, who: Somebody) -> Asked:
    seq = await world.doors.database.fetchval("SELECT max(seq) FROM audit_entries WHERE actor = 'far'")
    return Asked("/fines", {"kind": "repeated_error", "person": "far", "evidence": {"entry": seq}, **REASON})


@CALLS.call("POST /fines/gaps/{entry}/{kind}/dismissal")
async def dismiss(world: World, who: Somebody) -> Asked:
    gap = await world.doors.database.fetchrow("SELECT kind, entry FROM fine_gaps")
    return Asked(f"/fines/gaps/{gap['entry']}/{gap['kind']}/dismissal", REASON)


async def to_confirmed(world: World, fine: str) -> None:
    await world.done(CLERK, "POST", f"/fines/{fine}/decisions", {"state": "confirmed", **REASON})


async def to_appealed(world: World, fine: str, whose: Somebody) -> None:
    await to_confirmed(world, fine)
    await world.done(whose, "POST", f"/fines/{fine}/appeal", REASON)


def of_fine(what: str, rest: str, body: Any = None, state: str = "") -> None:
    """A line on one's own fine, and one on another's."""

    def asking(own: bool) -> Call:
        async def asked(world: World, who: Somebody) -> Asked:
            whose = who if own else FAR
            fine = await world.fine_of(whose.person)
            if state == "confirmed":
                await to_confirmed(world, fine)
            elif state == "appealed":
                await to_appealed(world, fine, whose)
            return Asked(f"/fines/{fine}{rest}", body)

        return asked

    CALLS[what, "own"], CALLS[what, "another's"] = asking(own=True), asking(own=False)


of_fine("GET /fines/{fine_id}", "")
of_fine("POST /fines/{fine_id}/explanation", "/explanation", REASON)
of_fine("POST /fines/{fine_id}/decisions", "/decisions", {"state": "waived", **REASON})
of_fine("POST /fines/{fine_id}/appeal", "/appeal", REASON, "confirmed")
of_fine("POST /fines/{fine_id}/appeal/decisions", "/appeal/decisions", {"state": "lifted", **REASON}, "appealed")


@CALLS.call("GET /wages/{person}", "own")
async def own_wage(world: World, who: Somebody) -> Asked:
    return Asked(f"/wages/{who.person}")


@CALLS.call("POST /wages/{person}", "own")
async def tell_own_wage(world: World, who: Somebody) -> Asked:
    return Asked(f"/wages/{who.person}", {"amount": "3000", "from_month": "2026-01", **REASON})
