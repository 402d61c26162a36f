"""Where people work, as archive knows it."""

from __future__ import annotations

from collections.abc import Sequence

from services.archive.domain.stations import Station
from services.archive.ports import Database, StationBook


class ListStations:
    """All stations, by name."""

    def __init__(self, database: Database, stations: StationBook) -> None:
        self._database = database
        self._stations = stations

    async def __call__(self) -> Sequence[Station]:
        async with self._database.transaction() as tx:
            return await self._stations.all(tx)
