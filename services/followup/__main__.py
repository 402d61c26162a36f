"""Followup, put together: `python -m services.followup [migrate]`."""

from __future__ import annotations

from datetime import timedelta

from services.followup.api import products_router, reminders_router, schedule_router
from services.followup.consumers import subscriptions
from services.followup.domain.cadence import Paces
from services.followup.jobs import jobs
from services.followup.ports import Desk, Stores
from services.followup.settings import FollowupSettings
from services.followup.store import PostgresPeople, PostgresProducts, PostgresReminders, PostgresSchedules
from services.followup.usecases.contact import ReportContact
from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.endings import EndPast
from services.followup.usecases.intake import Intake
from services.followup.usecases.organisation import RecordPeople
from services.followup.usecases.planning import PlanContacts
from services.followup.usecases.products import AnnounceProduct, TellOfProducts
from services.followup.usecases.reading import ReadReminders, ReadSchedule
from services.followup.usecases.replanning import ReplanContacts
from shared.clock import Clock
from shared.engine.outbox import Outbox
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.policy import load_policy
from shared.runtime import Service, main, open_database

NAME = "followup"


def build(settings: FollowupSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")

    in_force = PolicyInForce(policy, clock)
    paces = Derived(in_force, Paces.of)
    desk = Desk(database, outbox, clock)
    stores = Stores(
        PostgresSchedules(lambda: clock.zone.key), PostgresReminders(), PostgresPeople(), PostgresProducts()
    )
    intake = Intake(
        clock.now(),
        quiet=timedelta(seconds=settings.history_quiet_seconds),
        longest=timedelta(seconds=settings.history_longest_seconds),
    )
    plan_contacts = PlanContacts(stores, paces, clock, intake)
    dispatch_due = DispatchDue(desk, stores, paces, intake, lines_per_batch=settings.dispatch_lines)
    replan_contacts = ReplanContacts(desk, stores, paces, customers_per_batch=settings.replan_customers)
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(
            plan_contacts, RecordPeople(stores.people), FollowPolicy(in_force, replan_contacts.begin)
        ),
        routers=(
            reminders_router(ReadReminders(desk, stores), ReportContact(desk, stores)),
            schedule_router(ReadSchedule(desk, stores, paces)),
            products_router(AnnounceProduct(desk, stores, paces)),
        ),
        jobs=jobs(
            dispatch_due,
            replan_contacts,
            TellOfProducts(desk, stores, paces, customers_per_batch=settings.replan_customers),
            EndPast(desk, stores, reminders_per_batch=settings.dispatch_lines),
            dispatch_every=settings.dispatch_every_seconds,
        ),
    )


if __name__ == "__main__":
    main(NAME, build, FollowupSettings)
