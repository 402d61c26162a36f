"""Scoring, put together: `python -m services.scoring [migrate]`."""

from __future__ import annotations

from services.scoring.api import (
    allocations_router,
    analyses_router,
    falls_router,
    gaps_router,
    lapse_router,
    overview_router,
    policies_router,
    potentials_router,
    tiers_router,
)
from services.scoring.consumers import subscriptions
from services.scoring.jobs import jobs
from services.scoring.ports import Desk
from services.scoring.settings import ScoringSettings
from services.scoring.store import (
    FallStore,
    LevelStore,
    PeopleStore,
    PolicyStore,
    PostgresAnalyses,
    PostgresPotentials,
    ProspectReadings,
    TierReadings,
    TradeReadings,
    TraitReadings,
)
from services.scoring.usecases.allocating import AllocateResource
from services.scoring.usecases.analysing import Analyse
from services.scoring.usecases.assessing import AssessPotentials
from services.scoring.usecases.checking import CheckLevels
from services.scoring.usecases.deciding import DecideLevels
from services.scoring.usecases.explaining_lapse import ExplainLapse
from services.scoring.usecases.gaps import ListGaps
from services.scoring.usecases.looking_ahead import LookAhead, ReadFalls
from services.scoring.usecases.memory import Memory
from services.scoring.usecases.organisation import RecordPeople
from services.scoring.usecases.passing_days import PassDays
from services.scoring.usecases.policies import KeepPolicies
from services.scoring.usecases.potential import ImportLists, ReadPotential
from services.scoring.usecases.previewing import PreviewPolicy
from services.scoring.usecases.reading import ReadLevels
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.lease import Lease
from shared.engine.outbox import Outbox
from shared.in_force import PolicyInForce
from shared.policy import load_written
from shared.runtime import Service, main, open_database
from shared.standing import Attendance

NAME = "scoring"


def build(settings: ScoringSettings) -> Service:
    written = load_written(settings.policy_file)
    policy = written.policy
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")
    # Populations (by market) are the unit to split later: a lease for each.
    lease = Lease(database, NAME)

    store, readings = LevelStore(), TierReadings()
    in_force = PolicyInForce(policy, clock)
    memory = Memory(store, in_force)
    decide_levels = DecideLevels(
        memory=memory,
        store=store,
        clock=clock,
        decisions=settings.decisions_per_transaction,
    )
    desk = Desk(database, outbox, clock)
    pass_days = PassDays(memory=memory, decide_levels=decide_levels, lease=lease, desk=desk)
    falls, prospects = FallStore(), ProspectReadings()
    look_ahead = LookAhead(
        memory=memory,
        store=store,
        prospects=prospects,
        falls=falls,
        lease=lease,
        desk=desk,
        limit=settings.falls_per_transaction,
    )
    read_levels = ReadLevels(memory=memory, database=database, readings=readings, lease=lease)
    check_levels = CheckLevels(memory=memory, database=database, readings=readings, lease=lease)
    # Nobody is woken here: the relay looks again by itself, within a second.
    trail = AuditTrail(NAME, database, outbox, clock, wake=lambda: None)
    people = PeopleStore()
    explain_lapse = ExplainLapse(
        memory=memory, desk=desk, readings=readings, trades=TradeReadings(), people=people, trail=trail
    )
    keep_policies = KeepPolicies(
        desk=desk,
        book=PolicyStore(policy),
        trail=trail,
        in_force=in_force,
        given=written.text,
    )
    preview_policy = PreviewPolicy(database=database, prospects=prospects, in_force=in_force, clock=clock)
    analyse = Analyse(
        database=database,
        store=PostgresAnalyses(),
        trail=trail,
        clock=clock,
        policy=lambda: in_force.policy,
    )
    potentials, traits = PostgresPotentials(), TraitReadings()
    assess_potentials = AssessPotentials(
        memory=memory, decide_levels=decide_levels, lease=lease, desk=desk, store=potentials, policy=in_force
    )
    allocate = AllocateResource(database=database, traits=traits, policy=in_force, clock=clock)
    list_gaps = ListGaps(database=database, traits=traits, potentials=potentials, policy=in_force, clock=clock)
    read_potential = ReadPotential(database, potentials, in_force)
    import_lists = ImportLists(database, potentials, clock)
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(decide_levels, RecordPeople(people), lease),
        standing=Attendance(database, people),
        routers=(
            tiers_router(read_levels),
            overview_router(read_levels, check_levels),
            lapse_router(explain_lapse),
            falls_router(ReadFalls(desk=desk, falls=falls)),
            policies_router(keep_policies, preview_policy),
            analyses_router(analyse),
            allocations_router(allocate, clock),
            gaps_router(list_gaps),
            potentials_router(read_potential, import_lists),
        ),
        jobs=jobs(pass_days, look_ahead, keep_policies, assess_potentials),
    )


if __name__ == "__main__":
    main(NAME, build, ScoringSettings)
