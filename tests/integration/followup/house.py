"""Followup as it stands in its database, with the events that others would send it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from services.followup.domain.cadence import Paces
from services.followup.domain.levelling import Rules
from services.followup.domain.schedule import Schedule
from services.followup.ports import Desk, Publisher, Stores
from services.followup.ports.messages import Company
from services.followup.store import (
    PostgresActs,
    PostgresCapacity,
    PostgresEscalations,
    PostgresLeave,
    PostgresMessages,
    PostgresPeople,
    PostgresPlans,
    PostgresProducts,
    PostgresReminders,
    PostgresReports,
    PostgresSchedules,
    PostgresViews,
    PostgresWatch,
)
from services.followup.usecases.acts import Hands, SkipReminder, SnoozeReminder
from services.followup.usecases.calendar import WatchCalendar
from services.followup.usecases.contact import Report, ReportContact
from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.endings import EndPast
from services.followup.usecases.escalation import EscalateOverdue
from services.followup.usecases.handing import HandOverCustomer, HandOverReminder
from services.followup.usecases.happening import TellLevels
from services.followup.usecases.intake import Intake
from services.followup.usecases.leave import MoveOffLeave
from services.followup.usecases.looking import LookAtReminder
from services.followup.usecases.organisation import RecordPeople
from services.followup.usecases.plan_tasks import AskForPlans
from services.followup.usecases.planning import PlanContacts
from services.followup.usecases.plans import KeepPlans
from services.followup.usecases.products import AnnounceProduct, TellOfProducts
from services.followup.usecases.reading import ReadReminders, ReadSchedule
from services.followup.usecases.replanning import ReplanContacts
from services.followup.usecases.report_tasks import AskForReports
from services.followup.usecases.reports import KeepReports, ReportParts
from services.followup.usecases.views import ReadDesk
from shared.audit import AuditTrail
from shared.clock import FrozenClock
from shared.contracts.customers import CustomerFacts, ProfileRecorded, TradeEntry, TradeRecorded, Upkeep
from shared.contracts.organisation import LeaveCancelled, LeaveRecorded, PersonRecorded
from shared.contracts.tiers import Explanation, Tier, TierCause, TierChanged, TierDropAhead
from shared.contracts.types import Cause, CustomerClass, Level, SamplePhase, Words
from shared.engine.model import Event, Handler, Outgoing, Transaction
from shared.engine.outbox import Outbox
from shared.engine.postgres import Database
from shared.following import FollowPolicy
from shared.identity import Principal
from shared.in_force import Derived, PolicyInForce
from shared.policy import Policy, load_policy
from tests.in_force import activated
from tests.integration.tables import tables_of

APP = "followup_app"
prepare = tables_of("followup")
POLICY = load_policy()
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
QUIET, LONGEST = timedelta(seconds=3), timedelta(minutes=10)


class Said(TypedDict, total=False):
    """What is said of a customer; what is left out is not known."""

    orders: int
    last_order_on: date | None
    sample: tuple[SamplePhase, date] | None
    contacted_at: datetime | None
    rep: str | None
    department: str | None
    customer_class: CustomerClass
    country: str | None
    rhythm: tuple[int, int, int]
    upkeep: Upkeep
    cause: str
    occurred_at: datetime
    entry_dated: date


class House:
    """The use cases at one moment, which tests move; `told` runs a batch as the engine would."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FrozenClock(NOON)
        self.outbox = Outbox("/tierline/followup")
        self.desk = Desk(database, self.outbox, self.clock)
        self.stores = Stores(
            schedules=PostgresSchedules(lambda: "Asia/Shanghai"),
            reminders=PostgresReminders(),
            people=PostgresPeople(),
            leave=PostgresLeave(),
            escalations=PostgresEscalations(lambda: "Asia/Shanghai"),
            acts=PostgresActs(),
            capacity=PostgresCapacity(),
            products=PostgresProducts(),
        )
        self.intake = Intake(NOON - DAY, quiet=QUIET, longest=LONGEST)
        self.in_force = PolicyInForce(POLICY, self.clock)
        self.paces = paces = Derived(self.in_force, Paces.of)
        self.rules = Derived(self.in_force, Rules.of)
        self.replan_contacts = ReplanContacts(self.desk, self.stores, paces, customers_per_batch=7)
        self.follow_policy = FollowPolicy(self.in_force, self.replan_contacts.begin)
        nobody = TellLevels(PostgresMessages(), Company({}), self.intake, self.clock)
        self.plan_contacts = PlanContacts(self.stores, paces, self.clock, self.intake, nobody)
        self.announce_product = AnnounceProduct(self.desk, self.stores, paces)
        self.tell_of_products = TellOfProducts(self.desk, self.stores, paces, customers_per_batch=7)
        self.end_past = EndPast(self.desk, self.stores, reminders_per_batch=7)
        self.record_people = RecordPeople(self.stores)
        self.dispatch = self.dispatcher()
        self.escalate = EscalateOverdue(self.desk, self.stores, self.in_force, self.intake, reminders_per_batch=100)
        self.move_off_leave = MoveOffLeave(self.desk, self.stores, self.in_force, reminders_per_batch=7)
        self.watch_calendar = WatchCalendar(
            self.desk, self.stores, PostgresWatch(), self.in_force, reminders_per_batch=7
        )
        self.read_reminders = ReadReminders(self.desk, self.stores)
        self.read_schedule = ReadSchedule(self.desk, self.stores, paces)
        self.hands = hands = Hands(self.desk, self.stores)
        self.trail = AuditTrail("followup", database, self.outbox, self.clock, wake=lambda: None)
        self.report_contact = ReportContact(hands, paces)
        self.snooze = SnoozeReminder(hands, self.in_force)
        self.skip = SkipReminder(hands, self.in_force)
        self.hand_over = HandOverReminder(hands)
        self.hand_over_customer = HandOverCustomer(hands, self.trail)
        self.look = LookAtReminder(hands, self.in_force)
        plans, reports, views = PostgresPlans(), PostgresReports(), PostgresViews()
        self.keep_plans = KeepPlans(self.desk, self.stores, plans, self.trail)
        self.ask_for_plans = AskForPlans(self.desk, self.stores, plans, paces, self.intake)
        self.read_desk = ReadDesk(self.desk, self.stores, views, paces)
        self.keep_reports = KeepReports(ReportParts(self.desk, self.stores, reports, views, paces))
        self.ask_for_reports = AskForReports(self.desk, self.stores, reports, self.in_force, self.intake)

    def dispatcher(self, *, lines_per_batch: int = 100, outbox: Publisher | None = None) -> DispatchDue:
        """Another dispatcher, as a second process would be."""
        desk = self.desk if outbox is None else replace(self.desk, outbox=outbox)
        return DispatchDue(desk, self.stores, self.rules, self.intake, lines_per_batch=lines_per_batch)

    async def told(self, *events: Event) -> list[Outgoing]:
        """Run one batch through its use case, append what it decided, and return that."""
        people = isinstance(events[0].data, PersonRecorded | LeaveRecorded | LeaveCancelled)
        handler: Handler[Any] = self.record_people if people else self.plan_contacts
        async with self.database.transaction() as tx:
            work, outgoings = await self.fold(handler, tx, events)
            await handler.save(tx, work)
            await self.outbox.append(tx, outgoings, now=self.clock.now())
        handler.committed(work)
        return outgoings

    async def fold(self, handler: Handler[Any], tx: Transaction, events: Sequence[Event]) -> tuple[Any, list[Outgoing]]:
        work = await handler.load(tx, events)
        return work, [out for event in events for out in handler.decide(work, event, self.clock.now())]

    async def follow(self, policy: Policy, number: int = 1) -> None:
        """Let another policy decide from now on."""
        event = activated(policy, number)
        async with self.database.transaction() as tx:
            work = await self.follow_policy.load(tx, [event])
            self.follow_policy.decide(work, event, self.clock.now())
            await self.follow_policy.save(tx, work)

    async def published(self, event_type: str) -> list[dict[str, Any]]:
        """All events of a type in the outbox, whole, in the order of their commits."""
        rows = await self.database.fetch("SELECT record_values FROM outbox ORDER BY frame_id")
        events = [json.loads(value) for row in rows for value in row["record_values"]]
        return [event for event in events if event["type"] == event_type]

    async def report(self, who: Principal, reminder_id: str) -> str:
        """Somebody's word that a contact was made just now."""
        return await self.report_contact(who, reminder_id, Report(self.clock.now(), "phone"))

    @asynccontextmanager
    async def crashing_saves(self) -> AsyncIterator[None]:
        """Whoever saves a schedule meanwhile crashes after having written it."""
        save = self.stores.schedules.save

        async def crash(tx: Transaction, before: Mapping[str, Schedule], after: Mapping[str, Schedule]) -> None:
            await save(tx, before, after)
            raise RuntimeError("crash")

        self.stores.schedules.save = crash  # type: ignore[method-assign]
        try:
            yield
        finally:
            del self.stores.schedules.save

    async def due_of(self, customer_id: str) -> dict[str, date | None]:
        """The next date of each line of a customer."""
        rows = await self.database.fetch(
            "SELECT line, due_on FROM schedule_lines WHERE customer_id = $1 ORDER BY line", customer_id
        )
        return {row["line"]: row["due_on"] for row in rows}

    async def many_due(self, count: int, *, each: int = 25) -> None:
        """Plan `count` contract customers whose monthly contact is due today; a rep has `each` of them."""
        for begin in range(0, count, 500):
            numbers = range(begin, min(begin + 500, count))
            names = [f"C-{number:05}" for number in numbers]
            reps = [f"rep-{number // each + 1}" for number in numbers]
            await self.told(
                *(
                    facts(name, last_order_on=date(2026, 2, 2), orders=1, rep=rep)
                    for name, rep in zip(names, reps, strict=True)
                )
            )
            await self.told(*(tier(name, "contract", "ordinary") for name in names))


