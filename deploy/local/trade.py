"""Trade out of a table: its heading says what the rows tell, and each row is one event or more, or the reason why not.

An identity column makes the kind: `order_id` orders (with `placed_at`, `completed_at` and `cancelled_at`, whichever
there are), `return_id` returns, `payment_id` payments, `sample_id` samples. Rows of one order that name a `sku` are
its lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from deploy.local.feed import Told
from deploy.local.headings import ALIASES, FAMILIES, LINE, TOPIC, known_columns, moment_column, required_columns
from deploy.local.tables import Row, RowError, Table, lacking, moment_of, read_table, text_of
from shared.contracts.refusals import refusal_of
from shared.contracts.types import EventData
from shared.policy import Policy
from shared.words import Text


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that tells nothing: its number as a spreadsheet counts (the heading is 1), and the id of its order."""

    number: int
    id: str
    why: Text


class Numbered(NamedTuple):
    """A row and its number as a spreadsheet counts."""

    number: int
    row: Row


class LineError(RowError):
    """One of several rows is wrong: the one with this `number`."""

    def __init__(self, number: int, why: Text) -> None:
        super().__init__(why)
        self.number = number


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read: the identity column, and the events whose columns it has."""

    identity: str
    types: tuple[str, ...]
    lines: bool
    policy: Policy

    @classmethod
    def of(cls, file: Path, heading: Sequence[str], policy: Policy) -> Reading:
        """By the heading; Failure when columns are missing that the table needs."""
        identity = next((name for name in FAMILIES if name in heading), "order_id")
        family = FAMILIES[identity]
        types = tuple(kind for kind in family if moment_column(kind) in heading) or family[:1]
        lines = types[0] == "order.placed" and "sku" in heading
        # The amount of an order may be summed from its lines.
        needed = {name for kind in types for name in required_columns(kind)} - ({"amount"} if lines else set())
        missing = [name for kind in types for name in required_columns(kind) if name in needed - set(heading)]
        if missing:
            raise lacking(file, dict.fromkeys(missing), known_columns(family))
        return cls(identity, types, lines, policy)

    def events(self, rows: Sequence[Numbered]) -> list[Told]:
        """What the rows of one order, or one row, tell; RowError says what is wrong."""
        merged = self._merged(rows)
        told = [self._told(kind, merged, rows) for kind in self.types if self._tells(kind, merged)]
        if not told:
            raise RowError(
                Text(en=f"{moment_column(self.types[0])}: is missing", zh=f"{moment_column(self.types[0])}：缺失")
            )
        return told

    def _tells(self, kind: str, row: Mapping[str, object]) -> bool:
        # An order is placed before anything else can be told of it, so a missing day is a fault and no silence.
        return kind == "order.placed" or bool(text_of(row.get(moment_column(kind))))

    def _merged(self, rows: Sequence[Numbered]) -> Row:
        """The cells that are the order's own: said once, or alike in each of its rows."""
        first = rows[0]
        merged = {name: cell for name, cell in first.row.items() if name not in LINE}
        said = {name: first.number for name, cell in merged.items() if text_of(cell)}
        for number, row in rows[1:]:
            for name in merged.keys() & row.keys():
                written = text_of(row[name])
                if not written:
                    continue
                if name not in said:
                    merged[name], said[name] = row[name], number
                elif written != text_of(merged[name]):
                    earlier = said[name]
                    raise LineError(
                        number,
                        Text(en=f"{name}: differs from row {earlier}", zh=f"{name}：与第 {earlier} 行不一致"),
                    )
        return merged

    def _told(self, kind: str, row: Row, rows: Sequence[Numbered]) -> Told:
        model = TOPIC.types[kind]
        moment = moment_column(kind)
        names = (name for name in model.model_fields if name != "lines")
        written: dict[str, object] = {name: text_of(row[name]) for name in names if text_of(row.get(name))}
        if moment in written:
            written[moment] = moment_of(row[moment], self.policy.zone, moment)
        lines = _lines(rows) if self.lines and kind == "order.placed" else []
        if lines:
            written["lines"] = [line for _, line in lines]
            written.setdefault("amount", _sum(line for _, line in lines))
        try:
            data = model.model_validate_json(json.dumps(written))
        except ValidationError as error:
            raise _fault(error, [number for number, _ in lines]) from None
        self._check_rate(data, kind)
        identity = text_of(row[self.identity])
        return Told(kind, _event_id(kind, identity, with_lines=bool(lines)), data)

    def _check_rate(self, data: EventData, kind: str) -> None:
        currency = getattr(data, "currency", None)
        # A return that names its order is converted at that order's date.
        if currency is None or (kind == "order.returned" and getattr(data, "order_id", None)):
            return
        day = getattr(data, moment_column(kind)).astimezone(self.policy.zone).date()
        if self.policy.rate(currency, day) is None:
            raise RowError(
                Text(
                    en=f"currency: the policy has no rate for {currency} on that day",
                    zh=f"currency：政策中没有 {currency} 当日的汇率",
                )
            )


