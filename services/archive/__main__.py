"""Archive, put together: `python -m services.archive [migrate]`."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter

from services.archive.api import (
    STREAMED,
    audit_router,
    delegations_router,
    fines_router,
    grants_router,
    links_router,
    records_router,
    requests_router,
    stations_router,
)
from services.archive.api.destructions import destructions_router
from services.archive.api.leaving import leavings_router
from services.archive.api.life import filing_router, holds_router, retention_router
from services.archive.consumers import subscriptions
from services.archive.domain.fines import Catalogue
from services.archive.jobs import jobs, life_jobs
from services.archive.settings import ArchiveSettings
from services.archive.store import (
    BreachStore,
    DelegationStore,
    EntryStore,
    FileStore,
    FineStore,
    GrantStore,
    ObjectVault,
    PeopleStore,
    RecordStore,
    RequestStore,
    StationStore,
    TaskStore,
    read_master_keys,
)
from services.archive.store.destructions import DestructionStore, KeySweeper
from services.archive.store.filing import FilingStore
from services.archive.store.leavings import LeavingStore
from services.archive.store.life import LifeStore
from services.archive.usecases import (
    AskToConsult,
    DecideByLink,
    DecideRequests,
    Desk,
    FileRecords,
    KeepDelegations,
    KeepFines,
    KeepGrants,
    ListStations,
    LookAtRequests,
    Office,
    ReadAudit,
    ReadRecords,
    RecordPeople,
    SealAudit,
    TellTasks,
    VerifyAudit,
    Watch,
    WatchConsulting,
)
from services.archive.usecases.destroying import Books, DeleteObjects, Destroy
from services.archive.usecases.leaving import ReviewLeavings, SettleLeavings
from services.archive.usecases.retention import KeepRetention
from services.archive.usecases.seasons import KeepFiling
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.model import Job
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.links import read_links
from shared.objects import Objects, open_objects
from shared.policy import load_policy
from shared.runtime import Service, main, open_database

NAME = "archive"


def build(settings: ArchiveSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")

    entries, fines, people, files = EntryStore(), FineStore(), PeopleStore(), FileStore()
    grants, records, stations = GrantStore(), RecordStore(), StationStore()
    objects, leavings = open_objects(settings.objects), LeavingStore()
    vault = ObjectVault(objects, read_master_keys(settings.master_keys_file))
    in_force = PolicyInForce(policy, clock)
    catalogue = Derived(in_force, lambda policy: Catalogue(policy.fines, policy.version))
    # Nobody is woken here: the relay looks again by itself, within a second.
    trail = AuditTrail(NAME, database, outbox, clock, wake=lambda: None)
    desk = Desk(database, outbox, trail, clock, new_id=lambda: str(uuid4()))
    watch = Watch(BreachStore(), Derived(in_force, lambda policy: policy.breaches), clock)
    office = Office(
        desk=desk,
        requests=RequestStore(),
        delegations=DelegationStore(),
        grants=grants,
        people=people,
        files=files,
        tasks=TellTasks(desk, TaskStore()),
        policy=in_force,
    )
    keep_grants, decide = KeepGrants(office), DecideRequests(office)
    links = read_links(settings.link_key_file)
    read_records = ReadRecords(
        desk,
        records=records,
        grants=grants,
        vault=vault,
        people=people,
        stations=stations,
        policy=in_force,
        largest_export=settings.export_bytes,
    )
    life_routers, life_of_records = life(office, entries, database, objects)
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(
            SealAudit(entries, fines, files, catalogue, watch),
            RecordPeople(people, stations, leavings),
            FollowPolicy(in_force),
        ),
        routers=(
            audit_router(ReadAudit(desk, entries), VerifyAudit(database, entries), lambda: clock.zone),
            fines_router(KeepFines(desk, entries, fines, catalogue)),
            requests_router(AskToConsult(office), decide, LookAtRequests(office)),
            grants_router(decide, keep_grants, clock.now),
            delegations_router(KeepDelegations(office)),
            records_router(FileRecords(desk, records, vault, in_force), read_records, settings.attachment_bytes),
            stations_router(ListStations(database, stations)),
            *life_routers,
        ),
        open_routers=() if links is None else (links_router(DecideByLink(office, decide, links), lambda: clock.zone),),
        streamed=STREAMED,
        jobs=jobs(keep_grants, WatchConsulting(office), lambda: in_force.policy) + life_of_records,
    )


def life(
    office: Office, entries: EntryStore, database: Database, objects: Objects
) -> tuple[tuple[APIRouter, ...], tuple[Job, ...]]:
    """The life of records and the leaving of people (A6, A7, P6): doors, and what happens by the clock."""
    desk, people, tasks, policy = office.desk, office.people, office.tasks, office.policy
    books = Books(LifeStore(), DestructionStore(), people, tasks)
    retention = KeepRetention(desk, books.life, people, policy)
    filing = KeepFiling(desk, FilingStore(), people, tasks, policy)
    leavings = LeavingStore()
    routers = (
        filing_router(filing),
        retention_router(retention),
        holds_router(retention),
        destructions_router(Destroy(desk, books, policy)),
        leavings_router(
            ReviewLeavings(desk=desk, leavings=leavings, entries=entries, people=people, tasks=tasks, policy=policy)
        ),
    )
    settle = SettleLeavings(desk, leavings, people, tasks, policy)
    delete = DeleteObjects(desk, books.destructions, objects, KeySweeper(database))
    return routers, life_jobs(settle, filing, delete)


if __name__ == "__main__":
    main(NAME, build, ArchiveSettings)
