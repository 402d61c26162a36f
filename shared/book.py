"""A workbook under way: titled sheets set up for print, tables and charts, in one language.

A report of a service is read on paper as often as on a screen: pages are landscape, as wide as the paper, and numbered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any, Final

from xlsxwriter import Workbook

from shared.words import Language, Text

HEAD: Final = {"bold": True, "bottom": 1, "bg_color": "#E8EEF4", "text_wrap": True, "valign": "top"}

# Pixels, of which 96 are an inch: a sheet of A4 across within its margins, a row, and what a chart covers.
PAPER: Final = (11.69 * 96 - 96, 8.27 * 96 - 1.3 * 96)
ROW_HEIGHT: Final = 20
CHART_WIDTH: Final = 620
CHART_ROWS: Final = 17
REPEATED: Final = 2  # rows at the head of each page


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, how its cells are written (a key of `Book.formats`), how wide it is."""

    head: Text
    form: str = "text"
    width: float = 12


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the rows of a table, first to last: each of `series` is a name and the column of its values.

    What the values are of stands in the columns `names`, first to last; `axis` is the number format of the values.
    """

    kind: str
    title: Text
    rows: tuple[int, int]
    series: Sequence[tuple[Text, int]]
    names: tuple[int, int] = (0, 0)
    axis: str = "#,##0"


@dataclass(slots=True)
class Page:
    """What stands where on a sheet that is printed as wide as the paper, so that no chart is cut in two."""

    widths: dict[int, float] = field(default_factory=dict)
    charts: list[tuple[int, int]] = field(default_factory=list)

    def widen(self, column: int, width: float) -> float:
        """The width, in characters, that a column now has."""
        self.widths[column] = max(width, self.widths.get(column, 0.0))
        return self.widths[column]

    def breaks(self) -> list[int]:
        """The rows before which a page ends, were letters as wide as Excel's own; wider ones leave more room."""
        across = max([self._left_of(max(self.widths) + 1), *(self._left_of(at) + CHART_WIDTH for _, at in self.charts)])
        rows = int(PAPER[1] / ROW_HEIGHT * max(1.0, across / PAPER[0]))
        breaks, begun = list[int](), 0
        for row, _ in sorted(self.charts):
            if row + CHART_ROWS - begun > rows:
                breaks.append(row)
                begun = row - REPEATED
        return breaks

    def _left_of(self, column: int) -> float:
        """Pixels left of a column, by the width of a digit."""
        return sum(7 * self.widths.get(place, 8.43) + 5 for place in range(column))


class Book:
    """The workbook under way, in one language."""

    def __init__(self, today: date, currency: str, language: Language) -> None:
        self.today = today
        self.currency = currency
        self.language = language
        self._content = BytesIO()
        self._pages: dict[str, Page] = {}
        self._book = Workbook(self._content, {"in_memory": True})
        new = self._book.add_format
        self.formats = {
            "title": new({"bold": True, "font_size": 16}),
            "note": new({"italic": True, "font_color": "#555555"}),
            "head": new(HEAD),
            "head of numbers": new({**HEAD, "align": "right"}),
            "text": new({}),
            "whole": new({"num_format": "#,##0"}),
            # What is called by a number is no quantity.
            "number": new({"num_format": "0"}),
            "money": new({"num_format": "#,##0.00"}),
            "decimal": new({"num_format": "#,##0.0"}),
            "ratio": new({"num_format": "0.00"}),
            "part": new({"num_format": "0.0%"}),
            "day": new({"num_format": "yyyy-mm-dd", "align": "left"}),
        }

    def close(self) -> bytes:
        for sheet in self._book.worksheets():
            sheet.set_h_pagebreaks(self._pages[sheet.name].breaks())
        self._book.close()
        return self._content.getvalue()

    def of(self, text: Text) -> str:
        return text.in_(self.language)

    def sheet(self, name: Text, title: Text, note: Text) -> Any:
        """A sheet with its title and what to know of its figures, set up for print."""
        sheet = self._book.add_worksheet(self.of(name))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer(f"&L{self.today.isoformat()}&C&A&R&P / &N")
        self._pages[sheet.name] = Page()
        sheet.write_string(0, 0, self.of(title), self.formats["title"])
        sheet.write_string(1, 0, self.of(note), self.formats["note"])
        return sheet

    def table(self, sheet: Any, columns: Sequence[Column], rows: Sequence[Sequence[Any]], first: int) -> int:
        """A table from row `first` on; returns the row below it."""
        for place, column in enumerate(columns):
            sheet.set_column(place, place, self._pages[sheet.name].widen(place, column.width))
            head = "head" if column.form in {"text", "day"} else "head of numbers"
            sheet.write_string(first, place, self.of(column.head), self.formats[head])
        for line, row in enumerate(rows, start=first + 1):
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                form = self.formats[column.form]
                if value is None:
                    sheet.write_blank(line, place, None, form)
                elif column.form == "text":
                    # Not `write`: names come from outside, and one that begins with "=" would be a formula.
                    sheet.write_string(line, place, str(value), form)
                elif column.form == "day":
                    sheet.write_datetime(line, place, value, form)
                else:
                    sheet.write_number(line, place, float(value), form)
        return first + 1 + len(rows)

    def chart(self, sheet: Any, drawn: Chart, at: tuple[int, int]) -> None:
        """A chart at a cell of the sheet that holds its values."""
        chart = self._book.add_chart({"type": drawn.kind})
        first, last = drawn.rows
        for head, column in drawn.series:
            values: dict[str, Any] = {
                "name": self.of(head),
                "values": [sheet.name, first, column, last, column],
                "categories": [sheet.name, first, drawn.names[0], last, drawn.names[1]],
            }
            if drawn.kind == "pie":
                values["data_labels"] = {"percentage": True}
            chart.add_series(values)
        chart.set_title({"name": self.of(drawn.title), "name_font": {"size": 12}})
        if len(drawn.series) == 1 and drawn.kind != "pie":
            chart.set_legend({"none": True})
        if drawn.kind == "bar":
            # Of bars, the axis of names is the upright one; names stay outside of what is below nothing.
            chart.set_y_axis({"reverse": True, "label_position": "low"})
            chart.set_x_axis({"num_format": drawn.axis})
        elif drawn.kind == "column":
            chart.set_x_axis({"label_position": "low"})
            chart.set_y_axis({"num_format": drawn.axis})
        chart.set_size({"width": CHART_WIDTH, "height": CHART_ROWS * ROW_HEIGHT})
        sheet.insert_chart(*at, chart)
        self._pages[sheet.name].charts.append(at)
