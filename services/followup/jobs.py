"""What followup does by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from services.followup.usecases.calendar import WatchCalendar
from services.followup.usecases.composing import ComposeMessages
from services.followup.usecases.dispatch import DispatchDue
from services.followup.usecases.endings import EndPast
from services.followup.usecases.escalation import EscalateOverdue
from services.followup.usecases.feed_readings import RefusedFeeds
from services.followup.usecases.leave import MoveOffLeave
from services.followup.usecases.plan_tasks import AskForPlans
from services.followup.usecases.products import TellOfProducts
from services.followup.usecases.replanning import ReplanContacts
from services.followup.usecases.report_tasks import AskForReports
from services.followup.usecases.sending import SendMessages, SweepMessages
from shared.engine.model import Job

# Both are asked for hours or days ahead, and looking costs more than nothing.
PLANS_EVERY = 120.0
REPORTS_EVERY = 60.0


def jobs(
    dispatch_due: DispatchDue,
    replan_contacts: ReplanContacts,
    ask_for_plans: AskForPlans,
    ask_for_reports: AskForReports,
    *,
    dispatch_every: float,
) -> tuple[Job, ...]:
    async def dispatch() -> None:
        await dispatch_due()

    async def reports() -> None:
        await ask_for_reports()

    # Not once a day: the first run of a day issues its list, whenever that is, and later ones what was planned since.
    # Asking whether there is something to plan anew is one row.
    return (
        Job("replan_contacts", every=1.0, run=replan_contacts),
        Job("dispatch_due", every=dispatch_every, run=dispatch),
        Job("ask_for_plans", every=PLANS_EVERY, run=ask_for_plans),
        Job("ask_for_reports", every=REPORTS_EVERY, run=reports),
    )


def jobs_of_days(
    escalate_overdue: EscalateOverdue, move_off_leave: MoveOffLeave, watch_calendar: WatchCalendar
) -> tuple[Job, ...]:
    async def escalate() -> None:
        # What is moved first is not late.
        await move_off_leave()
        await escalate_overdue()

    # Steps come with the day; asking a small index in between costs nothing, and a day that begins is not waited for.
    # The calendar changes with a policy or a restart, and comparing it is one row.
    return (
        Job("watch_calendar", every=10.0, run=watch_calendar),
        Job("escalate_overdue", every=30.0, run=escalate),
    )


class Rhythm(NamedTuple):
    """Seconds between two looks at what is to be told, and at what is to be sent."""

    compose: float
    send: float


def message_jobs(
    compose: ComposeMessages,
    send: SendMessages,
    sweep: SweepMessages,
    every: Rhythm,
    channels: Iterable[str],
) -> Iterator[Job]:
    """Messages are made, and each channel is drained on its own: a slow one holds up no other."""

    async def make() -> None:
        await compose()

    async def drain(channel: str) -> None:
        await send(channel)

    yield Job("compose_messages", every=every.compose, run=make)
    yield Job("sweep_messages", every=10.0, run=sweep)
    for channel in channels:
        yield Job(f"send:{channel}", every=every.send, run=partial(drain, channel))


def feed_jobs(refused: RefusedFeeds) -> tuple[Job, ...]:
    return (Job("refused_feeds", every=15.0, run=refused.tell),)


def jobs_of_occasions(tell_of_products: TellOfProducts, end_past: EndPast, *, dispatch_every: float) -> tuple[Job, ...]:
    return (
        Job("tell_of_products", every=dispatch_every, run=tell_of_products),
        Job("end_past", every=60.0, run=end_past),
    )
