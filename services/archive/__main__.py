"""Archive, put together: `python -m services.archive [migrate]`."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter

from services.archive.api import (
    STREAMED,
    BackupGauges,
    audit_router,
    backups_router,
    delegations_router,
    fines_router,
    grants_router,
    links_router,
    proofs_router,
    records_router,
    requests_router,
    statements_router,
    stations_router,
    wages_router,
)
from services.archive.api.destructions import destructions_router
from services.archive.api.keys import keys_router
from services.archive.api.leaving import leavings_router
from services.archive.api.life import filing_router, holds_router, retention_router
from services.archive.api.reclassifying import reclassifications_router
from services.archive.consumers import subscriptions
from services.archive.domain.catalogue import Catalogue
from services.archive.jobs import Chores, jobs, life_jobs
from services.archive.settings import ArchiveSettings
from services.archive.store import (
    BackupStore,
    BreachStore,
    ChainStore,
    DelegationStore,
    EntryStore,
    FileStore,
    FineStore,
    GrantStore,
    LedgerStore,
    ObjectVault,
    PeopleStore,
    RecordStore,
    ReminderStore,
    RequestStore,
    SecondPlace,
    StationStore,
    StorageScanStore,
    StretchReader,
    TaskStore,
    TreeStore,
    WageStore,
    read_master_keys,
)
from services.archive.store.destructions import DestructionStore, KeySweeper
from services.archive.store.filing import FilingStore
from services.archive.store.keys import DataKeyStore, KeyRing
from services.archive.store.leavings import LeavingStore
from services.archive.store.life import LifeStore
from services.archive.store.reclassifying import ReclassificationStore
from services.archive.usecases import (
    AskAboutAlarms,
    AskToConsult,
    BackupParts,
    DecideByLink,
    DecideFines,
    DecideRequests,
    Desk,
    FileRecords,
    ForgetSightings,
    HearConduct,
    JudgeFiles,
    KeepBackups,
    KeepDelegations,
    KeepFines,
    KeepGrants,
    KeepStatements,
    KeepWages,
    ListStations,
    LookAtRequests,
    Means,
    Office,
    PriceBreaches,
    ProposeFines,
    ProveAudit,
    ReadAudit,
    ReadRecords,
    RecordFileReminders,
    RecordPeople,
    ScanStorage,
    SealAudit,
    SettleFines,
    Sources,
    TellTasks,
    VerifyAudit,
    Vouch,
    Watch,
    WatchConsulting,
)
from services.archive.usecases.destroying import Books, DeleteObjects, Destroy
from services.archive.usecases.keys import RewrapKeys
from services.archive.usecases.leaving import ReviewLeavings, SettleLeavings
from services.archive.usecases.reclassifying import Reclassify
from services.archive.usecases.refused_links import RefusedLinks
from services.archive.usecases.retention import KeepRetention
from services.archive.usecases.seasons import KeepFiling
from shared.alarms import Alarms
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.lease import Lease
from shared.engine.model import Job
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.links import read_links
from shared.metrics import Metrics
from shared.objects import Objects, open_objects
from shared.policy import load_policy
from shared.runtime import Service, main, open_database
from shared.standing import Attendance

NAME = "archive"


def build(settings: ArchiveSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")

    entries, fines, files, people, ledger = EntryStore(), FineStore(), FileStore(), PeopleStore(), LedgerStore()
    grants, records, stations, leavings = GrantStore(), RecordStore(), StationStore(), LeavingStore()
    objects = open_objects(settings.objects)
    masters = read_master_keys(settings.master_keys_file)
    vault = ObjectVault(objects, masters)
    in_force = PolicyInForce(policy, clock)
    catalogue = Derived(in_force, Catalogue.of_policy)
    # Nobody is woken here: the relay looks again by itself, within a second.
    trail = AuditTrail(NAME, database, outbox, clock, wake=lambda: None)
    desk = Desk(database, outbox, trail, clock, new_id=lambda: str(uuid4()))
    rewrap = RewrapKeys(
        desk, DataKeyStore(), KeyRing(masters), at_once=settings.rewrap_keys, sweep=KeySweeper(database)
    )
    rules = Derived(in_force, lambda policy: policy.breaches)
    breaches = BreachStore()
    tell = TellTasks(desk, TaskStore())
    watch = Watch(breaches, stations, rules, clock)
    read_records = ReadRecords(
        desk,
        records=records,
        vault=vault,
        people=people,
        stations=stations,
        policy=in_force,
        breaches=breaches,
        largest_export=settings.export_bytes,
        most_exported=settings.export_records,
    )
    office = Office(
        desk=desk,
        requests=RequestStore(),
        delegations=DelegationStore(),
        grants=grants,
        people=people,
        files=files,
        tasks=tell,
        policy=in_force,
    )
    keep_grants, decide = KeepGrants(office), DecideRequests(office)
    links, refused_links = read_links(settings.link_key_file), RefusedLinks(desk, people)
    decide_fines = DecideFines(fines, ledger, tell)
    propose = ProposeFines(desk, fines, people, tell, decide_fines)
    pricing = PriceBreaches(entries, fines, catalogue, propose)
    keep_statements = KeepStatements(desk, ledger, ledger, people, tell, in_force)

    metrics = Metrics()
    alarms = Alarms(metrics)
    keep_backups = KeepBackups(
        BackupParts(desk, BackupStore(), people, tell, in_force, lambda: clock.zone), BackupGauges(metrics.registry)
    )
    key, outside = settings.checkpoints.signing_key(), SecondPlace(open_objects(settings.checkpoints))
    chain, tree = ChainStore(), TreeStore()
    believed = settings.checkpoints.believed()
    means = Means(database, chain, tree, outside, outbox, clock, key, believed)
    vouch = Vouch(
        means,
        Lease(database, "checkpoints", seconds=10),
        alarms,
        AskAboutAlarms(desk, people, tell),
        lambda: in_force.policy.audit,
    )
    stretches = StretchReader(settings.database.app_url())
    verify = VerifyAudit(database, Sources(entries, chain, tree, outside, stretches, believed))
    prove = ProveAudit(desk, entries, chain, tree, key.verification())
    scan_storage = ScanStorage(
        desk,
        records=records,
        vault=vault,
        scan=StorageScanStore(),
        breaches=breaches,
        rules=rules,
        calendar=clock,
        pieces_per_page=settings.scan_pieces,
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
            SealAudit(entries, files, pricing, watch),
            RecordPeople(people, stations, leavings),
            RecordFileReminders(ReminderStore(), clock),
            HearConduct(breaches, clock),
            FollowPolicy(in_force),
        ),
        routers=(
            audit_router(ReadAudit(desk, entries), verify, lambda: clock.zone),
            proofs_router(prove),
            fines_router(
                KeepFines(desk, entries, fines, people, catalogue, propose),
                SettleFines(desk, fines, people, catalogue, decide_fines, tell),
            ),
            wages_router(KeepWages(desk, WageStore(), fines, catalogue, propose)),
            statements_router(keep_statements),
            requests_router(AskToConsult(office), decide, LookAtRequests(office)),
            grants_router(decide, keep_grants, clock.now),
            delegations_router(KeepDelegations(office)),
            records_router(FileRecords(desk, records, vault, in_force), read_records, settings.attachment_bytes),
            stations_router(ListStations(database, stations)),
            backups_router(keep_backups),
            keys_router(rewrap),
            *life_routers,
        ),
        open_routers=()
        if links is None
        else (links_router(DecideByLink(office, decide, links, refused_links), lambda: clock.zone),),
        streamed=STREAMED,
        jobs=jobs(
            Chores(
                vouch=vouch,
                keep_grants=keep_grants,
                keep_backups=keep_backups,
                keep_statements=keep_statements,
                watch_consulting=WatchConsulting(office),
                forget_sightings=ForgetSightings(database, breaches, rules, clock),
                judge_files=JudgeFiles(desk, ReminderStore(), breaches, rules, clock),
                scan_storage=scan_storage,
            ),
            lambda: in_force.policy,
        )
        + life_of_records
        + (Job("refused_links", every=15.0, run=refused_links.tell),),
        metrics=metrics,
        alarms=alarms.standing,
        standing=Attendance(database, people),
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
        reclassifications_router(Reclassify(office, books.life, books.destructions, ReclassificationStore())),
    )
    settle = SettleLeavings(desk, leavings, people, tasks, policy)
    delete = DeleteObjects(desk, books.destructions, objects, KeySweeper(database))
    return routers, life_jobs(settle, filing, delete)


if __name__ == "__main__":
    main(NAME, build, ArchiveSettings)
