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
    proofs_router,
    records_router,
    requests_router,
    stations_router,
)
from services.archive.consumers import subscriptions
from services.archive.domain.fines import Catalogue
from services.archive.jobs import jobs
from services.archive.settings import ArchiveSettings
from services.archive.store import (
    BreachStore,
    ChainStore,
    DelegationStore,
    EntryStore,
    FileStore,
    FineStore,
    GrantStore,
    ObjectVault,
    PeopleStore,
    RecordStore,
    RequestStore,
    SecondPlace,
    StationStore,
    StretchReader,
    TaskStore,
    TreeStore,
    read_master_keys,
)
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
    Means,
    Office,
    ProveAudit,
    ReadAudit,
    ReadRecords,
    RecordPeople,
    SealAudit,
    Sources,
    TellTasks,
    VerifyAudit,
    Vouch,
    Watch,
    WatchConsulting,
)
from shared.alarms import Alarms
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.lease import Lease
from shared.engine.outbox import Outbox
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.links import read_links
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

    entries, fines, people, files = EntryStore(), FineStore(), PeopleStore(), FileStore()
    grants, records, stations = GrantStore(), RecordStore(), StationStore()
    vault = ObjectVault(open_objects(settings.objects), read_master_keys(settings.master_keys_file))
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

    metrics = Metrics()
    alarms = Alarms(metrics)
    key, outside = settings.checkpoints.signing_key(), SecondPlace(open_objects(settings.checkpoints))
    chain, tree = ChainStore(), TreeStore()
    means = Means(database, chain, tree, outside, outbox, clock, key)
    vouch = Vouch(means, Lease(database, "checkpoints", seconds=60), alarms, lambda: in_force.policy.audit)
    stretches = StretchReader(settings.database.app_url())
    verify = VerifyAudit(database, Sources(entries, chain, tree, outside, stretches, key.verification()))
    prove = ProveAudit(desk, entries, chain, tree, key.verification())
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(
            SealAudit(entries, fines, files, catalogue, watch),
            RecordPeople(people, stations),
            FollowPolicy(in_force),
        ),
        routers=(
            audit_router(ReadAudit(desk, entries), verify, lambda: clock.zone),
            proofs_router(prove),
            fines_router(KeepFines(desk, entries, fines, catalogue)),
            requests_router(AskToConsult(office), decide, LookAtRequests(office)),
            grants_router(decide, keep_grants, clock.now),
            delegations_router(KeepDelegations(office)),
            records_router(FileRecords(desk, records, vault, in_force), read_records, settings.attachment_bytes),
            stations_router(ListStations(database, stations)),
        ),
        open_routers=() if links is None else (links_router(DecideByLink(office, decide, links), lambda: clock.zone),),
        streamed=STREAMED,
        jobs=jobs(keep_grants, WatchConsulting(office), vouch, lambda: in_force.policy),
        metrics=metrics,
        alarms=alarms.standing,
    )


if __name__ == "__main__":
    main(NAME, build, ArchiveSettings)
