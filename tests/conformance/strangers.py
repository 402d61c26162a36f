"""Requests that nobody wrote, made from a service's own OpenAPI, and what must hold of every answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)  # fmt: skip

from shared.http.problems import MEDIA_TYPE
from tests.authorization.company import Somebody
from tests.doors import Doors

LONGEST_SECONDS: Final = 60.0


WAITS: Final = frozenset({"standing_by"})
"""Why a service may not serve for a while: another process has the lease."""


def no_fault_of_ours(ctx: Any, response: Any, case: Any) -> None:
    """Whatever is sent, it is not the service that fails."""
    assert response.status_code < 500 or response.json()["code"] in WAITS, response.text


def tells_what_went_wrong(ctx: Any, response: Any, case: Any) -> None:
    """What succeeds has a status that its route documents; what does not is a problem in two languages."""
    if response.status_code < 400:
        assert str(response.status_code) in case.operation.definition.raw["responses"], response.status_code
    else:
        assert response.headers["content-type"] == [MEDIA_TYPE], response.headers["content-type"]
        problem = response.json()
        assert problem["detail"]
        assert problem["detail_zh"]


CHECKS: Final = [
    no_fault_of_ours, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, tells_what_went_wrong,
]  # fmt: skip


@dataclass
class Strangers:
    """Asks one service: by whom it lets in, where a table says who that is, more often than by the others.

    `known` are values by the names of parameters and fields, so that things are found at times.
    """

    doors: Doors
    people: Sequence[Somebody]
    let_in: Mapping[str, Sequence[Somebody]]
    known: Mapping[str, Sequence[str]]
    loop: asyncio.AbstractEventLoop
    examples: int
    answered: dict[int, int] = field(default_factory=dict)
    """How many answers had which status."""

    def ask_everything(self) -> list[str]:
        """Ask every route as often as wanted; what does not hold, in words."""
        document = self.doors.app.openapi()
        schema = schemathesis.openapi.from_dict(document)
        faults = []
        for found in schema.get_all_operations():
            operation: Any = found.ok() if isinstance(found, Ok) else None
            assert operation is not None, found
            try:
                self._of(operation)()
            except BaseExceptionGroup as error:
                faults.append(f"{operation.label}\n{error}\n{[str(each) for each in error.exceptions]}")
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                faults.append(f"{operation.label}\n{error!r}")
        return faults

    def _of(self, operation: Any) -> Any:
        insiders = list(self.let_in.get(f"{operation.method.upper()} {operation.path}", ())) or list(self.people)
        modes = [operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE)]

        @settings(
            max_examples=self.examples,
            # The same requests each time on a machine that judges a change; new ones on a desk that asks for them.
            derandomize="TIERLINE_TEST_SEED" not in os.environ,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def holds(data: st.DataObject) -> None:
            who = data.draw(st.sampled_from(insiders) | st.sampled_from(list(self.people)), label="who")
            case = data.draw(modes[0] if data.draw(st.integers(0, 3), label="mode") else modes[1], label="case")
            self._fill_in(case, data)
            answer = asyncio.run_coroutine_threadsafe(self._send(who, case), self.loop).result(LONGEST_SECONDS)
            self.answered[answer.status_code] = self.answered.get(answer.status_code, 0) + 1
            case.validate_response(answer, checks=CHECKS)

        return holds

    def _fill_in(self, case: Any, data: st.DataObject) -> None:
        """Put things that are there into some of the places for their names."""
        for container in (case.path_parameters, case.query, case.body):
            if not isinstance(container, dict):
                continue
            for name in sorted(container.keys() & self.known.keys()):
                if data.draw(st.booleans(), label=f"known {name}"):
                    container[name] = data.draw(st.sampled_from(list(self.known[name])), label=name)

    async def _send(self, who: Somebody, case: Any) -> httpx.Response:
        wire = requests.Request(**case.as_transport_kwargs(base_url=f"http://{self.doors.service}")).prepare()
        headers = {name: str(value) for name, value in wire.headers.items() if name.lower() != "authorization"}
        assert wire.body is None or isinstance(wire.body, bytes | str)
        return await self.doors.pass_on(who.person, who.role, who.department, wire.method, wire.url, headers, wire.body)
