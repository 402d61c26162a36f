import base64
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey
from pydantic import BaseModel
from structlog.testing import capture_logs

from shared.http import AccessHooks, Page, PageParams, Principal, Problem, create_app, page_params, require
from shared.http.middleware import LARGEST_BODY
from shared.http.pages import decode_cursor, encode_cursor
from shared.identity import Role, TokenSigner, TokenVerifier
from shared.logs import current_traceparent
from shared.metrics import Metrics
from shared.standing import Standing

KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
SIGNER = TokenSigner(KEY)


def bearer(role: Role) -> dict[str, str]:
    """The header of a person of that role."""
    return {"Authorization": f"Bearer {SIGNER.sign('p-1', role, 'field')}"}


GM = bearer(Role.GM)


class Note(BaseModel):
    words: str


def routes() -> APIRouter:
    """A service's routes as they come, some without asking who calls."""
    router = APIRouter()
    numbers = list(range(1, 26))

    @router.get("/whoami")
    async def whoami(who: Annotated[Principal, Depends(require(Role.GM, Role.REP))]) -> dict[str, str | None]:
        return {"person": who.person, "station": who.station}

    @router.get("/unguarded/{name}")
    async def unguarded(name: str) -> str:
        return name

    @router.get("/numbers")
    async def list_numbers(page: Annotated[PageParams, Depends(page_params)]) -> Page[int]:
        after = page.after_number
        return page.of([n for n in numbers if n > after][: page.limit], lambda number: number)

    @router.post("/notes")
    async def note(note: Note) -> int:
        return len(note.words)

    @router.get("/trace")
    async def trace() -> str | None:
        return current_traceparent()

    @router.get("/taken")
    async def taken() -> None:
        raise Problem(409, "taken", "somebody else was first", "已被他人抢先")

    @router.get("/broken")
    async def broken() -> None:
        raise RuntimeError("password=hunter2")

    return router


@dataclass
class Door:
    """An app with its client, and what its hooks heard."""

    heard: list[tuple[Any, ...]] = field(default_factory=list)
    waiting_for: list[str] = field(default_factory=list)
    metrics: Metrics = field(default_factory=Metrics)

    def client(self, **hooks: Any) -> httpx.AsyncClient:
        async def hear(*what: object) -> None:
            self.heard.append(what)

        async def ready() -> list[str]:
            return self.waiting_for

        app = create_app(
            "customers",
            [routes()],
            TokenVerifier({"keys": [KEY.as_dict(private=False)]}),
            metrics=self.metrics,
            ready=ready,
            hooks=AccessHooks(login_failed=hear, denied=hear, **hooks),
        )
        return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://customers")


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


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that a response carries, which has to have words in both languages."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:tierline:problem:{code}")
    assert body["title"].isascii()
    assert not body["title_zh"].isascii()
    assert body["detail"].isascii()
    assert not body["detail_zh"].isascii()
    return body


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


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("PUT", "/notes", 405, "method_not_allowed"),
        ("GET", "/taken", 409, "taken"),
        ("GET", "/broken", 500, "internal_error"),
        ("GET", "/numbers?limit=0", 422, "invalid_request"),
        ("GET", "/numbers?limit=1001", 422, "invalid_request"),
        ("GET", "/numbers?cursor=!", 400, "bad_cursor"),
        ("GET", "/numbers?cursor=WyJ4Il0", 400, "bad_cursor"),
        ("GET", "/unguarded/a%00b", 400, "bad_address"),
        ("GET", "/unguarded/a?b=%00", 400, "bad_address"),
    ],
)
async def test_every_error_is_a_problem(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    """RFC 9457, whether we, FastAPI or a defect refused."""
    response = await client.request(method, path, headers=GM)
    problem(response, status, code)
    assert "hunter2" not in response.text


async def test_a_faulty_body_is_told_by_field_without_its_value(client: httpx.AsyncClient) -> None:
    """The value may be somebody's telephone number."""
    response = await client.post("/notes", headers=GM, json={"words": [13800138000]})
    body = problem(response, 422, "invalid_request")
    assert [error["path"] for error in body["errors"]] == ["body.words"]
    assert "13800138000" not in response.text


async def test_a_body_must_say_that_it_is_json(client: httpx.AsyncClient) -> None:
    """The first mistake of everyone with curl, told as what it is."""
    problem(await client.post("/notes", headers=GM, content=b'{"words": "x"}'), 415, "not_json")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_is_at_most_256_kib(client: httpx.AsyncClient, *, declared: bool) -> None:
    """Whether it says its length or comes in chunks; the largest one allowed passes."""

    def body(size: int) -> Any:
        whole = json.dumps({"words": "x" * (size - 13)}).encode()

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(whole), 50_000):
                yield whole[start : start + 50_000]

        return whole if declared else chunks()

    headers = {**GM, "Content-Type": "application/json"}
    response = await client.post("/notes", headers=headers, content=body(LARGEST_BODY))
    assert response.json() == LARGEST_BODY - 13
    problem(await client.post("/notes", headers=headers, content=body(LARGEST_BODY + 1)), 413, "too_large")