def read_trade(file: Path, policy: Policy) -> tuple[list[Told], list[BadRow]]:
    """The events of a table and its bad rows; Failure when it is no table with the columns that are needed."""
    table = read_table(file, ALIASES)
    reading = Reading.of(file, table.heading, policy)
    told: list[Told] = []
    bad: list[BadRow] = []
    seen: dict[str, int] = {}
    for rows in _grouped(table, reading):
        number, row = rows[0]
        identity = text_of(row[reading.identity])
        try:
            events = reading.events(rows)
            earlier = seen.setdefault(identity, number)
            if earlier != number:
                raise RowError(
                    Text(
                        en=f"{reading.identity}: stands in row {earlier} already",
                        zh=f"{reading.identity}：已见于第 {earlier} 行",
                    )
                )
        except RowError as error:
            bad.append(BadRow(getattr(error, "number", number), identity, error.why))
        else:
            told += events
    return told, bad


def _grouped(table: Table, reading: Reading) -> Iterator[list[Numbered]]:
    """Rows one by one, or by order where they are an order's lines, in the order in which the orders appear."""
    numbered = (
        Numbered(number, row) for number, row in enumerate(table.rows, start=2) if any(map(text_of, row.values()))
    )
    if not reading.lines:
        yield from ([row] for row in numbered)
        return
    orders: dict[str, list[Numbered]] = {}
    for row in numbered:
        orders.setdefault(text_of(row.row[reading.identity]), []).append(row)
    yield from orders.values()


def _lines(rows: Sequence[Numbered]) -> list[tuple[int, dict[str, str]]]:
    """The articles that an order's rows name, with the rows' numbers."""
    found = ((number, {name: text_of(row.get(name)) for name in LINE}) for number, row in rows)
    return [(number, {name: cell for name, cell in line.items() if cell}) for number, line in found if line["sku"]]


def _sum(lines: Iterator[dict[str, str]]) -> str:
    """Quantity times price of all lines; 0 where one is no number, which that line's own check tells."""
    try:
        return format(sum(Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in lines), "f")
    except (InvalidOperation, KeyError):
        return "0"


def _fault(error: ValidationError, numbers: Sequence[int]) -> RowError:
    detail = refusal_of(error, (), within=()).detail
    column, _, said = detail.partition(": ")
    number = None
    if column.startswith("lines.") and numbers:
        _, position, column = column.split(".", 2)
        number = numbers[int(position)]
    why = Text(en=f"{column}: {said}", zh=f"{column}：内容有误（{said}）")
    return RowError(why) if number is None else LineError(number, why)


def _event_id(kind: str, identity: str, *, with_lines: bool) -> str:
    """Of the thing that is told, so that a table imported twice counts once.

    An order that is told again with its articles is another telling of it, which fills them in.
    """
    if kind == "order.placed":
        return f"{identity}:lines" if with_lines else identity
    return f"{kind}:{identity}"
