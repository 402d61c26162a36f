"""The first day of each lunar year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

# A letter a year from 1901 on: A is 20 January, the earliest day it can be. Equal to the library `holidays`, which
# would cost a process 25 MB for these two hundred days.
_FIRST: Final = 1901
_DAYS: Final = (
    r"_TJ\PFYNCVK^RGZPDWM`TI\QEYNDVK]RGZPEWL_TH[QFYNCVJ]RHZOEXL^TI[QFYNBUK]RH[ODWL^SI\QFYN`UJ]RH[PDVL_SI\Q"
    r"EXMCUJ^SGZODVL_TI\QFXMCVJ]RGYODWL_TI[PEXMCVK]RGZNDWM_TI[PEXNBUJ]QGZODWL_SH[QEXNCUJ]RGZOEVK^SH[QFXMBU"
)


def lunar_new_year(year: int) -> date | None:
    r"""Spring Festival's first day (初一) in a year of the common calendar; None outside 1901–2100."""
    if not _FIRST <= year < _FIRST + len(_DAYS):
        return None
    return date(year, 1, 20) + timedelta(days=ord(_DAYS[year - _FIRST]) - ord("A"))
