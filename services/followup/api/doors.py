"""Who may come in, how lists are paged, and how a refusal is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Header

from services.followup.domain.refusal import NotPossibleError
from shared.contracts.types import Identifier
from shared.http import PageParams, Principal, Problem, page_params, require
from shared.roles import Role

Reader = Annotated[Principal, Depends(require(Role.REP, Role.DEPARTMENT_MANAGER, Role.GM, Role.OPS))]
Contactor = Annotated[Principal, Depends(require(Role.REP, Role.DEPARTMENT_MANAGER, Role.GM))]
Operator = Annotated[Principal, Depends(require(Role.GM, Role.OPS))]
Paging = Annotated[PageParams, Depends(page_params)]

Manager = Annotated[Principal, Depends(require(Role.DEPARTMENT_MANAGER, Role.GM))]
IdempotencyKey = Annotated[
    Identifier | None,
    Header(
        alias="Idempotency-Key",
        description="The same key with the same request is carried out once, whatever came between. "
        "同一键的同一请求只执行一次。",
    ),
]

STATUS = {
    "unknown_customer": 404,
    "unknown_reminder": 404,
    "unknown_report": 404,
    "unknown_feed": 404,
    "unknown_person": 404,
    "unknown_channel": 404,
    "no_plan": 404,
    "not_yours": 403,
    "already_answered": 409,
    "already_ended": 409,
    "already_skipped": 409,
    "already_filed": 409,
    "already_theirs": 409,
    "changed_meanwhile": 409,
    "key_reused": 409,
    "snoozed_too_often": 409,
    "too_many_feeds": 409,
    "channel_busy": 429,
    "another_product": 409,
}


@contextmanager
def told() -> Iterator[None]:
    """Turn a refusal of a use case into a problem; what is not named in `STATUS` is a fault of the request, 422."""
    try:
        yield
    except NotPossibleError as refusal:
        raise Problem(STATUS.get(refusal.code, 422), refusal.code, refusal.why.en, refusal.why.zh) from None
