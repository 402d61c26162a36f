"""Destruction over HTTP: each step by its person, and the register (A7)."""

from __future__ import annotations

from datetime import date, datetime
from json import loads
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.archive.api.doors import Anybody, Paging, Reason, lawful
from services.archive.domain.destruction import State, StepKind
from services.archive.ports.life import Registered
from services.archive.usecases.destroying import SEES_ALL, Destroy, Seen
from shared.contracts.types import Identifier
from shared.http import Page, Principal, require
from shared.roles import Role

Supervising = Annotated[Principal, Depends(require(*SEES_ALL))]
Id = Annotated[Identifier, Path()]
MOST_RECORDS = 500


class DestructionRequest(BaseModel):
    """Which records are to be destroyed, and why; their time must be over."""

    records: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=MOST_RECORDS)]
    reason: Reason


class DecisionBody(BaseModel):
    """The review or the approval, or the refusal."""

    decision: Literal["agree", "refuse"]
    reason: Reason


class WitnessBody(BaseModel):
    """Who watches."""

    witness: Identifier
    reason: Reason


class ReasonBody(BaseModel):
    reason: Reason


class StepBody(BaseModel):
    """What somebody did about it."""

    model_config = ConfigDict(from_attributes=True)

    kind: StepKind
    by: str
    role: str
    at: datetime
    reason: str
    witness: str | None


class DestructionBody(BaseModel):
    """A destruction and where it stands; `waits_for` is the role whose decision it waits for."""

    destruction_id: str
    records: tuple[str, ...]
    classified: bool
    requested_by: str
    requested_at: datetime
    reason: str
    state: State
    waits_for: Role | None
    witness: str | None
    steps: list[StepBody]


class RegisterBody(BaseModel):
    """A line of the register, kept for ever; of the content only names, sizes and hashes."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    record: str
    destruction_id: str
    title: str
    rank: str
    department: str | None
    record_class: str
    period: str | None
    filed_by: str
    filed_at: datetime
    kept_until: date
    attachments: list[dict[str, JsonValue]]
    reason: str
    requested_by: str
    approved_by: str
    witness: str
    attested_at: datetime
    executed_by: str
    destroyed_at: datetime


def destructions_router(destroy: Destroy) -> APIRouter:
    """From the request to the register."""
    router = APIRouter(prefix="/destructions", tags=["destruction"])

    @router.get("")
    async def page_of(who: Anybody, page: Paging) -> Page[DestructionBody]:
        """销毁申请清单；监销人只见本人监销的。Requests; a witness sees those that they watch over."""
        with lawful():
            found = await destroy.page(who, page.after or "", page.limit)
        return page.of([shown(it) for it in found], lambda it: it.destruction_id)

    @router.get("/register")
    async def register(who: Supervising, page: Paging) -> Page[RegisterBody]:
        """销毁登记册（永久保存）。What was destroyed, for ever."""
        with lawful():
            found = await destroy.register(who, page.after_number, page.limit)
        return page.of([shown_line(line) for line in found], lambda it: it.number)

    @router.get("/{destruction_id}")
    async def one(who: Anybody, destruction_id: Id) -> DestructionBody:
        """一份销毁申请及其各步。One request, and all that was done about it."""
        with lawful():
            return shown(await destroy.see(who, destruction_id))

    @router.post("", status_code=201)
    async def request(who: Anybody, body: DestructionRequest) -> DestructionBody:
        """提出销毁申请。The archivist asks for it."""
        with lawful():
            return shown(await destroy.request(who, body.records, body.reason))

    @router.post("/{destruction_id}/decisions", status_code=201)
    async def decide(who: Anybody, destruction_id: Id, body: DecisionBody) -> DestructionBody:
        """审核、批准或驳回。Review, approve or refuse."""
        with lawful():
            return shown(await destroy.decide(who, destruction_id, body.reason, agree=body.decision == "agree"))

    @router.post("/{destruction_id}/withdraw", status_code=201)
    async def withdraw(who: Anybody, destruction_id: Id, body: ReasonBody) -> DestructionBody:
        """撤回申请。The asker thinks better of it."""
        with lawful():
            return shown(await destroy.withdraw(who, destruction_id, body.reason))

    @router.post("/{destruction_id}/witness", status_code=201)
    async def name_witness(who: Anybody, destruction_id: Id, body: WitnessBody) -> DestructionBody:
        """指定监销人。Say who watches."""
        with lawful():
            return shown(await destroy.name_witness(who, destruction_id, body.witness, body.reason))

    @router.post("/{destruction_id}/attest", status_code=201)
    async def attest(who: Anybody, destruction_id: Id, body: ReasonBody) -> DestructionBody:
        """监销人现场核对确认。The witness's word."""
        with lawful():
            return shown(await destroy.attest(who, destruction_id, body.reason))

    @router.post("/{destruction_id}/execute", status_code=201)
    async def execute(who: Anybody, destruction_id: Id, body: ReasonBody) -> DestructionBody:
        """执行销毁：密钥即时销毁，登记入册。Carried out: the keys are gone, the register says so."""
        with lawful():
            return shown(await destroy.execute(who, destruction_id, body.reason))

    return router


def shown(seen: Seen) -> DestructionBody:
    it = seen.destruction
    return DestructionBody(
        destruction_id=it.destruction_id,
        records=it.records,
        classified=it.classified,
        requested_by=it.requested_by,
        requested_at=it.requested_at,
        reason=it.reason,
        state=seen.state,
        waits_for=seen.waits_for,
        witness=it.witness,
        steps=[StepBody.model_validate(step) for step in it.steps],
    )


def shown_line(line: Registered) -> RegisterBody:
    return RegisterBody.model_validate({**line._asdict(), "attachments": loads(line.attachments)})
