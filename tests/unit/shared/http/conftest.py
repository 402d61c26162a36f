"""An app, its client and its log, for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from tests.unit.shared.http.knocking import Door


@pytest.fixture
def door() -> Door:
    """Nobody has knocked yet."""
    return Door()


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What the app logs, kept off the terminal."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
async def client(door: Door) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the app without a network."""
    async with door.client() as client:
        yield client
