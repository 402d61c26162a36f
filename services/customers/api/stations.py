"""Stations over HTTP: recorded here, since customers publishes what is known of the organisation; shown by archive."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from services.customers.api.bodies import AnnouncedBody, shown_announced
from services.customers.api.routes import lawful
from services.customers.usecases.announce import Announce
from shared.contracts.organisation import Network, StationRecorded
from shared.contracts.types import Identifier, Text
from shared.http import Principal, principal

Anybody = Annotated[Principal, Depends(principal)]


class StationRequest(BaseModel):
    """A place of work, whole: the networks that requests from there come from, in CIDR notation."""

    networks: Annotated[tuple[Network, ...], Field(max_length=100)]
    place: Annotated[Text, Field(min_length=1, max_length=200)]
    reading_room: bool = False
    active: bool = True


def stations_router(announce: Announce) -> APIRouter:
    """Where people work."""
    router = APIRouter(prefix="/stations", tags=["stations"])

    @router.put("/{station}", status_code=202)
    async def record(who: Anybody, station: Annotated[Identifier, Path()], body: StationRequest) -> AnnouncedBody:
        """登记工作地点（是否阅览室）。Record a station, and whether it is a reading room."""
        told = StationRecorded(
            station=station,
            networks=body.networks,
            place=body.place,
            reading_room=body.reading_room,
            active=body.active,
        )
        with lawful():
            return shown_announced(await announce.station(who, told))

    return router
