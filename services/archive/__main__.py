"""Archive, put together: `python -m services.archive [migrate]`."""

from __future__ import annotations

from uuid import uuid4

from services.archive.api import (
    STREAMED,
    audit_router,
    delegations_router,
    fines_router,
    grants_router,
    links_router,
    records_router,
    requests_router,
    statements_router,
    stations_router,
    wages_router,
)
from services.archive.consumers import subscriptions
from services.archive.domain.catalogue import Catalogue
from services.archive.jobs import jobs
from services.archive.settings import ArchiveSettings
from services.archive.store import (
    BreachStore,
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
    StationStore,
    StorageScanStore,
    TaskStore,
    WageStore,
    read_master_keys,
)
from services.archive.usecases import (
    AskToConsult,
    DecideByLink,
    DecideFines,
    DecideRequests,
    Desk,
    FileRecords,
    ForgetSightings,
    HearConduct,
    JudgeFiles,
    KeepDelegations,
    KeepFines,
    KeepGrants,
    KeepStatements,
    KeepWages,
    ListStations,
    LookAtRequests,
    Office,
    PriceBreaches,
    ProposeFines,
    ReadAudit,
    ReadRecords,
    RecordFileReminders,
    RecordPeople,
    ScanStorage,
    SealAudit,
    SettleFines,
    TellTasks,
    VerifyAudit,
    Watch,
    WatchConsulting,
)
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.outbox import Outbox
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.links import read_links
from shared.objects import open_objects
from shared.policy import load_policy
from shared.runtime import Service, main, open_database

NAME = "archive"


def build(settings: ArchiveSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")

    entries, fines, people, files, ledger = EntryStore(), FineStore(), PeopleStore(), FileStore(), LedgerStore()
    records, stations = RecordStore(), StationStore()
    vault = ObjectVault(open_objects(settings.objects), read_master_keys(settings.master_keys_file))
    in_force = PolicyInForce(policy, clock)
    catalogue = Derived(in_force, Catalogue.of_policy)
    # Nobody is woken here: the relay looks again by itself, within a second.
    trail = AuditTrail(NAME, database, outbox, clock, wake=lambda: None)
    desk = Desk(database, outbox, trail, clock, new_id=lambda: str(uuid4()))
    rules = Derived(in_force, lambda policy: policy.breaches)
    breaches = BreachStore()
    watch = Watch(breaches, stations, rules, clock)
    tell = TellTasks(desk, TaskStore())
    step_fines = DecideFines(fines, ledger, tell)
    propose = ProposeFines(desk, fines, people, tell, step_fines)
    pricing = PriceBreaches(entries, fines, catalogue, propose)
    keep_statements = KeepStatements(desk, ledger, ledger, people, tell, in_force)
    read_records = ReadRecords(
        desk,
        records=records,
        vault=vault,
        people=people,
        stations=stations,
        policy=in_force,
        breaches=breaches,
        largest_export=settings.export_bytes,
    )
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
    office = Office(
        desk=desk,
        requests=RequestStore(),
        delegations=DelegationStore(),
        grants=GrantStore(),
        people=people,
        files=files,
        tasks=tell,
        policy=in_force,
    )
    keep_grants, decide = KeepGrants(office), DecideRequests(office)
    links = read_links(settings.link_key_file)
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(
            SealAudit(entries, files, pricing, watch),
            RecordPeople(people, stations),
            RecordFileReminders(ReminderStore(), clock),
            HearConduct(breaches, clock),
            FollowPolicy(in_force),
        ),
        routers=(
            audit_router(ReadAudit(desk, entries), VerifyAudit(database, entries), lambda: clock.zone),
            fines_router(
                KeepFines(desk, entries, fines, catalogue, propose),
                SettleFines(desk, fines, people, catalogue, step_fines, tell),
            ),
            wages_router(KeepWages(desk, WageStore(), fines, catalogue, propose)),
            statements_router(keep_statements),
            requests_router(AskToConsult(office), decide, LookAtRequests(office)),
            grants_router(decide, keep_grants, clock.now),
            delegations_router(KeepDelegations(office)),
            records_router(FileRecords(desk, records, vault, in_force), read_records, settings.attachment_bytes),
            stations_router(ListStations(database, stations)),
        ),
        open_routers=() if links is None else (links_router(DecideByLink(office, decide, links), lambda: clock.zone),),
        streamed=STREAMED,
        jobs=jobs(
            keep_grants,
            WatchConsulting(office),
            keep_statements,
            ForgetSightings(database, breaches, rules, clock),
            JudgeFiles(desk, ReminderStore(), breaches, rules, clock),
            scan_storage,
            lambda: in_force.policy,
        ),
    )


if __name__ == "__main__":
    main(NAME, build, ArchiveSettings)
