"""What is owed at a time of its own: ahead of a purchase, a deadline or a fall (F1, P2, O2, K6), on occasions (F6).

Like `next_due` of the cadences, each rule looks at no clock and at no earlier answer of its own but how far its line
has come, so a plan does not depend on what was heard first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple
from zlib import crc32

from services.followup.domain.customer import Facts, Fall
from services.followup.domain.feasts import Feast, Feasts

DAY = timedelta(days=1)


class Progress(NamedTuple):
    """How far a line has come.

    `opened_on` is the day from which the line counts at its present pace; `reminded_until` the last due date that
    needs no reminder any more.
    """

    opened_on: date
    reminded_until: date | None = None


class Matter(NamedTuple):
    """What is due on `due_on` at the earliest and on `latest_on` at the latest (None: whenever).

    Once reminded of, the line has come to `covers`. `key` names the matter for ever, whatever its due date becomes;
    what `expires` is not reminded of after `latest_on`.
    """

    due_on: date
    covers: date
    latest_on: date | None = None
    key: str = ""
    expires: bool = False
    about: Feast | Fall | None = None


def purchase(facts: Facts, progress: Progress, notice: timedelta, widest: tuple[int, int]) -> Matter | None:
    """F1: some days ahead of the next purchase, an interval after the last.

    None where the intervals are too unlike to predict by, when the purchase was reminded of, when somebody was in
    touch since, or when the date had passed before the line was opened: a purchase that did not come is the monthly
    contact's business.
    """
    last, interval, spread = facts.last_order_on, facts.usual_interval, facts.usual_spread
    part, whole = widest
    if last is None or interval is None or spread is None or spread * whole > interval * part:
        return None
    expected = last + interval * DAY
    due = expected - notice
    if due <= last or due < progress.opened_on:
        return None
    if (progress.reminded_until or date.min) >= due or (facts.contacted_on or date.min) >= due:
        return None
    return Matter(due, due, expected, expires=True)


def deadline(
    began: date, progress: Progress, notice: timedelta, after: Callable[[date], date], customer_id: str
) -> Matter:
    """Some days ahead of the next deadline, one interval after `began` or after the last that was reminded of.

    A deadline that had come too near, or passed, before anybody could be reminded is spread over one interval from
    then on.
    """
    covered = progress.reminded_until
    due = after(began) - notice
    if covered is not None and due <= covered:
        due = after(covered + notice) - notice
    if due < progress.opened_on:
        span = (after(progress.opened_on) - progress.opened_on).days
        due = progress.opened_on + DAY * (crc32(customer_id.encode()) % span)
    return Matter(due, due, due + notice)


def stale_file(
    facts: Facts, progress: Progress, notice: timedelta, after: Callable[[date], date], customer_id: str
) -> Matter:
    """P2: ahead of the day on which the file will have lain for too long since somebody worked on it."""
    return deadline(facts.dossier.improved_on or progress.opened_on, progress, notice, after, customer_id)


def last_progress(facts: Facts) -> date | None:
    """O2: the day on which the present rep last got on with the prospect, from the day it was given; None: nobody's."""
    dossier = facts.dossier
    given_on = dossier.given_on
    return None if given_on is None else max(given_on, dossier.reported_on or given_on, dossier.improved_on or given_on)


def next_report(
    facts: Facts, progress: Progress, notice: timedelta, after: Callable[[date], date], *, customer_id: str
) -> Matter | None:
    """O2: ahead of the day by which the rep reports progress; None where nobody holds the prospect."""
    began = last_progress(facts)
    return None if began is None else deadline(began, progress, notice, after, customer_id)


def protection_ends(ends_on: date, progress: Progress, notice: timedelta) -> Matter | None:
    """O2: once ahead of the end; None when it was reminded of, or had come before the line was opened."""
    if progress.reminded_until is not None and progress.reminded_until >= ends_on - notice:
        return None
    due = max(ends_on - notice, progress.opened_on)
    return None if due > ends_on else Matter(due, due, ends_on, key=str(ends_on))


def falling(fall: Fall, progress: Progress) -> Matter | None:
    """K6: at once, once for each fall that is foreseen, while it can be helped."""
    if progress.reminded_until is not None and progress.reminded_until >= fall.foreseen_on:
        return None
    due = max(fall.foreseen_on, progress.opened_on)
    return None if due > fall.act_by else Matter(due, due, fall.act_by, expires=True, about=fall)


def greeting(customer_id: str, country: str | None, progress: Progress, feasts: Feasts) -> Matter | None:
    """F6: on a day before the next feast, another for each customer, and after the feast before.

    A feast that is near when the line opens is greeted on one of the days that are left. None where there is no feast
    in this year and the next.
    """
    since, covered = progress.opened_on, progress.reminded_until or date.min
    first = max(since, covered)
    before = date.min
    for year in (first.year - 1, first.year, first.year + 1):
        for feast in feasts.of(country, year):
            on, earlier, before = feast.on, before, feast.on
            left = min(feasts.days_before, (on - since).days)
            if on <= covered or left < 1:
                continue
            lead = 1 + _number(customer_id, feast.name, on.year) % left
            due = max(on - lead * DAY, earlier + DAY if earlier > since else since)
            return Matter(due, on, on, key=str(on), expires=True, about=feast)
    return None


def news_day(customer_id: str, product_id: str, announced_on: date, within_days: int) -> date:
    """F6: the day on which a customer hears of a new product."""
    return announced_on + DAY * (_number(customer_id, product_id) % within_days)


def _number(*parts: object) -> int:
    """The same for the same parts on every machine and for ever, and spread for ids that differ in one digit."""
    return crc32("\n".join(map(str, parts)).encode())
