"""Stations over HTTP: where people work, and which of these places are reading rooms (A3, N3)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from services.archive.api.doors import READERS
from services.archive.usecases import ListStations
from shared.http import Principal, require
from shared.roles import Role

Seer = Annotated[Principal, Depends(require(*READERS, Role.GM_OFFICE_HEAD, Role.OPS))]


class StationBody(BaseModel):
    """A station as it was recorded last, `as_of` then."""

    model_config = ConfigDict(from_attributes=True)

    station: str
    networks: tuple[str, ...]
    place: str
    reading_room: bool
    active: bool
    as_of: datetime


def stations_router(stations: ListStations) -> APIRouter:
    """The stations; they are recorded with customers, which publishes them to all."""
    router = APIRouter(prefix="/stations", tags=["stations"])

    @router.get("")
    async def list_stations(_: Seer) -> list[StationBody]:
        """工作地点一览。All stations, closed ones among them."""
        return [StationBody.model_validate(station) for station in await stations()]

    return router
