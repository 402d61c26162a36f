"""The policy by HTTP: what is in force and was, what another would do, and putting it in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.scoring.domain.customers import Tier
from services.scoring.domain.foresight import Move, Mover
from services.scoring.domain.succession import PolicyVersion, UnlawfulPolicyError
from services.scoring.usecases.policies import KeepPolicies, Wish
from services.scoring.usecases.previewing import Preview, PreviewPolicy, RepLoad
from shared.contracts.reminders import UNASSIGNED
from shared.contracts.tiers import Tier as TierPair
from shared.contracts.types import Identifier, Text, Words
from shared.http import FieldError, Page, PageParams, Principal, Problem, page_params, require
from shared.http.noting import no_file
from shared.policy import PolicyError, WrittenPolicy, parse_policy
from shared.roles import Role

# How one is ranked and served is no secret inside.
Reader = Annotated[Principal, Depends(require(*(role for role in Role if role is not Role.ORDER_SYSTEM)))]
Planner = Annotated[
    Principal, Depends(require(Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM, Role.OPS, Role.INSPECTOR))
]
Decider = Annotated[Principal, Depends(require(Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM))]
Paging = Annotated[PageParams, Depends(page_params)]

STATUS = {"unknown_version": 404, "not_over_this_data": 422}


class VersionBody(BaseModel):
    """A policy as it was activated; `restores` is the version that a rollback went back to."""

    number: int
    version: str
    digest: str
    restores: str | None
    activated_at: datetime
    author: str
    role: str | None
    reason: str


class WholeVersion(VersionBody):
    """With the file as it was written, and what it says."""

    written: str
    policy: dict[str, Any]


class Written(BaseModel):
    """A policy file's text, in YAML."""

    written: Annotated[str, Field(min_length=1, max_length=1024 * 1024)]


class Activation(Written):
    """A policy, why it is to be in force, and which version the decision was made to replace (default: the present)."""

    reason: Text
    replaces: Identifier | None = None


class Rollback(BaseModel):
    """Which version's content is to be in force again, and why; `replaces` as for an activation."""

    version: Identifier
    reason: Text
    replaces: Identifier | None = None


class MoveBody(BaseModel):
    """How many customers go from one level to another."""

    before: TierPair = Field(serialization_alias="from")
    to: TierPair
    customers: int


class MoverBody(BaseModel):
    """One of them."""

    customer_id: str
    rep: str
    before: TierPair = Field(serialization_alias="from")
    to: TierPair


class LoadBody(BaseModel):
    """Reminders and minutes of work a month."""

    reminders: float
    minutes: float


class RepLoadBody(BaseModel):
    """A rep's month by the policy in force and by the other; `unassigned` are the customers of nobody."""

    rep: str
    customers: int
    now: LoadBody
    then: LoadBody


class NextDay(BaseModel):
    """What the passing of the day changes under the other policy, if nobody orders."""

    day: date
    moves: list[MoveBody]


class PreviewBody(BaseModel):
    """What a policy would do on `day`; `refused` tells why it cannot be activated, empty when it can.

    `unforeseen` tells what cannot be known before it is.
    """

    version: str
    in_force: str
    day: date
    customers: int
    changing: int
    moves: list[MoveBody]
    first: list[MoverBody]
    now: LoadBody
    then: LoadBody
    reps: list[RepLoadBody]
    next_day: NextDay
    refused: list[Words]
    unforeseen: list[Words]


