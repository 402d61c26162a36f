"""A1–A3: which steps a request to consult a file takes, from the policy alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, NamedTuple

from services.archive.domain.files import RANKS, CustomerFile, Record
from services.archive.domain.people import Person, UnlawfulError
from shared.contracts.types import FileTier, Rank
from shared.policy import Policy
from shared.policy.rights import RecordRank
from shared.roles import Role
from shared.words import Text

Act = Literal["sign", "consent", "approve", "release"]
"""In this order: the asker's manager signs, the tier's keeper consents, the GM approves, the archivist releases."""

WHOLE: Final = "*"
"""Among sections: all that may be consulted."""

COMPANY_WIDE: Final = frozenset({Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM, Role.GM_OFFICE_HEAD, Role.ARCHIVIST})
"""Those who keep, approve or release files must know which exist (A1-A3)."""

NOBODYS: Final = ""
"""Where a file's department should stand and nobody knows one: no manager is asked, the stand-ins are."""


class Step(NamedTuple):
    """One decision that a request needs; `number` from 1.

    Whoever holds one of `roles`, in `department` where it names one, may take it; a signature is that of the asker's
    manager, and names the role only for those who stand in.
    """

    number: int
    act: Act
    roles: tuple[Role, ...]
    department: str | None = None


class Subject(NamedTuple):
    """What somebody asks to consult, as the rules need it: a customer's file has a tier, a record has none.

    `sections` are those asked for; `rank` is the highest among them.
    """

    file: str
    tier: FileTier | None
    rank: Rank
    department: str | None
    sections: tuple[str, ...]


class Opening(NamedTuple):
    """What a grant comes to: at most so many hours, once only or as often as wanted, and where it is read."""

    hours: int
    once: bool
    reading_room: bool
    lends: bool


def of_customer(file: CustomerFile, sections: tuple[str, ...], policy: Policy) -> Subject:
    """A customer's file (A1), whose rank the policy names; `UnlawfulError` (`unknown_section`, `never_consulted`)."""
    ranks = {name: getattr(policy.files.sections, name) for name in type(policy.files.sections).model_fields}
    for name in sections:
        if name != WHOLE and name not in ranks:
            raise unknown_section(name)
        if ranks.get(name) == "top_secret":
            raise never_consulted()
    return Subject(file.file, file.tier, policy.files.rank, file.department, sections)


def of_record(record: Record, sections: tuple[str, ...], asker: Person, policy: Policy) -> Subject | None:
    """A company record (A3), as far as the asker may know of it; None where it does not exist for the asker.

    Of the whole of it, the sections that may be consulted at all. `UnlawfulError` (`never_consulted`,
    `unknown_section`).
    """
    if not knows_of_record(record.rank, record, asker, policy):
        return None
    ranks = {s.name: s.rank for s in record.sections if knows_of_record(s.rank, record, asker, policy)}
    if WHOLE in sections:
        can_be = {name: rank for name, rank in ranks.items() if rank_rules(rank, policy).consulted != "never"}
        wanted: dict[str, Rank] = can_be if record.sections else {WHOLE: record.rank}
    else:
        for name in sections:
            if name not in ranks:
                raise unknown_section(name)
        wanted = {name: ranks[name] for name in sections}
    highest = max((record.rank, *wanted.values()), key=RANKS.index)
    if not wanted or rank_rules(highest, policy).consulted == "never":
        raise never_consulted()
    return Subject(record.file, None, highest, record.department, tuple(wanted))


def knows_of_record(rank: Rank, record: Record, person: Person, policy: Policy) -> bool:
    """Whether a person may know that what is of this rank exists in a record (A3)."""
    match policy.records.known_to.of(rank).get(role) if (role := _role(person)) is not None else None:
        case "any":
            return True
        case "own_department":
            return record.department is not None and record.department == person.department
    return False


def unknown_section(name: str) -> UnlawfulError:
    """The file has no such part, or the asker may not know of it."""
    return UnlawfulError("unknown_section", Text(zh=f"没有这一部分：{name}", en=f"there is no section {name}"))


