"""What a service answers to a request, and what it logs, counts and passes on of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.http.middleware import LARGEST_BODY
from tests.unit.shared.http.knocking import GM, Door, problem


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
