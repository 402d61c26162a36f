"""Who is let in by a service: a token, a role, and who its holder is now."""

from __future__ import annotations

import httpx
import pytest

from shared.http import Principal
from shared.identity import Role
from shared.standing import Standing
from tests.unit.shared.http.knocking import GM, Door, bearer, problem


@pytest.mark.parametrize("path", ["/whoami", "/unguarded/x", "/numbers", "/trace"])
async def test_every_route_of_a_service_needs_a_token(client: httpx.AsyncClient, door: Door, path: str) -> None:
    """Also one whose author forgot to ask; nothing was tried, so nothing is audited."""
    response = await client.get(path)
    problem(response, 401, "not_authenticated")
    assert response.headers["www-authenticate"] == 'Bearer realm="tierline"'
    assert door.heard == []


async def test_a_failed_login_is_told_to_the_audit(client: httpx.AsyncClient, door: Door) -> None:
    """From which station, why, and at which door, by the route's pattern."""
    response = await client.get("/unguarded/c-42", headers={"Authorization": "Bearer eyJ.x.y"})
    problem(response, 401, "not_authenticated")
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    assert door.heard == [("127.0.0.1", "malformed", "/unguarded/{name}")]


async def test_a_role_that_may_not_is_told_to_the_audit(client: httpx.AsyncClient, door: Door) -> None:
    """HR is known here, and still not let in."""
    problem(await client.get("/whoami", headers=bearer(Role.HR)), 403, "role_not_allowed")
    assert door.heard == [(Principal("p-1", Role.HR, "field", "127.0.0.1"), "/whoami", "role")]


async def test_a_role_that_may_is_known_by_name_and_station(client: httpx.AsyncClient, door: Door) -> None:
    """The endpoint learns who asks and from where."""
    response = await client.get("/whoami", headers=bearer(Role.REP))
    assert response.json() == {"person": "p-1", "station": "127.0.0.1"}
    assert response.headers["cache-control"] == "no-store"
    assert door.heard == []


async def test_who_left_is_let_in_by_no_door(door: Door) -> None:
    """A token outlives the day on which its holder left; whether they are allowed anything is not looked at."""
    asked: list[str] = []

    async def standing(person: str) -> Standing:
        asked.append(person)
        return Standing(False, "hr", None)

    async with door.client(standing=standing) as client:
        refused = await client.get("/whoami", headers=bearer(Role.HR))
        nobody = await client.get("/whoami")
    problem(refused, 403, "left_the_company")
    problem(nobody, 401, "not_authenticated")
    assert asked == ["p-1"]
    assert [what[1:] for what in door.heard] == [("/whoami", "left_the_company")]


async def test_who_moved_is_let_in_as_what_they_are_now(door: Door) -> None:
    """The old role opens nothing more, the new one does, with the same token."""

    async def standing(person: str) -> Standing:
        return Standing(True, "rep", None)

    async with door.client(standing=standing) as client:
        assert (await client.get("/whoami", headers=bearer(Role.HR))).status_code == 200

    async def demoted(person: str) -> Standing:
        return Standing(True, "hr", None)

    async with door.client(standing=demoted) as client:
        problem(await client.get("/whoami", headers=GM), 403, "role_not_allowed")
