"""The analyses as a workbook that a manager prints: a sheet and a chart for each, landscape, one page wide."""

from __future__ import annotations

from typing import Final

from services.scoring.api.book import Book
from services.scoring.api.workbook.customers import loyalty, outlook
from services.scoring.api.workbook.goods import affinity, promotion
from services.scoring.api.workbook.sales import composition, performance, profit
from services.scoring.usecases.analysing import Report
from shared.words import Language

__all__ = ["MEDIA_TYPE", "workbook"]

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(report: Report, language: Language) -> bytes:
    """The bytes of an .xlsx file."""
    book = Book(report.today, report.currency, language)
    by = {found.by: found for found in report.sales}
    composition(book, [by["level"], by["region"], by["category"]])
    loyalty(book, report.loyalty)
    profit(book, [by["category"], by["sku"]])
    performance(book, [by["sku"], by["channel"], by["rep"], by["month"]])
    outlook(book, report.outlook)
    affinity(book, report.pairs, report.loyalty.period)
    if report.promotion is not None:
        promotion(book, report.promotion)
    return book.close()
