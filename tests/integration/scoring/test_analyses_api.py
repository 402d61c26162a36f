"""The analyses over HTTP: to managers, audited where they name customers, and as a workbook that Excel opens."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from python_calamine import CalamineWorkbook

from services.scoring.api import analyses_router
from shared.http import create_app
from shared.identity import JWKS_FILE, TokenSigner, TokenVerifier, generate_keypair
from shared.metrics import Metrics
from shared.roles import Role
from shared.settings import IdentitySettings
from tests.integration.scoring.articles import CUP, TEA, saying, with_lines
from tests.integration.scoring.house import DAY, TODAY, House, facts, ordered
from tests.integration.scoring.test_analyses import analysing, exports

pytestmark = pytest.mark.backend

MANAGERS = {Role.DEPARTMENT_MANAGER, Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM}
PATHS = (
    "/analyses/composition?by=region",
    "/analyses/performance?by=rep",
    "/analyses/profit",
    "/analyses/loyalty?months=3",
    "/analyses/outlook?days=30",
    "/analyses/affinity?per=customer",
    "/analyses/promotion?from=2026-01-01&until=2026-01-10",
)


class Visitor:
    """Asks scoring's HTTP in somebody's name."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self._signer = TokenSigner.from_file(generate_keypair(folder))
        verifier = TokenVerifier.from_settings(IdentitySettings(jwks_file=folder / JWKS_FILE))

        async def ready() -> list[str]:
            return []

        app = create_app("scoring", [analyses_router(analysing(house))], verifier, metrics=Metrics(), ready=ready)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://scoring")

    async def ask(self, path: str, role: Role = Role.GM) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._signer.sign('ann', role, 'north')}"}
        return await self._client.get(path, headers=headers)

    async def told(self, path: str) -> Any:
        response = await self.ask(path)
        assert response.status_code == 200, response.text
        return response.json()

    async def book(self, path: str) -> bytes:
        response = await self.ask(path)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].endswith("spreadsheetml.sheet")
        return response.content

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def visitor(house: House, tmp_path: Path) -> AsyncIterator[Visitor]:
    """Eight customers with a few orders of cups and tea each, one of them with a name like a formula."""
    names = ["=C-0", *(f"C-{n}" for n in range(1, 8))]
    for version in range(1, 5):
        await house.told(
            *(
                saying(
                    with_lines(
                        ordered(
                            name, version, TODAY - (40 - 9 * version + n) * DAY, f"{100 * version + n}.50", rep="rep-1"
                        ),
                        CUP,
                        *([TEA.model_copy(update={"category": "tea"})] if n % 2 else []),
                        channel="field",
                    ),
                    country="DE",
                )
                for n, name in enumerate(names)
            )
        )
    await house.told(facts("P-1"))
    visitor = Visitor(house, tmp_path)
    yield visitor
    await visitor.close()


@pytest.mark.parametrize("path", [*PATHS, "/analyses/workbook"])
async def test_managers_may_and_reps_may_not(visitor: Visitor, path: str) -> None:
    """A rep sees customers one by one; sums are for those who answer for them."""
    allowed = {role for role in Role if (await visitor.ask(path, role)).status_code == 200}
    assert allowed == MANAGERS


async def test_composition_says_what_it_is_made_of(visitor: Visitor) -> None:
    """Money is text to the cent, shares are of the total, dates are those that were asked for."""
    found = await visitor.told(f"/analyses/composition?by=region&from=2026-01-01&until={TODAY}")
    total = sum(100 * version + n + 0.5 for version in range(1, 5) for n in range(8))
    assert found["period"] == {"from": "2026-01-01", "until": TODAY.isoformat()}
    assert found["rest"] == "0.00"
    (line,) = found["lines"]
    assert line == {
        "key": "europe_america",
        "customers": 8,
        "orders": 32,
        "quantity": "104",
        "amount": f"{total:.2f}",
        "share": 1.0,
    }


async def test_profit_lists_what_has_no_cost(visitor: Visitor) -> None:
    """O5: cups cost 12.25 each time, tea nobody knows what."""
    found = await visitor.told("/analyses/profit?by=sku")
    cup, tea = sorted(found["lines"], key=lambda line: line["key"])
    assert (cup["cost"], cup["uncosted"]) == ("392.00", "0.00")
    assert cup["margin"] == pytest.approx(1 - 392 / float(cup["amount"]))
    assert (tea["key"], tea["margin"], tea["uncosted"]) == ("茶", None, tea["amount"])
    assert found["total"]["uncosted"] == tea["amount"]


