"""The keys of attachments over HTTP: how many each master key wraps, and all of them under the newest."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from services.archive.api.doors import Reason
from services.archive.usecases.keys import RewrapKeys
from shared.contracts.types import Identifier
from shared.http import Principal, require
from shared.roles import Role

Operator = Annotated[Principal, Depends(require(Role.OPS))]


class KeysBody(BaseModel):
    """How many data keys each master key wraps, by its name; `missing` wrap some, and the service does not have them.

    A master key that wraps none, and is not the `newest`, can be taken away.
    """

    model_config = ConfigDict(from_attributes=True)

    newest: str
    wraps: dict[str, int]
    missing: list[str]


class RewrapBody(BaseModel):
    """Where to go on: after that piece, from the beginning where it is left out."""

    after: Identifier | None = None
    reason: Reason


class RewrappedBody(BaseModel):
    """A batch: `after` null when the round is over; `left` is what other master keys still wrap."""

    model_config = ConfigDict(from_attributes=True)

    newest: str
    keys: int
    unreadable: list[str]
    after: str | None
    left: int


def keys_router(rewrap: RewrapKeys) -> APIRouter:
    """Master keys in use, and the way to retire one."""
    router = APIRouter(prefix="/attachment-keys", tags=["keys"])

    @router.get("")
    async def held(who: Operator) -> KeysBody:
        """各主密钥所封装的数据密钥数。How many data keys each master key wraps."""
        return KeysBody.model_validate(await rewrap.held(who))

    @router.post("/rewrapping", status_code=201)
    async def anew(who: Operator, body: RewrapBody) -> RewrappedBody:
        """用最新主密钥重新封装一批数据密钥。Wrap a batch of data keys by the newest master key."""
        return RewrappedBody.model_validate(await rewrap(who, body.after or "", body.reason))

    return router