def facts(customer_id: str, version: int = 1, **said: Unpack[Said]) -> Event:
    """An event of `customers.v1`; `entry_dated` makes it one of trade."""
    phase, sample_on = said.get("sample") or ("none", None)
    occurred_at = said.get("occurred_at", NOON)
    cause = said.get("cause", "order.placed")
    last_order_on = said.get("last_order_on")
    purchases, interval, spread = said.get("rhythm") or (None, None, None)
    known = CustomerFacts(
        customer_id=customer_id,
        version=version,
        cause=Cause(id=f"{cause}:{customer_id}:{version}", type=cause, source="/orders"),
        occurred_at=occurred_at,
        customer_class=said.get("customer_class", "contract" if said.get("orders") else "potential"),
        orders=said.get("orders", 0),
        first_order_on=last_order_on,
        last_order_on=last_order_on,
        sample_phase=phase,
        sample_on=sample_on,
        country=said.get("country", "CN"),
        potential=None,
        rep=said.get("rep", "rep-1"),
        department=said.get("department"),
        contacted_at=said.get("contacted_at"),
        file_tier="personal",
        purchases=purchases,
        usual_interval=interval,
        usual_spread=spread,
        upkeep=said.get("upkeep"),
    )
    fields = {name: getattr(known, name) for name in CustomerFacts.model_fields}
    dated = said.get("entry_dated")
    data = (
        ProfileRecorded(**fields)
        if dated is None
        else TradeRecorded(
            **fields, entry=TradeEntry(entry_id=f"o:{version}", kind="order", dated=dated, amount="1.00", counts=True)
        )
    )
    kind = "profile.recorded" if dated is None else "trade.recorded"
    return Event(f"{customer_id}:{version}", "/tierline/customers", kind, occurred_at, TRACE, data, 0)


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def tier(
    customer_id: str, customer_class: CustomerClass, level: Level, *, sequence: int = 1, since: date = TODAY
) -> Event:
    """A `tier.changed`."""
    data = TierChanged(
        customer_id=customer_id,
        sequence=sequence,
        to=Tier(customer_class=customer_class, level=level),
        since=since,
        decided_at=NOON,
        policy_version="test",
        why=Explanation(cause=TierCause(kind="event"), words=Words(zh="因", en="because")),
    )
    return Event(f"{customer_id}:{sequence}", "/tierline/scoring", "tier.changed", NOON, TRACE, data, 0)


