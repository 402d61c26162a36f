"""Archive, put together: `python -m services.archive [migrate]`."""

from __future__ import annotations

from uuid import uuid4

from services.archive.api import audit_router, fines_router, grants_router
from services.archive.consumers import subscriptions
from services.archive.domain.fines import Catalogue
from services.archive.jobs import jobs
from services.archive.settings import ArchiveSettings
from services.archive.store import EntryStore, FileStore, FineStore, GrantStore, PeopleStore, StationStore
from services.archive.usecases import Desk, KeepFines, KeepGrants, ReadAudit, RecordPeople, SealAudit, VerifyAudit
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.outbox import Outbox
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.policy import load_policy
from shared.runtime import Service, main, open_database

NAME = "archive"


def build(settings: ArchiveSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")

    entries, fines, grants, people = EntryStore(), FineStore(), GrantStore(), PeopleStore()
    in_force = PolicyInForce(policy, clock)
    catalogue = Derived(in_force, lambda policy: Catalogue(policy.fines, policy.version))
    # Nobody is woken here: the relay looks again by itself, within a second.
    trail = AuditTrail(NAME, database, outbox, clock, wake=lambda: None)
    desk = Desk(database, outbox, trail, clock, new_id=lambda: str(uuid4()))
    keep_grants = KeepGrants(desk, grants, people, in_force)
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(
            SealAudit(entries, fines, FileStore(), catalogue),
            RecordPeople(people, StationStore()),
            FollowPolicy(in_force),
        ),
        routers=(
            audit_router(ReadAudit(desk, entries), VerifyAudit(database, entries), lambda: clock.zone),
            fines_router(KeepFines(desk, entries, fines, catalogue)),
            grants_router(keep_grants),
        ),
        jobs=jobs(keep_grants, lambda: in_force.policy),
    )


if __name__ == "__main__":
    main(NAME, build, ArchiveSettings)
