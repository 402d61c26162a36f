"""The OpenAPI of an app, with every refusal that the app's own door can give: said once, for all routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI

from shared.http.problems import MEDIA_TYPE, ProblemBody, title_of

METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
_BODY: Final[dict[str, Any]] = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}}
WHATEVER_ELSE: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"description": "What went wrong (RFC 9457). 错误说明", **_BODY}
}
"""For every route: a rule may refuse with a status that is not foreseen below."""

# FastAPI's own shape of a 422, which no answer here has.
_FOREIGN: Final = ("HTTPValidationError", "ValidationError")


def document_problems(app: FastAPI) -> None:
    """Let `app.openapi()` tell of the problems that follow from what a route asks for; those of rules are its own."""
    plain = app.openapi

    def documented() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "ProblemBody" not in schemas:
            for item in document["paths"].values():
                for method in METHODS & item.keys():
                    _document(item[method])
            schemas.update(_problem_schemas())
            for name in _FOREIGN:
                schemas.pop(name, None)
        return document

    # FastAPI's own way of extending it.
    app.openapi = documented  # type: ignore[method-assign]


def _document(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for status in _statuses(operation):
        title = title_of(status)
        responses.setdefault(str(status), {"description": f"{title.en}. {title.zh}", **_BODY})


def _statuses(operation: dict[str, Any]) -> Iterator[int]:
    parameters = operation.get("parameters", [])
    if parameters:
        # An address with a NUL, a cursor of another list.
        yield 400
    if operation.get("security"):
        yield from (401, 403)
    if any(parameter["in"] == "path" for parameter in parameters):
        yield 404
    if "requestBody" in operation:
        yield 413
        if "application/json" in operation["requestBody"]["content"]:
            yield 415
    if parameters or "requestBody" in operation:
        yield 422


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), "ProblemBody": schema}