def never_consulted() -> UnlawfulError:
    """A3: rank 3."""
    return UnlawfulError("never_consulted", Text(zh="绝密内容不得查阅", en="what is of this rank is never consulted"))


def rank_rules(rank: Rank, policy: Policy) -> RecordRank:
    """A3, for one rank."""
    return policy.files.records.of(rank)


def reads_unasked(subject: Subject, asker: Person, rep: str | None, policy: Policy) -> bool:
    """Whether the asker keeps the file or is named for it (A1, A3)."""
    role = _role(asker)
    if role is None:
        return False
    if subject.tier is None:
        return role in rank_rules(subject.rank, policy).unasked
    return policy.files.tiers.of(subject.tier).reads_unasked(
        role,
        same_department=subject.department is not None and subject.department == asker.department,
        own_customer=rep in asker.codes,
    )


def needs_no_request(subject: Subject, asker: Person, rep: str | None, policy: Policy, *, copy: bool) -> bool:
    """Whether there is nothing to ask: who reads unasked, but takes out only in a role that copies (A5, N4)."""
    return reads_unasked(subject, asker, rep, policy) and (not copy or _role(asker) in policy.files.copying)


def knows_of(subject: Subject, asker: Person, rep: str | None, policy: Policy) -> bool:
    """Whether the asker may know that this customer's file exists, and so of its tier and keepers.

    Others are told of the chain only what holds for every file, so that asking finds nothing out.
    """
    if subject.tier is None or asker.role in COMPANY_WIDE or reads_unasked(subject, asker, rep, policy):
        return True
    return rep in asker.codes or (asker.role == Role.DEPARTMENT_MANAGER and subject.department == asker.department)


def chain_of(subject: Subject, asker: Person, policy: Policy) -> tuple[Step, ...]:
    """The steps of a request, in their order; `UnlawfulError` (`no_manager`) where nobody can sign."""
    request = policy.files.request
    steps = []
    if _role(asker) not in policy.consulting.unsigned:
        if asker.manager is None:
            raise UnlawfulError(
                "no_manager",
                Text(
                    zh=f"组织架构里没有登记 {asker.person} 的上级，无人签批；请人事先登记",
                    en=f"no manager of {asker.person} is on record to sign: have them recorded first",
                ),
            )
        steps.append(Step(0, "sign", (Role.DEPARTMENT_MANAGER,)))
    if subject.tier is not None:
        steps += [
            Step(0, "consent", (role,), (subject.department or NOBODYS) if role is Role.DEPARTMENT_MANAGER else None)
            for role in policy.files.tiers.of(subject.tier).consent
        ]
    approvers = () if subject.tier is not None else rank_rules(subject.rank, policy).approved_by
    steps.append(Step(0, "approve", approvers or (request.approved_by,)))
    steps.append(Step(0, "release", (request.released_by,)))
    return tuple(step._replace(number=number) for number, step in enumerate(steps, 1))


def opening_of(subject: Subject, policy: Policy) -> Opening:
    """How long, how often and where (A3: rank 2 of records in the reading room, rank 1 lent for at most 4 hours)."""
    if subject.tier is not None:
        customers = policy.consulting.customers.of(subject.tier)
        return Opening(customers.hours, customers.once, reading_room=False, lends=False)
    rules = rank_rules(subject.rank, policy)
    records = getattr(policy.consulting.records, subject.rank)
    return Opening(
        rules.hours or records.hours,
        records.once,
        reading_room=rules.consulted == "reading_room",
        lends=rules.consulted == "lent",
    )


def roles_concerned(steps: Collection[Step], policy: Policy) -> frozenset[Role]:
    """Every role whose holders may have to be asked, stand-ins among them."""
    named = {role for step in steps for role in step.roles}
    return frozenset(named.union(*(policy.consulting.stand_ins.get(role, ()) for role in named)))


def _role(person: Person) -> Role | None:
    try:
        return Role(person.role)
    except ValueError:
        return None