async def test_names_are_audited_and_sums_are_not(visitor: Visitor) -> None:
    """A5: a list of customers has left the system, whatever it is called."""
    for path in PATHS:
        await visitor.told(path)
    assert await exports(visitor.house) == []
    found = await visitor.told("/analyses/outlook?best=3")
    assert len(found["best"]) == 3
    await visitor.book("/analyses/workbook")
    assert await exports(visitor.house) == ["analyses.outlook", "analyses.workbook"]


@pytest.mark.parametrize(
    "path", ["/analyses/loyalty?from=2026-02-01&until=2026-01-01", "/analyses/profit?from=1990-01-01"]
)
async def test_a_senseless_period_is_refused(visitor: Visitor, path: str) -> None:
    """It ends before it begins, or asks for decades."""
    response = await visitor.ask(path)
    assert (response.status_code, response.json()["code"]) == (400, "bad_period")


@pytest.mark.parametrize(
    ("lang", "sheets"),
    [
        ("zh", ["构成", "忠诚度", "毛利", "业绩", "展望", "关联", "促销"]),
        ("en", ["Composition", "Loyalty", "Profit", "Performance", "Outlook", "Affinity", "Promotion"]),
    ],
)
async def test_the_workbook_reads_back(visitor: Visitor, lang: str, sheets: list[str]) -> None:
    """Each analysis on its sheet, with its figures, in the language that was asked for."""
    promoted = f"promoted_from={TODAY - 9 * DAY}&promoted_until={TODAY - 5 * DAY}"
    content = await visitor.book(f"/analyses/workbook?lang={lang}&{promoted}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == sheets
    told = await visitor.told("/analyses/composition?by=level")
    rows = book.get_sheet_by_name(sheets[0]).to_python()
    totals = [row for row in rows if row[0] in {"合计", "total"}]
    assert [row[3] for row in totals] == [float(told["total"]["amount"])] * 3
    assert "CNY" in str(rows[0][0])
    outlook = book.get_sheet_by_name(sheets[4]).to_python()
    assert {"=C-0", "C-7"} <= {row[0] for row in outlook}


async def test_the_workbook_is_set_up_for_print_and_holds_charts(visitor: Visitor) -> None:
    """Landscape, as wide as a page, titles on each; every sheet shows a chart whose cells exist."""
    promoted = f"promoted_from={TODAY - 9 * DAY}&promoted_until={TODAY - 5 * DAY}"
    content = await visitor.book(f"/analyses/workbook?lang=en&{promoted}")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        names = parts.namelist()
        sheets = sorted(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
        charts = [name for name in names if re.fullmatch(r"xl/charts/chart\d+\.xml", name)]
        assert len(charts) >= len(sheets) == 7
        for name in sheets:
            text = parts.read(name).decode()
            assert 'orientation="landscape"' in text
            assert 'fitToPage="1"' in text
            assert 'fitToHeight="0"' in text
            assert "<drawing " in text
        assert parts.read("xl/workbook.xml").decode().count("_xlnm.Print_Titles") == 7
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in charts:
            for reference in references(parts.read(name)):
                sheet, first, last = reference
                column = [row[first[1]] for row in book.get_sheet_by_name(sheet).to_python()[first[0] : last[0] + 1]]
                assert column
                assert all(cell != "" for cell in column)


def references(chart: bytes) -> list[tuple[str, tuple[int, int], tuple[int, int]]]:
    """The cells that a chart's values come from: sheet, first and last cell by row and column from 0."""
    space = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    found = []
    for values in ET.fromstring(chart).iter(f"{space}val"):  # noqa: S314 - our own file
        text = values.findtext(f".//{space}f") or ""
        matched = re.fullmatch(r"'?([^'!]+)'?!\$([A-Z])\$(\d+)(?::\$[A-Z]\$(\d+))?", text)
        assert matched, text
        sheet, column, first, last = matched.groups()
        found.append((sheet, (int(first) - 1, ord(column) - 65), (int(last or first) - 1, ord(column) - 65)))
    return found


async def test_periods_at_the_ends_of_the_calendar_are_refused(visitor: Visitor) -> None:
    """Before the first day there is no period to compare with; no analysis falls over it."""
    for path in (each.partition("?")[0] for each in PATHS):
        for day in ("0001-01-01", "9999-12-31"):
            begins = f"&from={day}" if path.endswith("promotion") else ""
            assert (await visitor.ask(f"{path}?until={day}{begins}")).status_code == 422, path
