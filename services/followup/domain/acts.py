"""What may be done with a reminder, and what may not: put off, left out, handed over (F7, P6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from services.followup.domain.people import Person
from services.followup.domain.refusal import NotPossibleError
from shared.policy.desk import DeskRules, NextDate, Skipping, Snooze
from shared.words import Text

DAY = timedelta(days=1)
OTHER = "other"
"""The reason or outcome that asks for words."""

ActKind = Literal["done", "snoozed", "skipped", "handed_over"]


class Act(NamedTuple):
    """What somebody did with a reminder, as asked for; `key` is the request's Idempotency-Key."""

    reminder_id: str
    number: int
    act: ActKind
    person: str
    acted_at: datetime
    asked: Mapping[str, Any]
    key: str | None = None


class Request(NamedTuple):
    """What somebody asks for now."""

    act: ActKind
    person: str
    asked: Mapping[str, Any]
    key: str | None = None

    def as_act(self, reminder_id: str, number: int, now: datetime) -> Act:
        return Act(reminder_id, number, self.act, self.person, now, self.asked, self.key)


def repeats(acts: Sequence[Act], request: Request) -> bool:
    """Whether the request was carried out before: under its key, or as the last thing that was done.

    Raises NotPossibleError `key_reused` when its key was another request's.
    """
    content = (request.act, request.person, request.asked)
    for act in acts:
        if request.key is not None and act.key == request.key:
            if (act.act, act.person, act.asked) == content:
                return True
            raise NotPossibleError(
                "key_reused",
                Text(zh="该 Idempotency-Key 已用于另一请求", en="this Idempotency-Key belongs to another request"),
            )
    return bool(acts) and (acts[-1].act, acts[-1].person, acts[-1].asked) == content


class Waiting(NamedTuple):
    """What an act needs to know of a reminder: its kind, and until when it helps."""

    kind: str
    latest_on: date | None


def check_snooze(  # noqa: PLR0913 - a pure rule, told all that it depends on
    waiting: Waiting,
    until: date,
    *,
    times: int,
    today: date,
    rule: Snooze,
    is_working: Callable[[date], bool],
) -> None:
    """Raise NotPossibleError unless a reminder put off `times` times may wait for the business date `until`."""
    if times >= rule.at_most:
        raise NotPossibleError(
            "snoozed_too_often",
            Text(
                zh=f"每条提醒最多推迟 {rule.at_most} 次，此条已推迟 {times} 次",
                en=f"a reminder is put off at most {rule.at_most} times, and this one was {times} times",
            ),
        )
    if until <= today:
        raise NotPossibleError("not_later", Text(zh="请推迟到今天之后", en="put it off to a day after today"))
    last = today + rule.longest_days * DAY
    if waiting.latest_on is not None and waiting.latest_on < last:
        last = waiting.latest_on
    if until > last:
        raise NotPossibleError("too_far", Text(zh=f"最晚可推迟到 {last}", en=f"put it off until {last} at the latest"))
    if not is_working(until):
        raise NotPossibleError("not_a_working_day", Text(zh=f"{until} 是休息日", en=f"nobody works on {until}"))


def check_skip(kind: str, reason: str, note: str | None, rule: Skipping) -> None:
    """Raise NotPossibleError unless a reminder of this kind may be left out for this reason."""
    if kind in rule.never:
        raise NotPossibleError(
            "never_skipped", Text(zh="此类提醒不得略过", en="a reminder of this kind is never left out")
        )
    check_listed("unknown_reason", reason, rule.reasons)
    _check_words(reason, note)


def check_outcome(outcome_code: str | None, words: str | None, rules: DeskRules) -> None:
    """Raise NotPossibleError for an outcome that the policy does not list, or an "other" one without words."""
    if outcome_code is not None:
        check_listed("unknown_outcome", outcome_code, rules.outcomes)
        _check_words(outcome_code, words)


def check_next_date(next_on: date, made_on: date, today: date, rule: NextDate) -> None:
    """Raise NotPossibleError unless the customer can have asked for this date at a contact on `made_on`."""
    if next_on <= max(made_on, today):
        raise NotPossibleError("next_date_past", Text(zh="下次联系日期应晚于今天", en="the next date lies after today"))
    if next_on > today + rule.longest_days * DAY:
        raise NotPossibleError(
            "next_date_too_far",
            Text(
                zh=f"下次联系日期最晚为 {today + rule.longest_days * DAY}",
                en=f"the next date is {today + rule.longest_days * DAY} at the latest",
            ),
        )


def check_listed(code: str, given: str, listed: Mapping[str, Text]) -> None:
    """Raise NotPossibleError `code`, which names what there is, when `given` is not among it."""
    if given not in listed:
        raise NotPossibleError(
            code,
            Text(
                zh="请选择：" + "、".join(f"{name}（{words.zh}）" for name, words in listed.items()),
                en="choose one of " + ", ".join(f"{name} ({words.en})" for name, words in listed.items()),
            ),
        )


def check_receiver(receiver: Person | None, department: str | None, holder: str | None) -> Person:
    """Whoever takes over: somebody who works here, in the same department, and is not the holder already (P6)."""
    if receiver is None or not receiver.active:
        raise NotPossibleError(
            "unknown_rep", Text(zh="没有这位在职人员", en="there is nobody of that name working here")
        )
    if department is None or receiver.department != department:
        raise NotPossibleError(
            "other_department",
            Text(zh="只能移交给同一部门的业务员", en="handed over only to a rep of the same department"),
        )
    if holder in receiver.names:
        raise NotPossibleError("already_theirs", Text(zh="已由该业务员负责", en="it is with that rep already"))
    return receiver


def _check_words(code: str, words: str | None) -> None:
    if code == OTHER and not (words or "").strip():
        raise NotPossibleError("say_which", Text(zh="选择“其他”时请说明", en='say in words what "other" is'))