def drop_ahead(customer_id: str, last_order_on: date, *, sequence: int = 1, act_by: date = TODAY + 14 * DAY) -> Event:
    """A `tier.drop_ahead`, foreseen today."""
    data = TierDropAhead(
        customer_id=customer_id,
        level="ordinary",
        date=act_by,
        words=Words(zh="不下单将降级。", en="It falls without an order."),
        held="key",
        falls_on=act_by + DAY,
        foreseen_on=TODAY,
        sequence=sequence,
        last_order_on=last_order_on,
    )
    event_id = f"{customer_id}:{sequence}:{last_order_on}"
    return Event(event_id, "/tierline/scoring", "tier.drop_ahead", NOON, TRACE, data, 0)


def person(  # noqa: PLR0913 - all that is said of a person
    name: str,
    department: str | None = None,
    rep_code: str | None = None,
    *,
    active: bool = True,
    role: str = "rep",
    manager: str | None = None,
) -> Event:
    """A `person.recorded`."""
    data = PersonRecorded(
        person=name, role=role, department=department, rep_code=rep_code, active=active, manager=manager
    )
    return Event(f"{name}:{department}", "/hr", "person.recorded", NOON, "", data, 0)


def leave(leave_id: str, name: str, first: date, last: date, deputy: str | None = None) -> Event:
    """A `leave.recorded`."""
    data = LeaveRecorded(leave_id=leave_id, person=name, first=first, last=last, deputy=deputy)
    return Event(f"leave.recorded:{leave_id}", "/tierline/customers", "leave.recorded", NOON, "", data, 0)


def leave_cancelled(leave_id: str, name: str) -> Event:
    """A `leave.cancelled`."""
    data = LeaveCancelled(leave_id=leave_id, person=name)
    return Event(f"leave.cancelled:{leave_id}", "/tierline/customers", "leave.cancelled", NOON, "", data, 0)