@pytest.mark.parametrize("limit", [1, 7, 24, 25, 26, 1000])
async def test_pages_cover_the_list_once(client: httpx.AsyncClient, limit: int) -> None:
    """Following `next` gives every item once, in order, and ends."""
    seen: list[int] = []
    cursor = None
    while True:
        query = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/numbers", headers=GM, params=query)).json()
        assert len(page["items"]) <= limit
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(range(1, 26))


parts = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
)


@given(st.lists(parts, min_size=1, max_size=4))
def test_cursors_come_back_as_they_went(position: list[int | str]) -> None:
    """Any key survives, Chinese names and large numbers too."""
    assert decode_cursor(encode_cursor(position)) == tuple(position)


@given(st.text(max_size=60))
def test_no_text_breaks_the_cursor(cursor: str) -> None:
    """Whatever comes as a cursor is a place that encodes again, or a problem."""
    try:
        position = decode_cursor(cursor)
    except Problem:
        return
    assert decode_cursor(encode_cursor(position)) == position


@pytest.mark.parametrize("part", ["\x00", "\ud800", 2**63, -(2**63) - 1, True, None, 1.5, ["a"]])
def test_a_forged_cursor_never_reaches_the_database(part: Any) -> None:
    """What PostgreSQL would refuse is refused here."""
    forged = base64.urlsafe_b64encode(json.dumps([part]).encode()).decode()
    with pytest.raises(Problem) as refused:
        decode_cursor(forged)
    assert (refused.value.status, refused.value.code) == (400, "bad_cursor")


@pytest.mark.parametrize(
    "place",
    [
        ["x", "y"],
        ["2026-03-02", "y"],
        ["2026-03-02T10:00:00", "y"],
        ["0001-01-01T00:00:00+14:00", "y"],
        ["y"],
        [1, "y"],
    ],
)
def test_a_cursor_of_another_list_is_no_moment(place: list[str | int]) -> None:
    """Refused, not tried; the list's own comes back as it was given, also the first hours of 1990 in UTC."""
    with pytest.raises(Problem) as refused:
        _ = PageParams(10, decode_cursor(encode_cursor(place))).after_moment
    assert (refused.value.status, refused.value.code) == (400, "bad_cursor")
    own = datetime(1989, 12, 31, 16, tzinfo=UTC)
    assert PageParams(10, (own.isoformat(), "y")).after_moment == (own, "y")
    assert PageParams(10).after_moment is None


@pytest.mark.parametrize("place", [["x", "y"], ["2026-02-30", "y"], ["y"], [1, "y"]])
def test_a_cursor_of_another_list_is_no_day(place: list[str | int]) -> None:
    """The same, of lists by days."""
    with pytest.raises(Problem) as refused:
        _ = PageParams(10, decode_cursor(encode_cursor(place))).after_day
    assert (refused.value.status, refused.value.code) == (400, "bad_cursor")
    assert PageParams(10, ("2026-03-02", "y")).after_day == (date(2026, 3, 2), "y")
    assert PageParams(10).after_day is None


