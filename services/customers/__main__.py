"""Customers, put together: `python -m services.customers [migrate]`."""

from __future__ import annotations

from uuid import uuid4

from services.customers.api import (
    conduct_router,
    customers_router,
    departure_router,
    exports_router,
    leave_router,
    people_router,
    stations_router,
)
from services.customers.consumers import subscriptions
from services.customers.jobs import jobs
from services.customers.settings import CustomersSettings
from services.customers.store.copies import PostgresGrants, PostgresLevels, PostgresPeople
from services.customers.store.departures import PostgresDepartures
from services.customers.store.files import PostgresFiles
from services.customers.store.judging import PostgresMatters
from services.customers.store.retelling import PostgresRetelling
from services.customers.store.trade import PostgresCustomers
from services.customers.usecases.announce import Announce
from services.customers.usecases.departing import LetGo
from services.customers.usecases.export_files import Bounds, ExportFiles
from services.customers.usecases.judge import JudgeTrade
from services.customers.usecases.read_files import ListPeople, ReadFile, SearchFiles
from services.customers.usecases.reception import Reception, terms_of
from services.customers.usecases.record_copies import RecordGrants, RecordLevel, RecordPeople
from services.customers.usecases.record_trade import RecordTrade
from services.customers.usecases.report_conduct import ReportConduct
from services.customers.usecases.retelling import RetellCustomers
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.outbox import Outbox
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.policy import load_policy
from shared.runtime import Service, main, open_database
from shared.standing import Attendance

NAME = "customers"


def build(settings: CustomersSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")
    in_force = PolicyInForce(policy, clock)
    terms = Derived(in_force, lambda policy: terms_of(policy, clock))
    grants, people = PostgresGrants(), PostgresPeople()
    reception = Reception(
        database=database,
        files=PostgresFiles(),
        people=people,
        publisher=outbox,
        trail=AuditTrail(NAME, database, outbox, clock, wake=lambda: None),
        clock=clock,
        terms=terms,
        new_id=lambda: str(uuid4()),
    )
    announce = Announce(reception)
    retell_customers = RetellCustomers(
        database=database,
        publisher=outbox,
        clock=clock,
        store=PostgresCustomers(),
        retelling=PostgresRetelling(),
        in_force=in_force,
        terms=terms,
        customers_per_batch=settings.retell_customers,
    )
    judge_trade = JudgeTrade(
        database=database,
        publisher=outbox,
        clock=clock,
        matters=PostgresMatters(),
        policy=in_force,
        terms=terms,
        matters_per_batch=settings.judge_matters,
    )
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(
            RecordTrade(store=PostgresCustomers(), terms=terms),
            RecordLevel(store=PostgresLevels()),
            RecordGrants(store=grants),
            RecordPeople(store=people),
            FollowPolicy(in_force, retell_customers.begin),
        ),
        standing=Attendance(database, people),
        routers=(
            # First: it takes "export" for what it is, and not for a customer.
            exports_router(
                ExportFiles(reception, grants, in_force, Bounds(settings.export_files, settings.export_lines))
            ),
            customers_router(ReadFile(reception, grants, in_force), SearchFiles(reception, in_force), announce),
            people_router(ListPeople(reception), announce),
            leave_router(announce),
            conduct_router(ReportConduct(reception, in_force)),
            departure_router(LetGo(reception, PostgresCustomers(), PostgresDepartures())),
            stations_router(announce),
        ),
        jobs=jobs(retell_customers, judge_trade),
    )


if __name__ == "__main__":
    main(NAME, build, CustomersSettings)
