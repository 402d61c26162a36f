"""Followup, put together: `python -m services.followup [migrate]`."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from services.followup.api import (
    Acts,
    acts_router,
    calendar_programs_router,
    calendar_router,
    capacity_router,
    desk_router,
    feeds_router,
    messages_router,
    plans_router,
    preferences_router,
    products_router,
    reminders_router,
    reports_router,
    schedule_router,
    tasks_router,
)
from services.followup.channels import Measures, PhraseBook, read_channels
from services.followup.consumers import subscriptions
from services.followup.domain.cadence import Paces
from services.followup.domain.levelling import Rules
from services.followup.jobs import Rhythm, feed_jobs, jobs, jobs_of_days, jobs_of_occasions, message_jobs
from services.followup.ports import Desk, Stores
from services.followup.ports.messages import Mailroom, Post
from services.followup.settings import FollowupSettings
from services.followup.store import (
    PostgresActs,
    PostgresCapacity,
    PostgresEscalations,
    PostgresFeeds,
    PostgresLeave,
    PostgresMessages,
    PostgresPeople,
    PostgresPlans,
    PostgresPreferences,
    PostgresProducts,
    PostgresReminders,
    PostgresReports,
    PostgresSchedules,
    PostgresTasks,
    PostgresViews,
    PostgresWatch,
)
from services.followup.usecases.absence import ReadCalendar, ReadLeave, ReadReassignments
from services.followup.usecases.acts import Hands, SkipReminder, SnoozeReminder
from services.followup.usecases.calendar import WatchCalendar
from services.followup.usecases.capacity import ReadCapacity, SetCapacity
from services.followup.usecases.composing import ComposeMessages
from services.followup.usecases.contact import ReportContact
from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.endings import EndPast
from services.followup.usecases.escalation import EscalateOverdue
from services.followup.usecases.feed_readings import RefusedFeeds
from services.followup.usecases.feeds import FeedDesk, KeepFeeds, ReadFeed
from services.followup.usecases.handing import HandOverCustomer, HandOverReminder
from services.followup.usecases.happening import NoteHappenings, TellLevels
from services.followup.usecases.intake import Intake
from services.followup.usecases.leave import MoveOffLeave
from services.followup.usecases.looking import LookAtReminder
from services.followup.usecases.organisation import RecordPeople
from services.followup.usecases.plan_tasks import AskForPlans
from services.followup.usecases.planning import PlanContacts
from services.followup.usecases.plans import KeepPlans
from services.followup.usecases.preferring import ChoosePreferences
from services.followup.usecases.previewing import LookAtMessages
from services.followup.usecases.products import AnnounceProduct, TellOfProducts
from services.followup.usecases.reading import ReadReminders, ReadSchedule
from services.followup.usecases.replanning import ReplanContacts
from services.followup.usecases.report_tasks import AskForReports
from services.followup.usecases.reports import KeepReports, ReportParts
from services.followup.usecases.sending import Sender, SendMessages, SweepMessages
from services.followup.usecases.tasks import ReadTasks, RecordTasks
from services.followup.usecases.views import ReadDesk
from shared.audit import AuditTrail
from shared.clock import Clock
from shared.engine.outbox import Outbox
from shared.following import FollowPolicy
from shared.in_force import Derived, PolicyInForce
from shared.links import DecisionLinks, read_links
from shared.metrics import Metrics
from shared.policy import load_policy
from shared.runtime import Service, main, open_database
from shared.standing import Attendance

NAME = "followup"


def build(settings: FollowupSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    database = open_database(NAME, settings)
    outbox = Outbox(f"/tierline/{NAME}")

    in_force = PolicyInForce(policy, clock)
    paces = Derived(in_force, Paces.of)
    rules = Derived(in_force, Rules.of)
    desk = Desk(database, outbox, clock)
    stores = Stores(
        schedules=PostgresSchedules(lambda: clock.zone.key),
        reminders=PostgresReminders(),
        people=PostgresPeople(),
        leave=PostgresLeave(),
        escalations=PostgresEscalations(lambda: clock.zone.key),
        acts=PostgresActs(),
        capacity=PostgresCapacity(),
        products=PostgresProducts(),
    )
    plans, reports, views, tasks = PostgresPlans(), PostgresReports(), PostgresViews(), PostgresTasks()
    trail = AuditTrail(NAME, database, outbox, clock, wake=lambda: None)
    hands = Hands(desk, stores)
    intake = Intake(
        clock.now(),
        quiet=timedelta(seconds=settings.history_quiet_seconds),
        longest=timedelta(seconds=settings.history_longest_seconds),
    )
    # Read before anything is opened: a mistake in it is a message and an exit.
    company = read_channels(settings.channels_file)
    post = Post(PostgresMessages(), PostgresPreferences())
    links = read_links(settings.link_key_file)
    decide = (
        None
        if links is None or settings.archive_base is None
        else DecisionLinks(links, settings.archive_base, clock.now, lambda: in_force.policy.consulting.link_hours)
    )
    phrases, metrics = PhraseBook(settings.link_base, decide), Metrics()
    room = Mailroom(desk, post, company, phrases, Measures(metrics.registry), in_force.latest)
    lease = timedelta(seconds=settings.send_lease_seconds)
    send = SendMessages(room, Sender(lease, settings.send_at_a_time))

    plan_contacts = PlanContacts(stores, paces, clock, intake, TellLevels(post.messages, company, intake, clock))
    dispatch_due = DispatchDue(desk, stores, rules, intake, lines_per_batch=settings.dispatch_lines)
    replan_contacts = ReplanContacts(desk, stores, paces, customers_per_batch=settings.replan_customers)
    read_capacity = ReadCapacity(desk, stores, rules)
    escalate_overdue = EscalateOverdue(desk, stores, in_force, intake, reminders_per_batch=settings.escalate_reminders)
    move_off_leave = MoveOffLeave(desk, stores, in_force, reminders_per_batch=settings.escalate_reminders)
    watch_calendar = WatchCalendar(
        desk, stores, PostgresWatch(), in_force, reminders_per_batch=settings.escalate_reminders
    )
    feeds = FeedDesk(
        desk=desk,
        feeds=PostgresFeeds(lambda: clock.zone.key),
        people=stores.people,
        leave=stores.leave,
        trail=trail,
        policy=in_force,
        new_id=lambda: str(uuid4()),
    )
    refused_feeds = RefusedFeeds(trail, clock)
    acts = Acts(
        snooze=SnoozeReminder(hands, in_force),
        skip=SkipReminder(hands, in_force),
        hand_over=HandOverReminder(hands),
        hand_over_customer=HandOverCustomer(hands, trail),
        look=LookAtReminder(hands, in_force),
    )
    return Service(
        name=NAME,
        settings=settings,
        database=database,
        clock=clock,
        in_force=in_force,
        outbox=outbox,
        subscriptions=subscriptions(
            plan_contacts,
            RecordPeople(stores),
            FollowPolicy(in_force, replan_contacts.begin),
            NoteHappenings(post.messages, company, in_force, clock),
            RecordTasks(tasks, post.messages, company, clock),
        ),
        standing=Attendance(database, stores.people),
        routers=(
            reminders_router(ReadReminders(desk, stores), ReportContact(hands, paces)),
            acts_router(acts),
            schedule_router(ReadSchedule(desk, stores, paces)),
            capacity_router(read_capacity, SetCapacity(desk, stores, read_capacity)),
            calendar_router(
                ReadCalendar(desk, in_force), ReadLeave(desk, stores), ReadReassignments(desk, stores, in_force)
            ),
            feeds_router(KeepFeeds(feeds), settings.feed_base),
            desk_router(ReadDesk(desk, stores, views, paces)),
            plans_router(KeepPlans(desk, stores, plans, trail)),
            reports_router(KeepReports(ReportParts(desk, stores, reports, views, paces)), clock.now),
            messages_router(LookAtMessages(room, stores.people)),
            preferences_router(ChoosePreferences(room, stores.people)),
            products_router(AnnounceProduct(desk, stores, paces)),
            tasks_router(ReadTasks(desk, tasks)),
        ),
        open_routers=(calendar_programs_router(ReadFeed(feeds), refused_feeds, clock.now),),
        jobs=(
            *jobs(
                dispatch_due,
                replan_contacts,
                AskForPlans(desk, stores, plans, paces, intake),
                AskForReports(desk, stores, reports, in_force, intake),
                dispatch_every=settings.dispatch_every_seconds,
            ),
            *feed_jobs(refused_feeds),
            *jobs_of_days(escalate_overdue, move_off_leave, watch_calendar),
            *message_jobs(
                ComposeMessages(room, intake),
                send,
                SweepMessages(room, send, lease),
                Rhythm(settings.compose_every_seconds, settings.send_every_seconds),
                company.channels,
            ),
            *jobs_of_occasions(
                TellOfProducts(desk, stores, paces, customers_per_batch=settings.replan_customers),
                EndPast(desk, stores, reminders_per_batch=settings.dispatch_lines),
                dispatch_every=settings.dispatch_every_seconds,
            ),
        ),
        metrics=metrics,
    )


if __name__ == "__main__":
    main(NAME, build, FollowupSettings)
