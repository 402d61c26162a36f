"""Followup, put together: `python -m services.followup [migrate]`."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from services.followup.api import (
    calendar_programs_router,
    calendar_router,
    feeds_router,
    reminders_router,
    schedule_router,
)
from services.followup.consumers import subscriptions
from services.followup.domain.cadence import Paces
from services.followup.jobs import jobs, jobs_of_days
from services.followup.ports import Desk, Stores
from services.followup.settings import FollowupSettings
from services.followup.store import (
    PostgresEscalations,
    PostgresFeeds,
    PostgresLeave,
    PostgresPeople,
    PostgresReminders,
    PostgresSchedules,
    PostgresWatch,
)
from services.followup.usecases.absence import ReadCalendar, ReadLeave, ReadReassignments
from services.followup.usecases.calendar import WatchCalendar
from services.followup.usecases.contact import ReportContact
from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.escalation import EscalateOverdue
from services.followup.usecases.feeds import FeedDesk, KeepFeeds, ReadFeed
from services.followup.usecases.intake import Intake
from services.followup.usecases.organisation import RecordPeople
from services.followup.usecases.planning import PlanContacts
from services.followup.usecases.reading import ReadReminders, ReadSchedule
from services.followup.usecases.replanning import ReplanContacts
from shared.audit import AuditTrail
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
        schedules=PostgresSchedules(lambda: clock.zone.key),
        reminders=PostgresReminders(),
        people=PostgresPeople(),
        leave=PostgresLeave(),
        escalations=PostgresEscalations(lambda: clock.zone.key),
    )
    intake = Intake(
        clock.now(),
        quiet=timedelta(seconds=settings.history_quiet_seconds),
        longest=timedelta(seconds=settings.history_longest_seconds),
    )
    plan_contacts = PlanContacts(stores, paces, clock, intake)
    dispatch_due = DispatchDue(desk, stores, paces, intake, lines_per_batch=settings.dispatch_lines)
    replan_contacts = ReplanContacts(desk, stores, paces, customers_per_batch=settings.replan_customers)
    escalate_overdue = EscalateOverdue(desk, stores, in_force, intake, reminders_per_batch=settings.escalate_reminders)
    watch_calendar = WatchCalendar(
        desk, stores, PostgresWatch(), in_force, reminders_per_batch=settings.escalate_reminders
    )
    feeds = FeedDesk(
        desk=desk,
        feeds=PostgresFeeds(),
        people=stores.people,
        leave=stores.leave,
        trail=AuditTrail(NAME, database, outbox, clock, wake=lambda: None),
        policy=in_force,
        new_id=lambda: str(uuid4()),
    )
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(plan_contacts, RecordPeople(stores), FollowPolicy(in_force, replan_contacts.begin)),
        routers=(
            reminders_router(ReadReminders(desk, stores), ReportContact(desk, stores)),
            schedule_router(ReadSchedule(desk, stores, paces)),
            calendar_router(
                ReadCalendar(desk, in_force), ReadLeave(desk, stores), ReadReassignments(desk, stores, in_force)
            ),
            feeds_router(KeepFeeds(feeds)),
        ),
        open_routers=(calendar_programs_router(ReadFeed(feeds), clock.now),),
        jobs=(
            *jobs(dispatch_due, replan_contacts, dispatch_every=settings.dispatch_every_seconds),
            *jobs_of_days(escalate_overdue, watch_calendar),
        ),
    )


if __name__ == "__main__":
    main(NAME, build, FollowupSettings)
