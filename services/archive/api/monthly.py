"""The month for human resources and the general manager, as a workbook: fines, statement, accesses, requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.archive.api.act_words import act_in_words, reason_in_words
from services.archive.domain.fines import FineState, Standing
from services.archive.domain.ledger import grand_totals
from services.archive.domain.months import spoken
from services.archive.domain.settling import STANDING
from services.archive.ports.statements import Decision
from services.archive.usecases.statements import LISTED, MonthReport
from shared.book import Book, Column
from shared.money import ZERO, add
from shared.words import Language, Text

FIRST: Final = 3  # the row of a sheet's table: below its title and note
PERSON: Final = Column(Text(zh="人员", en="person"), width=14)
FILE: Final = Column(Text(zh="档案", en="file"), width=20)
REASON: Final = Column(Text(zh="理由", en="reason"), width=36)
ENTRY: Final = Column(Text(zh="审计条目", en="audit entry"), "number", 11)
STATES: Final = {
    FineState.PROPOSED: Text(zh="提案", en="proposed"),
    FineState.ANSWERED: Text(zh="已说明", en="answered"),
    FineState.EXPLAINED: Text(zh="理由成立", en="explained"),
    FineState.WAIVED: Text(zh="免除", en="waived"),
    FineState.CONFIRMED: Text(zh="已确认", en="confirmed"),
    FineState.APPEALED: Text(zh="申诉中", en="appealed"),
    FineState.UPHELD: Text(zh="申诉驳回", en="upheld"),
    FineState.LIFTED: Text(zh="申诉成立", en="lifted"),
    FineState.REPLACED: Text(zh="从重处理", en="replaced"),
}
TOTAL: Final = Text(zh="合计", en="total")
YES: Final = Text(zh="是", en="yes")


def workbook(report: MonthReport, language: Language) -> bytes:
    """The bytes of an .xlsx file."""
    book = Book(report.today, report.currency, language)
    _statement(book, report)
    _fines(book, report)
    _pleas(book, report)
    _accesses(book, report)
    _decisions(
        book,
        report.zone,
        report.denials,
        Text(zh="拒绝", en="Denials"),
        Text(zh="被拒绝的访问", en="Accesses that were refused"),
    )
    _decisions(
        book,
        report.zone,
        report.requests,
        Text(zh="查阅申请", en="Requests"),
        Text(zh="查阅申请、审批与授权", en="Requests to consult, approvals and grants"),
    )
    return book.close()


def _statement(book: Book, report: MonthReport) -> None:
    statement = report.statement
    month, closing = spoken(statement.month), statement.closing
    state = (
        Text(
            zh=f"尚未关账；待处理 {statement.waiting} 项", en=f"not closed yet; {statement.waiting} wait for a decision"
        )
        if closing is None
        else Text(
            zh=f"{closing.closed_by} 于 {_moment(closing.closed_at, report.zone)} 关账；待处理 {statement.waiting} 项",
            en=f"closed by {closing.closed_by} at {_moment(closing.closed_at, report.zone)}; "
            f"{statement.waiting} wait for a decision",
        )
    )
    sheet = book.sheet(
        Text(zh="结算单", en="Statement"), Text(zh=f"{month} 罚款结算单", en=f"Statement of fines, {month}"), state
    )
    amount = Column(Text(zh="金额", en="amount"), "money", 12)
    currency = Column(Text(zh="币种", en="currency"), width=9)
    columns = [PERSON, currency, amount, Column(Text(zh="笔数", en="lines"), "whole", 8)]
    rows = [
        *((each.person, each.currency, each.amount, each.lines) for each in statement.totals),
        *((book.of(TOTAL), currency, sum_, None) for currency, sum_ in grand_totals(statement.totals).items()),
    ]
    below = book.table(sheet, columns, rows, FIRST)
    columns = [
        PERSON, currency, amount,
        Column(Text(zh="月份", en="month"), width=9), Column(Text(zh="罚款", en="fine"), width=18),
        Column(Text(zh="规则", en="rule"), width=7), Column(Text(zh="事项", en="matter"), width=44), FILE,
        Column(Text(zh="订单", en="order"), width=14), ENTRY,
        Column(Text(zh="状态", en="state"), width=10), Column(Text(zh="经办", en="by"), width=12), REASON,
    ]  # fmt: skip
    lines = [
        (
            line.posting.person, line.posting.currency, line.posting.due, spoken(line.posting.month),
            line.posting.fine_id, line.fine.rule, _matter(book, line.fine.words_zh, line.fine.words_en),
            line.fine.file, line.fine.order_id, line.fine.entry, book.of(STATES[line.state]), line.decided_by,
            line.reason,
        )
        for line in statement.lines
    ]  # fmt: skip
    book.table(sheet, columns, lines, below + 1)


def _fines(book: Book, report: MonthReport) -> None:
    sheet = book.sheet(
        Text(zh="罚款", en="Fines"),
        Text(zh="当月事实的全部罚款提案", en="All fines proposed for what happened in the month"),
        _summary(report.fines, report.currency),
    )
    columns = [
        PERSON, Column(Text(zh="日期", en="day"), "day", 11), Column(Text(zh="规则", en="rule"), width=7),
        Column(Text(zh="事项", en="matter"), width=44), Column(Text(zh="涉及金额", en="sum in question"), "money", 14),
        Column(Text(zh="金额", en="amount"), "money", 12), Column(Text(zh="开除", en="dismissal"), width=10),
        Column(Text(zh="状态", en="state"), width=10), Column(Text(zh="经办", en="by"), width=12), REASON, FILE,
        Column(Text(zh="订单", en="order"), width=14), ENTRY, Column(Text(zh="编号", en="fine"), width=18),
    ]  # fmt: skip
    rows = [
        (
            fine.person, fine.occurred_on, fine.rule, _matter(book, fine.words_zh, fine.words_en), fine.sum,
            fine.amount, book.of(YES) if fine.dismissal else None, book.of(STATES[standing.state]),
            standing.decided_by, standing.decision_reason, fine.file, fine.order_id, fine.entry, fine.fine_id,
        )
        for standing, fine in ((standing, standing.fine) for standing in report.fines)
    ]  # fmt: skip
    book.table(sheet, columns, rows, FIRST)


def _pleas(book: Book, report: MonthReport) -> None:
    sheet = book.sheet(
        Text(zh="说明与申诉", en="Pleas"),
        Text(zh="当月的说明、申诉与裁定", en="Explanations, appeals and judgements of the month"),
        Text(zh=f"共 {len(report.pleas)} 条", en=f"{len(report.pleas)} in all"),
    )
    columns = [
        PERSON, Column(Text(zh="罚款", en="fine"), width=18), Column(Text(zh="步骤", en="step"), width=12),
        Column(Text(zh="时间", en="at"), width=18), Column(Text(zh="经办", en="by"), width=14),
        Column(Text(zh="内容", en="words"), width=60),
    ]  # fmt: skip
    rows = [
        (it.person, it.fine_id, book.of(STATES[it.state]), _moment(it.at, report.zone), it.by, it.reason)
        for it in report.pleas
    ]
    book.table(sheet, columns, rows, FIRST)


def _summary(fines: Sequence[Standing], currency: str) -> Text:
    due = ZERO
    for standing in fines:
        if standing.state in STANDING:
            due = add(due, standing.fine.amount or ZERO)
    return Text(
        zh=f"共 {len(fines)} 项，成立的合计 {due:f} {currency}", en=f"{len(fines)} in all; {due:f} {currency} stand"
    )


def _accesses(book: Book, report: MonthReport) -> None:
    sheet = book.sheet(
        Text(zh="访问", en="Accesses"),
        Text(zh="谁查阅、检索、导出了档案", en="Who read, searched and exported files"),
        Text(zh="按人员与行为计数", en="Counted by person and act"),
    )
    columns = [
        PERSON, Column(Text(zh="行为", en="act"), width=18),
        Column(Text(zh="允许", en="allowed"), "whole", 10), Column(Text(zh="拒绝", en="denied"), "whole", 10),
    ]  # fmt: skip
    rows = [(actor, book.of(act_in_words(act)), *counts) for actor, act, *counts in report.deeds]
    book.table(sheet, columns, rows, FIRST)


def _decisions(book: Book, zone: ZoneInfo, decisions: Sequence[Decision], name: Text, title: Text) -> None:
    more = len(decisions) == LISTED
    note = Text(
        zh=f"{'仅列最近' if more else '共'} {len(decisions)} 条",
        en=f"{'the newest' if more else 'all'} {len(decisions)}",
    )
    sheet = book.sheet(name, title, note)
    columns = [
        Column(Text(zh="时间", en="at"), width=18), PERSON, Column(Text(zh="行为", en="act"), width=22), FILE, REASON,
        ENTRY,
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            _moment(each.at, zone),
            each.actor,
            book.of(act_in_words(each.act)),
            each.file,
            book.of(reason_in_words(each.reason)),
            each.entry,
        )
        for each in decisions
    ]
    book.table(sheet, columns, rows, FIRST)


def _matter(book: Book, zh: str, en: str) -> str:
    return book.of(Text(zh=zh, en=en))


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
