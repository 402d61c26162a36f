"""How the lines of archive's table are asked: entries, records, consulting and operations."""

from __future__ import annotations

from typing import Any

from shared.roles import Role
from tests.authorization.archive import HOUR, World
from tests.authorization.asking import REASON, Asked
from tests.authorization.calls import Call, Calls
from tests.authorization.company import ASKERS, Somebody

CALLS = Calls()

BACKUP = {
    "backup": "b-1", "made_at": "2026-03-01T02:00:00+08:00", "place": "file:///backups", "size": 1, "sha256": "0" * 64,
    "rows": 1, "entries": 1, "head": "0" * 64,
}  # fmt: skip

for route in (
    "GET /audit", "GET /audit/reconciliation", "GET /audit/verification", "GET /audit/checkpoint", "GET /audit/export",
    "GET /records", "GET /requests", "GET /grants", "GET /delegations", "GET /stations",
    "GET /backups", "GET /backups/due", "GET /status", "GET /dead-letters",
):  # fmt: skip
    CALLS.plain(route)
CALLS.plain("GET /audit/proofs/inclusion/{seq}", "/audit/proofs/inclusion/1")
CALLS.plain("GET /audit/proofs/consistency", "/audit/proofs/consistency?from=1")
CALLS.plain("GET /requests", "/requests?side=all", when="all")
CALLS.plain("POST /backups", body=BACKUP)
CALLS.plain("POST /backups/removals", body={"here": []})
CALLS.plain("GET /attachment-keys")
CALLS.plain("POST /attachment-keys/rewrapping", body=REASON)
CALLS.plain("POST /dead-letters/replay", body={"ids": []})
CALLS.plain("POST /partitions/resume", body={"topic": "orders.v1"})
CALLS.plain(
    "POST /records",
    body={"record_id": "new-1", "title": "合同", "rank": "secret", "class": "contracts", "sections": [{"name": "a"}]},
)


@CALLS.call("POST /records/{record_id}/attachments")
async def attach(world: World, who: Somebody) -> Asked:
    return Asked("/records/secret-d1/attachments?section=text&name=more.txt", content=b"more")


@CALLS.call("GET /requests/{request_id}", "another's")
async def see_request(world: World, who: Somebody) -> Asked:
    return Asked(f"/requests/{await world.request('consent')}")


@CALLS.call("POST /requests/{request_id}/withdraw", "another's")
async def withdraw(world: World, who: Somebody) -> Asked:
    return Asked(f"/requests/{await world.request()}/withdraw", REASON)


def deciding(act: str) -> Call:
    async def asked(world: World, who: Somebody) -> Asked:
        return Asked(f"/requests/{await world.request(act)}/decisions", {"decision": "approve", **REASON})

    return asked


for waits, act in (("to be signed", "sign"), ("to be approved", "approve"), ("to be released", "release")):
    CALLS["POST /requests/{request_id}/decisions", waits] = deciding(act)


@CALLS.call("POST /grants")
async def release(world: World, who: Somebody) -> Asked:
    return Asked("/grants", {"request": await world.request("release"), **REASON})


@CALLS.call("POST /grants/{grant_id}/revoke", "another's")
async def revoke(world: World, who: Somebody) -> Asked:
    return Asked(f"/grants/{await world.grant()}/revoke", REASON)


@CALLS.call("POST /grants/{grant_id}/returned", "lent")
async def returned(world: World, who: Somebody) -> Asked:
    grant = await world.grant(file="record:unclassified-d1", original=True)
    return Asked(f"/grants/{grant}/returned", {"remark": "完好"})


def delegation(world: World) -> dict[str, Any]:
    return {"delegate": "deputy_gm", "scope": {"tiers": ["personal"]}, "text": "出差", "until": world.later(HOUR)}


@CALLS.call("POST /delegations")
async def delegate(world: World, who: Somebody) -> Asked:
    chosen = "gm_office_head" if who.person == "deputy_gm" else "deputy_gm"
    return Asked("/delegations", delegation(world) | {"delegate": chosen})


@CALLS.call("POST /delegations/{delegation_id}/revoke", "of the GM")
async def revoke_delegation(world: World, who: Somebody) -> Asked:
    given = await world.done(ASKERS[Role.GM], "POST", "/delegations", delegation(world))
    return Asked(f"/delegations/{given['delegation_id']}/revoke", REASON)


@CALLS.call("POST /backups/{backup}/drills")
async def drill(world: World, who: Somebody) -> Asked:
    await world.done(ASKERS[Role.OPS], "POST", "/backups", BACKUP)
    return Asked("/backups/b-1/drills", {"sound": True, "found": "一致"})


@CALLS.call("GET /dead-letters/{letter_id}")
async def letter(world: World, who: Somebody) -> Asked:
    return Asked(f"/dead-letters/{await world.doors.bury()}")


IN_A_TRANSACTION_OF_ITS_OWN = {"GET /audit/verification", "POST /attachment-keys/rewrapping"}
"""These change nothing here, and do what must be the first thing of its transaction, or outside of any."""
