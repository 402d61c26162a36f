"""Whatever strangers send: a success or a problem in both languages, never a fault of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.identity import Role
from tests.integration.followup.guests import ANN, BOSS, MIA, Asker, Door
from tests.integration.followup.house import House

pytestmark = [pytest.mark.backend, pytest.mark.usefixtures("staffed")]

words = st.text(max_size=40) | st.sampled_from(
    ["", " ", "\x00", "\x1b[31m", "\u202eabc", "a" * 129, "字" * 1001, "'; DROP TABLE reminders; --", "../..", "A", "B"]
)
letters = words | st.just("字" * 4097)
days = st.sampled_from(
    [
        "2026-03-05",
        "2026-02-30",
        "0000-00-00",
        "9999-12-31",
        "9998-12-31",
        "1989-12-31",
        "2026-3-5",
        "\u0662\u0660\u0662\u0666",
        "now",
    ]
) | st.dates().map(str)
numbers = st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from([True, "1", 0])
weeks = st.sampled_from(["2026-W10", "2026-W53", "2026-W00", "9999-W52", "0001-W01", "W10", "2026-W9"]) | words
junk = st.none() | words | days | numbers
anything: st.SearchStrategy[Any] = st.recursive(
    junk, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=6
)


def body(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The fields that a route knows, each as it should be or not, some left out; or anything at all."""
    known = {name: value | anything for name, value in fields.items()}
    return st.fixed_dictionaries({}, optional=known) | anything


BODIES = {
    ("POST", "/reminders/{name}/done"): body(
        made_at=days, channel=words, minutes=numbers, outcome=words, outcome_code=words, next_on=days
    ),
    ("POST", "/reminders/{name}/snooze"): body(until=days),
    ("POST", "/reminders/{name}/skip"): body(reason=words, note=words),
    ("POST", "/reminders/{name}/hand-over"): body(to=words, reason=words),
    ("POST", "/handovers"): body(customer_id=words, to=words, reason=words),
    ("PUT", "/plans/{name}"): body(
        text=letters, goals=st.lists(words), next_steps=st.lists(anything), based_on=numbers
    ),
    ("PUT", "/weekly-reports/{name}/{week}"): body(summary=letters, plan=words),
    ("POST", "/weekly-reports/{name}/{week}/file"): anything,
    ("POST", "/department-reports/{name}/{week}/pass-on"): body(note=words),
}
QUERIES = (
    "/desk/day", "/desk/week", "/desk/reminders", "/desk/overdue", "/desk/ahead", "/desk/statistics",
    "/weekly-reports", "/weekly-reports/{name}/{week}", "/department-reports/{name}/{week}", "/plans/{name}",
    "/reminders/{name}", "/reminders",
)  # fmt: skip
PARAMETERS = (
    "rep", "day", "from", "until", "kind", "class", "level", "customer", "state", "at_least", "cursor", "limit",
    "version", "week",
)  # fmt: skip

many = settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
askers = st.sampled_from([ANN, MIA, BOSS, Asker("x", Role.HR)])


@pytest.fixture
async def held(door: Door) -> Callable[..., None]:
    """Asks from a property, which is no coroutine: in the loop that the house lives in."""
    loop = asyncio.get_running_loop()
    reminder = await door.only(ANN)

    def ask(who: Asker, method: str, path: str, content: Any = None) -> None:
        path = path.replace("{id}", reminder["reminder_id"])
        answer = asyncio.run_coroutine_threadsafe(send(door, who, method, path, content), loop).result(60)
        assert answer < 500

    return ask


async def send(door: Door, who: Asker, method: str, path: str, content: Any) -> int:
    headers = {"Authorization": f"Bearer {door.signer.sign(*who)}", "Content-Type": "application/json"}
    # As clients send it, surrogates and NaN too.
    raw = None if content is None else json.dumps(content).encode()
    answer = await door.client.request(method, path, headers=headers, content=raw)
    if not answer.is_success:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["detail"]
        assert problem["detail_zh"]
    return answer.status_code


def spelled(path: str, name: str, week: str) -> str:
    safe = name.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return path.replace("{name}", quote(safe, safe="") or "%20").replace("{week}", quote(week, safe="") or "%20")


@pytest.mark.parametrize(("method", "path"), list(BODIES))
async def test_no_body_is_too_strange(house: House, held: Callable[..., None], method: str, path: str) -> None:
    """Bad dates, huge text, control characters, wrong types, other people's ids."""

    @many
    @given(who=askers, name=words | st.just("{id}"), week=weeks | st.just("2026-W10"), content=BODIES[method, path])
    def property_holds(who: Asker, name: str, week: str, content: Any) -> None:
        where = path.replace("{name}", name) if name == "{id}" else spelled(path, name, week)
        held(who, method, where.replace("{week}", "2026-W10"), content)

    await asyncio.to_thread(property_holds)


@pytest.mark.parametrize("path", QUERIES)
async def test_no_question_is_too_strange(house: House, held: Callable[..., None], path: str) -> None:
    """Filters, days, pages and cursors that no list gave."""
    values = (words | days | numbers.map(str)).map(lambda value: quote(value.encode("utf-8", "replace")))

    @many
    @given(who=askers, name=words, week=weeks, asked=st.dictionaries(st.sampled_from(PARAMETERS), values, max_size=3))
    def property_holds(who: Asker, name: str, week: str, asked: dict[str, str]) -> None:
        query = "&".join(f"{parameter}={value}" for parameter, value in asked.items())
        held(who, "GET", f"{spelled(path, name, week)}?{query}")

    await asyncio.to_thread(property_holds)
