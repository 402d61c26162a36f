"""P6: who may let somebody go, and to whom each of the leaver's customers goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import NamedTuple

from services.customers.domain.access import Reader, Reason, Verdict
from services.customers.domain.copies import Person
from services.customers.domain.profile import Stated
from shared.roles import Role
from shared.words import Text

NAMED_IN_WORDS = 5
"""So many customers are named to whoever forgot them; the rest is a number."""


class Held(NamedTuple):
    """A customer of the leaver's; `orders` counts those that count, so that an even share is one of trade too."""

    customer_id: str
    rep: str
    orders: int


class Departure(NamedTuple):
    """An act of letting somebody go; the acts on one person are numbered from 1, a later one hands over the rest."""

    person: str
    number: int
    departed_at: datetime
    decided_by: str
    decided_at: datetime
    reason: str
    customers: int


class Received(NamedTuple):
    """What one rep took over by an act, and with how many of those customers they have been in touch since."""

    number: int
    to_rep: str
    customers: int
    introduced: int


class Handed(NamedTuple):
    """A customer that changed hands; `introduced_at` is the new rep's latest contact since."""

    number: int
    customer_id: str
    from_rep: str
    to_rep: str
    handed_at: datetime
    introduced_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToOne:
    """All of them to one rep, named by id or rep code."""

    rep: str


@dataclass(frozen=True, slots=True)
class ToEach:
    """Each to the rep that is named for it; none may be left out."""

    reps: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evenly:
    """Shared out among these reps, or among all of the department where none is named."""

    reps: tuple[str, ...] = ()


Way = ToOne | ToEach | Evenly


class UnlawfulHandoverError(Exception):
    """This hand-over is not one that P6 allows. `code` is one word for machines, `words` tell what to do instead."""

    def __init__(self, code: str, words: Text) -> None:
        super().__init__(f"{code}: {words.en}")
        self.code = code
        self.words = words


def may_let_go(reader: Reader, leaver: Person | None, person: str, *, handing_over: bool) -> Verdict:
    """The verdict on recording a departure, and on handing the customers over with it (P6).

    The department's manager does both for the reps of the department, the GM for everybody; human resources record
    departures and hand nothing over. Nobody does it to themselves: the leaver passes nothing on.
    """
    if not reader.active:
        return Verdict(allowed=False, reason=Reason.LEFT)
    if person in reader.codes or (leaver is not None and leaver.rep_code in reader.codes):
        return Verdict(allowed=False, reason=Reason.OWN_RECORD)
    known = leaver is not None and leaver.recorded_at is not None
    if reader.role is Role.GM or (reader.role is Role.HR and not handing_over):
        return Verdict(allowed=known, reason=Reason.UNASKED if known else Reason.NO_SUCH_PERSON)
    if reader.role is Role.DEPARTMENT_MANAGER and reader.department is not None:
        own = known and leaver is not None and leaver.department == reader.department and leaver.role == Role.REP
        return Verdict(allowed=own, reason=Reason.UNASKED if own else Reason.NOT_OWN)
    return Verdict(allowed=False, reason=Reason.ROLE)


def sees_departure(reader: Reader, leaver: Person | None, person: str) -> bool:
    """Who may look at a departure: whoever may record one, and the inspector."""
    return reader.active and (
        reader.role is Role.INSPECTOR or may_let_go(reader, leaver, person, handing_over=False).allowed
    )


def share_out(held: Sequence[Held], way: Way, colleagues: Mapping[str, Person], leaver: Person) -> dict[str, str]:
    """To whom each customer goes: customer id → the name that customers know the rep by.

    `colleagues` are people by every name they go by. An even share deals the customers out by trade, so that numbers
    differ by one at most, and nobody gets all the big ones.
    """
    match way:
        case ToOne(rep):
            receiver = _receiver(rep, colleagues, leaver)
            return {customer.customer_id: receiver for customer in held}
        case ToEach(reps):
            missing = sorted(customer.customer_id for customer in held if customer.customer_id not in reps)
            strangers = sorted(set(reps) - {customer.customer_id for customer in held})
            _refuse_unnamed(missing)
            if strangers:
                raise UnlawfulHandoverError(
                    "not_the_leavers",
                    Text(
                        zh=f"不是其负责的客户：{_some(strangers)}",
                        en=f"not customers of the leaver's: {_some(strangers)}",
                    ),
                )
            return {customer_id: _receiver(rep, colleagues, leaver) for customer_id, rep in reps.items()}
        case Evenly(reps):
            named = reps or tuple(_able(colleagues.values(), leaver))
            receivers = sorted({_receiver(rep, colleagues, leaver) for rep in named})
            if not receivers:
                raise UnlawfulHandoverError(
                    "nobody_to_take_over",
                    Text(
                        zh="本部门没有其他在职业务员可以接手", en="no other rep of the department is there to take over"
                    ),
                )
            by_trade = sorted(held, key=lambda customer: (-customer.orders, customer.customer_id))
            return {
                customer.customer_id: receiver for customer, receiver in zip(by_trade, cycle(receivers), strict=False)
            }


def names_of(person: Person) -> frozenset[str]:
    """The names under which customers are a person's."""
    return frozenset({person.person, person.rep_code or person.person})


def stated_after(known: Stated | None, rep: str, now: datetime) -> Stated:
    """The statement that the rep has the customer, which no earlier one outlives, also one of a clock ahead of ours."""
    if known is None or known.stated_at < now:
        return Stated(now, rep)
    return Stated(known.stated_at + timedelta(microseconds=1), rep)


def _able(colleagues: Collection[Person], leaver: Person) -> list[str]:
    return [person.person for person in colleagues if _refusal(person, leaver) is None]


def _receiver(name: str, colleagues: Mapping[str, Person], leaver: Person) -> str:
    person = colleagues.get(name)
    refusal = _nobody(name) if person is None else _refusal(person, leaver)
    if person is None or refusal is not None:
        raise UnlawfulHandoverError("no_receiver", refusal or _nobody(name))
    return person.rep_code or person.person


def _refusal(person: Person, leaver: Person) -> Text | None:
    if not person.works_here():
        return _nobody(person.person)
    if person.person == leaver.person:
        return Text(zh="离职人员不能再接手客户", en="who leaves takes over no customers")
    if person.role != Role.REP or leaver.department is None or person.department != leaver.department:
        return Text(zh=f"{person.person} 不是同一部门的业务员", en=f"{person.person} is no rep of the same department")
    return None


def _nobody(name: str) -> Text:
    return Text(zh=f"没有在职人员 {name}", en=f"nobody called {name} works here")


def _refuse_unnamed(missing: Sequence[str]) -> None:
    if missing:
        raise UnlawfulHandoverError(
            "customers_left_out",
            Text(
                zh=f"还有 {len(missing)} 个客户没有指定接手人：{_some(missing)}",
                en=f"{len(missing)} of the customers go to nobody: {_some(missing)}",
            ),
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED_IN_WORDS]) + (" …" if len(names) > NAMED_IN_WORDS else "")
