"""The master keys of attachments, and the coming of a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.archive.api.keys import keys_router
from services.archive.parts.ground import Ground
from services.archive.store.destructions import KeySweeper
from services.archive.store.keys import DataKeyStore, KeyRing
from services.archive.usecases.keys import RewrapKeys


@dataclass(frozen=True, slots=True)
class Keys:
    """What is done with the keys of attachments."""

    rewrap: RewrapKeys

    @classmethod
    def over(cls, ground: Ground, masters: dict[str, bytes], at_once: int) -> Self:
        """`masters` by name, the newest last; `at_once` keys are wrapped anew in one transaction."""
        sweep = KeySweeper(ground.database)
        return cls(RewrapKeys(ground.desk, DataKeyStore(), KeyRing(masters), at_once=at_once, sweep=sweep))

    def routers(self) -> tuple[APIRouter, ...]:
        return (keys_router(self.rewrap),)
