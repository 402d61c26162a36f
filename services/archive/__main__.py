"""Archive, put together: `python -m services.archive [migrate]`."""

from __future__ import annotations

from uuid import uuid4

from services.archive.api import (
    STREAMED,
    BackupGauges,
    audit_router,
    backups_router,
    fines_router,
    grants_router,
    records_router,
    stations_router,
)
from services.archive.consumers import subscriptions
from services.archive.domain.fines import Catalogue
from services.archive.jobs import jobs
from services.archive.settings import ArchiveSettings
from services.archive.store import (
    BackupStore,
    BreachStore,
    EntryStore,
    FileStore,
    FineStore,
    GrantStore,
    ObjectVault,
    PeopleStore,
    RecordStore,
    StationStore,
    TaskStore,
    read_master_keys,
)
from services.archive.usecases import (
    BackupParts,
    Desk,
    FileRecords,
    KeepBackups,
    KeepFines,
    KeepGrants,
    ListStations,
    ReadAudit,
    ReadRecords,
    RecordPeople,
    SealAudit,
    TellTasks,
    VerifyAudit,
    Watch,
)
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.outbox import Outbox
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.metrics import Metrics
from shared.objects import open_objects
from shared.policy import load_policy
from shared.runtime import Service, main, open_database

NAME = "archive"


def build(settings: ArchiveSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")

    entries, fines, grants, people = EntryStore(), FineStore(), GrantStore(), PeopleStore()
    records, stations = RecordStore(), StationStore()
    vault = ObjectVault(open_objects(settings.objects), read_master_keys(settings.master_keys_file))
    in_force = PolicyInForce(policy, clock)
    catalogue = Derived(in_force, lambda policy: Catalogue(policy.fines, policy.version))
    # Nobody is woken here: the relay looks again by itself, within a second.
    trail = AuditTrail(NAME, database, outbox, clock, wake=lambda: None)
    desk = Desk(database, outbox, trail, clock, new_id=lambda: str(uuid4()))
    watch = Watch(BreachStore(), Derived(in_force, lambda policy: policy.breaches), clock)
    keep_grants = KeepGrants(desk, grants, people, in_force)
    metrics = Metrics()
    keep_backups = KeepBackups(
        BackupParts(desk, BackupStore(), people, TellTasks(desk, TaskStore()), in_force, lambda: clock.zone),
        BackupGauges(metrics.registry),
    )
    read_records = ReadRecords(
        desk,
        records=records,
        vault=vault,
        people=people,
        stations=stations,
        policy=in_force,
        largest_export=settings.export_bytes,
    )
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(
            SealAudit(entries, fines, FileStore(), catalogue, watch),
            RecordPeople(people, stations),
            FollowPolicy(in_force),
        ),
        routers=(
            audit_router(ReadAudit(desk, entries), VerifyAudit(database, entries), lambda: clock.zone),
            fines_router(KeepFines(desk, entries, fines, catalogue)),
            grants_router(keep_grants),
            records_router(FileRecords(desk, records, vault, in_force), read_records, settings.attachment_bytes),
            stations_router(ListStations(database, stations)),
            backups_router(keep_backups),
        ),
        streamed=STREAMED,
        jobs=jobs(keep_grants, keep_backups, lambda: in_force.policy),
        metrics=metrics,
    )


if __name__ == "__main__":
    main(NAME, build, ArchiveSettings)
