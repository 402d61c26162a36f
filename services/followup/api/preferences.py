"""Preferences over HTTP: who is told where, in which language, and when not."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from services.followup.api.doors import Reader, told
from services.followup.domain.delivering import Hours
from services.followup.domain.preferences import Preferences
from services.followup.ports import messages
from services.followup.usecases.preferring import ChoosePreferences
from shared.contracts.types import Identifier
from shared.words import Language


def _spelled(value: object) -> object:
    written = isinstance(value, str) and re.fullmatch("[0-9]{2}:[0-9]{2}(:[0-9]{2})?", value) is not None
    if not (written or isinstance(value, time)):
        raise ValueError("a time of day is written 21:00 / 时间写作 21:00")
    return value


# Of the business time zone: an offset would be dropped in silence, and a number taken for seconds.
TimeOfDay = Annotated[time, BeforeValidator(_spelled)]


class QuietHours(BaseModel):
    """Nothing is sent from `begins` until `until`, over midnight where that is earlier; equal ends: no quiet hours."""

    model_config = ConfigDict(extra="forbid")

    begins: TimeOfDay
    until: TimeOfDay


class Choice(BaseModel):
    """A person's choice, whole; null is the company's way. `mentions` are the person's ids by robot."""

    model_config = ConfigDict(extra="forbid")

    language: Language | None = None
    channels: Annotated[list[str], Field(max_length=10)] | None = None
    mail: Annotated[str, Field(max_length=254)] | None = None
    mentions: Annotated[dict[str, str], Field(max_length=20)] = {}
    quiet: QuietHours | None = None
    digest: bool = True


class PersonPreferences(Choice):
    """What a person has chosen; `reached_by` are the channels that this comes to, in order."""

    person: str
    reached_by: list[str]


def preferences_router(choose: ChoosePreferences) -> APIRouter:
    """Preferences: a person's own, a manager's department's, everybody's for the GM and ops."""
    router = APIRouter(tags=["preferences"])

    @router.get("/preferences/{person}")
    async def show_preferences(who: Reader, person: Identifier) -> PersonPreferences:
        """某人的消息接收偏好。What a person has chosen, and over which channels they are reached."""
        with told():
            return person_preferences(*await choose.show(who, person))

    @router.put("/preferences/{person}")
    async def choose_preferences(who: Reader, person: Identifier, choice: Choice) -> PersonPreferences:
        """设置消息接收偏好（整体替换）。Replace a person's choice, whole."""
        with told():
            return person_preferences(*await choose.choose(who, preferences_of(person, choice)))

    return router


def preferences_of(person: str, choice: Choice) -> Preferences:
    return Preferences(
        person,
        choice.language,
        None if choice.channels is None else tuple(choice.channels),
        choice.mail,
        choice.mentions,
        None if choice.quiet is None else Hours(choice.quiet.begins, choice.quiet.until),
        choice.digest,
    )


def person_preferences(reader: messages.Reader, reached_by: tuple[str, ...]) -> PersonPreferences:
    chosen = reader.preferences
    return PersonPreferences(
        person=reader.person,
        reached_by=list(reached_by),
        language=chosen.language,
        channels=None if chosen.channels is None else list(chosen.channels),
        mail=chosen.mail,
        mentions=dict(chosen.mentions),
        quiet=None if chosen.quiet is None else QuietHours(begins=chosen.quiet.begins, until=chosen.quiet.until),
        digest=chosen.digest,
    )