def policies_router(keep: KeepPolicies, preview: PreviewPolicy) -> APIRouter:
    """What decides, for all to see and for a few to change."""
    router = APIRouter(prefix="/policy", tags=["policy"])

    @router.get("", openapi_extra=no_file("the company's rules, known to all"))
    async def in_force(_: Reader) -> WholeVersion:
        return whole(await keep.current())

    @router.get("/versions", openapi_extra=no_file("the company's rules, known to all"))
    async def versions(_: Reader, page: Paging) -> Page[VersionBody]:
        found = await keep.page(page.after_number or None, page.limit)
        return page.of([VersionBody(**about(version)) for version in found], lambda version: version.number)

    @router.get("/versions/{version:path}", openapi_extra=no_file("the company's rules, known to all"))
    async def one(_: Reader, version: Identifier) -> WholeVersion:
        found = await keep.find(version)
        if found is None:
            raise Problem(404, "unknown_version", f"there was no version {version}", f"没有版本 {version}")
        return whole(found)

    @router.post("/preview")
    async def would_do(_: Planner, body: Written, examples: Annotated[int, Query(ge=0, le=10_000)] = 20) -> PreviewBody:
        wanted = parsed(body.written)
        return foreseen(wanted.policy.version, await preview(wanted.policy, examples))

    @router.post("/activate", status_code=201)
    async def activate(who: Decider, body: Activation) -> WholeVersion:
        try:
            return whole(await keep.activate(who, parsed(body.written), Wish(body.reason, body.replaces)))
        except UnlawfulPolicyError as error:
            raise problem(error) from None

    @router.post("/rollback", status_code=201)
    async def roll_back(who: Decider, body: Rollback) -> WholeVersion:
        try:
            return whole(await keep.roll_back(who, body.version, Wish(body.reason, body.replaces)))
        except UnlawfulPolicyError as error:
            raise problem(error) from None

    return router


def parsed(written: str) -> WrittenPolicy:
    """The policy, or a problem that tells everything wrong with it, by line."""
    try:
        return parse_policy(written, "policy")
    except PolicyError as error:
        found = [
            FieldError(path=f"line {each.line}, {each.path}", message=each.message_en, message_zh=each.message_zh)
            for each in error.problems
        ]
        raise Problem(
            422,
            "bad_policy",
            "the policy cannot be used; `errors` tells what is wrong with it",
            "政策无法使用，问题见 errors",
            errors=found,
        ) from None


def problem(error: UnlawfulPolicyError) -> Problem:
    en, zh = ("; ".join(texts) for texts in zip(*((why.en, why.zh) for why in error.why), strict=True))
    return Problem(STATUS.get(error.code, 409), error.code, en, zh)


def about(version: PolicyVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "version": version.version,
        "digest": version.content.policy.digest,
        "restores": version.restores,
        "activated_at": version.activated_at,
        "author": version.author,
        "role": version.role,
        "reason": version.reason,
    }


def whole(version: PolicyVersion) -> WholeVersion:
    return WholeVersion(**about(version), written=version.content.text, policy=version.content.policy.as_json())


def foreseen(version: str, preview: Preview) -> PreviewBody:
    loads = preview.loads
    return PreviewBody(
        version=version,
        in_force=preview.against.version,
        day=preview.day,
        customers=preview.customers,
        changing=preview.changing,
        moves=moved(preview.moves),
        first=[mover(each) for each in preview.movers],
        now=load(sum_of(each.before.reminders for each in loads), sum_of(each.before.minutes for each in loads)),
        then=load(sum_of(each.after.reminders for each in loads), sum_of(each.after.minutes for each in loads)),
        reps=[rep_load(each) for each in loads],
        next_day=NextDay(day=preview.next_day, moves=moved(preview.next_day_moves)),
        refused=[Words(zh=why.zh, en=why.en) for why in preview.refused],
        unforeseen=[Words(zh=what.zh, en=what.en) for what in preview.unforeseen],
    )


def moved(moves: Counter[Move]) -> list[MoveBody]:
    return [
        MoveBody(before=pair(before), to=pair(after), customers=customers)
        for (before, after), customers in moves.most_common()
    ]


def mover(each: Mover) -> MoverBody:
    return MoverBody(
        customer_id=each.customer_id, rep=each.rep or UNASSIGNED, before=pair(each.before), to=pair(each.after)
    )


def rep_load(each: RepLoad) -> RepLoadBody:
    return RepLoadBody(rep=each.rep, customers=each.customers, now=load(*each.before), then=load(*each.after))


def sum_of(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, Fraction(0))


def load(reminders: Fraction, minutes: Fraction) -> LoadBody:
    """A forecast: to a tenth."""
    return LoadBody(reminders=round(float(reminders), 1), minutes=round(float(minutes), 1))


def pair(tier: Tier) -> TierPair:
    return TierPair(customer_class=tier.customer_class, level=tier.level)
