"""Scoring, put together: `python -m services.scoring [migrate]`."""

from __future__ import annotations

from services.scoring.api import analyses_router, overview_router, tiers_router
from services.scoring.consumers import subscriptions
from services.scoring.domain.decisions import Judge
from services.scoring.domain.rules import RankingRules
from services.scoring.domain.wording import Wording
from services.scoring.jobs import jobs
from services.scoring.ports import Desk
from services.scoring.settings import ScoringSettings
from services.scoring.store import LevelStore, PostgresAnalyses, TierReadings
from services.scoring.usecases.analysing import Analyse
from services.scoring.usecases.checking import CheckLevels
from services.scoring.usecases.deciding import DecideLevels
from services.scoring.usecases.memory import Memory
from services.scoring.usecases.passing_days import PassDays
from services.scoring.usecases.reading import ReadLevels
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.lease import Lease
from shared.engine.outbox import Outbox
from shared.policy import load_policy
from shared.runtime import Service, main, open_database

NAME = "scoring"


def build(settings: ScoringSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")
    # Populations (by market) are the unit to split later: a lease for each.
    lease = Lease(database, NAME)

    store, readings = LevelStore(), TierReadings(policy)
    wording = Wording(RankingRules.of(policy.rfm), policy.base_currency)
    memory = Memory(store, policy)
    decide_levels = DecideLevels(
        memory=memory,
        store=store,
        judge=Judge(policy.version, wording),
        clock=clock,
        decisions=settings.decisions_per_transaction,
    )
    pass_days = PassDays(memory=memory, decide_levels=decide_levels, lease=lease, desk=Desk(database, outbox, clock))
    read_levels = ReadLevels(memory=memory, database=database, readings=readings, lease=lease, wording=wording)
    check_levels = CheckLevels(memory=memory, database=database, readings=readings, lease=lease)
    analyse = Analyse(
        database=database,
        store=PostgresAnalyses(policy.regions),
        trail=AuditTrail(NAME, database, outbox, clock, wake=lambda: None),
        clock=clock,
        policy=policy,
    )
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        policy=policy,
        outbox=outbox,
        subscriptions=subscriptions(decide_levels, lease),
        routers=(tiers_router(read_levels), overview_router(read_levels, check_levels), analyses_router(analyse)),
        jobs=jobs(pass_days),
    )


if __name__ == "__main__":
    main(NAME, build, ScoringSettings)
