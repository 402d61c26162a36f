"""How the lines of archive's table are asked: filing, retention, destruction, leaving and rank."""

from __future__ import annotations

from typing import Any

from shared.roles import Role
from tests.authorization.archive import World
from tests.authorization.archive_routes import delegation
from tests.authorization.asking import REASON, Asked
from tests.authorization.calls import Call, Calls
from tests.authorization.company import ASKERS, ELSEWHERE, FILER, GONE, GONE_FAR, HOME, Somebody

CALLS = Calls()

for route in (
    "GET /filing", "GET /retention/expiring", "GET /holds", "GET /destructions", "GET /destructions/register",
    "GET /leavings",
):  # fmt: skip
    CALLS.plain(route)
CALLS.plain("GET /filing", "/filing?department=d2", when="another department")
for whose, department in (("of the department", HOME), ("of another", ELSEWHERE)):
    nothing = {"period": "2026-Q3", "department": department, "record_class": "minutes", **REASON}
    CALLS.plain("POST /filing/nothing", body=nothing, when=whose)
CALLS.plain(
    "POST /retention/records/{record}/extensions",
    "/retention/records/old/extensions",
    {"until": "2040-01-01", **REASON},
)
CALLS.plain("POST /holds", body={"matter": "诉讼", "records": ["old"], **REASON})
CALLS.plain("POST /destructions", body={"records": ["old"], **REASON})


@CALLS.call("POST /holds/{hold_id}/lift")
async def lift(world: World, who: Somebody) -> Asked:
    hold = {"matter": "诉讼", "records": ["old"], **REASON}
    found = await world.done(ASKERS[Role.GM], "POST", "/holds", hold)
    return Asked(f"/holds/{found['hold_id']}/lift", REASON)


def of_destruction(what: str, when: str, rest: str, body: Any, *steps: str, record: str = "old") -> None:
    """A line on a request to destroy that has come so far."""

    async def asked(world: World, who: Somebody) -> Asked:
        return Asked(f"{await world.destruction(*steps, record=record)}{rest}", body)

    CALLS[f"{what} /destructions/{{destruction_id}}{rest}", when] = asked


AGREE = {"decision": "agree", **REASON}
CLASSIFIED = "old-classified"
of_destruction("GET", "", "", None)
of_destruction("POST", "unclassified", "/decisions", AGREE)
of_destruction("POST", "classified", "/decisions", AGREE, record=CLASSIFIED)
of_destruction("POST", "reviewed", "/decisions", AGREE, "review", record=CLASSIFIED)
of_destruction("POST", "another's", "/withdraw", REASON)
of_destruction("POST", "approved", "/witness", {"witness": "li", **REASON}, "approve")
of_destruction("POST", "watched by another", "/attest", REASON, "approve", "witness")
of_destruction("POST", "attested", "/execute", REASON, "approve", "witness", "attest")

for whose, leaver in (("of the department", GONE), ("of another", GONE_FAR)):
    CALLS.plain("GET /leavings/{person}", f"/leavings/{leaver.person}", when=whose)
    CALLS.plain("GET /leavings/{person}/entries", f"/leavings/{leaver.person}/entries", when=whose)
    found = {"finding": "clear", "remark": "无异常"}
    CALLS.plain("POST /leavings/{person}/review", f"/leavings/{leaver.person}/review", found, when=whose)
CALLS.plain(
    "POST /leavings/{person}/introduced", "/leavings/gone/introduced", {"remark": "已告知"}, when="not a receiver"
)


def reclassifying(record: str, rank: str) -> Call:
    """A line on asking for a record to come to another rank."""

    async def asked(world: World, who: Somebody) -> Asked:
        return Asked(f"/records/{record}/reclassifications", {"rank": rank, **REASON})

    return asked


def of_change(rest: str, record: str, body: Any) -> Call:
    """A line on what another archivist asked for: that a record be lowered."""

    async def asked(world: World, who: Somebody) -> Asked:
        path = f"/records/{record}/reclassifications"
        change = await world.done(FILER, "POST", path, {"rank": "unclassified", **REASON})
        return Asked(f"{path}/{change['change_id']}{rest}", body)

    return asked


RECLASSIFY = "POST /records/{record_id}/reclassifications"
CALLS[RECLASSIFY, "raised"] = reclassifying("confidential-d1", "secret")
CALLS[RECLASSIFY, "raised, of another"] = reclassifying("confidential-d2", "secret")
CALLS[RECLASSIFY, "raised, rank 0"] = reclassifying("unclassified-d2", "secret")
CALLS[RECLASSIFY, "lowered"] = reclassifying("confidential-d1", "unclassified")


def of_delegated(record: str, rank: str) -> Call:
    """The same, while the GM has it decided by the deputy and the head of his office (A4)."""

    async def asked(world: World, who: Somebody) -> Asked:
        for role in (Role.DEPUTY_GM, Role.GM_OFFICE_HEAD):
            paper = delegation(world) | {"delegate": ASKERS[role].person, "scope": {"ranks": [rank]}}
            await world.done(ASKERS[Role.GM], "POST", "/delegations", paper)
        return await of_change("/decisions", record, AGREE)(world, who)

    return asked


for when, record, rank in (
    ("rank 2, delegated", "secret-d1", "secret"), ("rank 3, delegated", "top_secret-d1", "top_secret"),
    ("rank 2, another delegated", "secret-d1", "confidential"),
):  # fmt: skip
    CALLS[f"{RECLASSIFY}/{{change_id}}/decisions", when] = of_delegated(record, rank)
for when, record in (("rank 1", "confidential-d1"), ("rank 2", "secret-d1"), ("rank 3", "top_secret-d1")):
    CALLS[f"{RECLASSIFY}/{{change_id}}/decisions", when] = of_change("/decisions", record, AGREE)
CALLS[f"{RECLASSIFY}/{{change_id}}/withdraw", "another's"] = of_change("/withdraw", "confidential-d1", REASON)
CALLS.plain("GET /records/{record_id}/reclassifications", "/records/confidential-d1/reclassifications")
