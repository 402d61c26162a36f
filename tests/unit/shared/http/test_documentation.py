"""What a service tells programmers of itself."""

from __future__ import annotations

import json

import httpx

from tests.unit.shared.http.knocking import problem


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