async def test_a_request_carries_its_trace(client: httpx.AsyncClient) -> None:
    """A caller's trace goes through to what the service publishes, and is answered; a malformed one begins anew."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    response = await client.get("/trace", headers={**GM, "traceparent": trace})
    assert response.json() == response.headers["traceparent"] == trace
    response = await client.get("/trace", headers={**GM, "traceparent": "'; DROP TABLE"})
    assert response.json() == response.headers["traceparent"] != trace


async def test_readiness_says_what_it_waits_for(client: httpx.AsyncClient, door: Door) -> None:
    """An orchestrator reads the status, a human the words; being alive is another question."""
    assert (await client.get("/readyz")).status_code == 200
    door.waiting_for.append("database")
    response = await client.get("/readyz")
    assert (response.status_code, response.json()["waiting_for"]) == (503, ["database"])
    assert (await client.get("/healthz")).status_code == 200


async def test_documentation_needs_no_network(client: httpx.AsyncClient) -> None:
    """The page loads its parts from this service alone, and describes problems and the bearer scheme."""
    page = (await client.get("/docs")).text
    assert "://" not in page.replace("http://www.w3.org", "")
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        assert f"docs/{asset}" in page
        assert len((await client.get(f"/docs/{asset}")).content) > 100
    problem(await client.get("/docs/other.js"), 404, "not_found")
    document = (await client.get("/docs/openapi.json")).json()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "title_zh" in document["components"]["schemas"]["ProblemBody"]["properties"]
    assert set(document["paths"]) >= {"/whoami", "/numbers"}
    assert "/healthz" not in document["paths"]


async def test_topics_are_described(client: httpx.AsyncClient) -> None:
    """Whoever connects a system reads AsyncAPI without a token."""
    document = (await client.get("/docs/asyncapi")).json()
    assert document["asyncapi"].startswith("3.")


async def test_a_request_is_logged_without_its_query_and_ids(client: httpx.AsyncClient, logged: list[Any]) -> None:
    """A name that was searched for is nobody's business in a log, a defect's traceback is."""
    await client.get("/unguarded/c-42?name=Zhang", headers=GM)
    await client.get("/broken", headers=GM)
    assert [entry["event"] for entry in logged] == ["http_request", "request_failed", "http_request"]
    assert logged[0]["route"] == "/unguarded/{name}"
    assert "Zhang" not in str(logged)
    assert "c-42" not in str(logged)


async def test_measures_have_routes_not_ids(client: httpx.AsyncClient) -> None:
    """A customer's id must not become a label, nor a word that a stranger sends as method."""
    await client.get("/unguarded/c-42", headers=GM)
    await client.request("FETCH", "/unguarded/c-42", headers=GM)
    text = (await client.get("/metrics")).text
    assert 'route="/unguarded/{name}",status="200"' in text
    assert 'method="OTHER"' in text
    assert "c-42" not in text
    assert "FETCH" not in text


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


async def test_documentation_tells_of_every_refusal_at_the_door(client: httpx.AsyncClient) -> None:
    """By what each route asks for; and nothing of the framework's own shape of an error, which no answer has."""
    document = (await client.get("/docs/openapi.json")).json()
    responses = {
        path: {status for status in item[method]["responses"] if status.startswith("4")}
        for path, item in document["paths"].items()
        for method in item
    }
    assert responses["/whoami"] == {"401", "403"}
    assert responses["/unguarded/{name}"] == {"400", "401", "403", "404", "422"}
    assert responses["/notes"] == {"401", "403", "413", "415", "422"}
    assert "HTTPValidationError" not in json.dumps(document)
    shown = document["paths"]["/whoami"]["get"]["responses"]["403"]["content"]["application/problem+json"]
    assert shown == {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
