"""What a person has chosen: language, channels in order, addresses, quiet hours, digest or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from services.followup.domain.delivering import Hours
from shared.words import Language


class Preferences(NamedTuple):
    """A person's choice; None is the company's way. `mentions` are the person's ids at the robots, by channel.

    `quiet` of equal ends is no quiet hours at all. Without a digest a person is told of what concerns single
    reminders neither: only of escalations, hand-overs and levels.
    """

    person: str
    language: Language | None = None
    channels: tuple[str, ...] | None = None
    mail: str | None = None
    mentions: Mapping[str, str] = {}
    quiet: Hours | None = None
    digest: bool = True
