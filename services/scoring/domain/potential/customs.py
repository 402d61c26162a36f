"""Customs records of imports, and whose they are: the same name, however written, in the same country (K5)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from services.scoring.domain.potential.tokens import plain

_FORMS: Final = frozenset({
    "ab", "ag", "as", "aps", "bv", "bvba", "co", "company", "corp", "corporation", "doo", "eg", "eirl",
    "fzco", "fze", "fzllc", "gmbh", "inc", "incorporated", "jsc", "kft",
    "kg", "kk", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv", "ohg", "ooo", "oy", "oyj", "plc",
    "pllc", "pt", "pte", "pty", "pvt", "rl", "sa", "sal", "saog", "sarl", "sas", "sdn", "bhd", "se", "sl",
    "slu", "snc", "spa", "spol", "srl", "sro", "ug", "ulc", "wll", "zoo",
})  # fmt: skip
"""Forms of companies: of one customer some papers say "Ltd", others nothing."""
_CHINESE_FORMS: Final = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|公司)$")


class Import(NamedTuple):
    """A line of a customs list; `value` is in whatever money the list has, and only ever shown."""

    importer: str
    country: str
    hs_code: str
    goods: str
    quantity: str
    value: Decimal | None
    dated: date


def importer_key(name: str) -> str:
    """A company's name as it is compared: without case, accents, punctuation and the form of the company."""
    # S.A. and L.L.C. are one word each, and & is "and".
    written = re.sub(r"(?<=\b\w)\.(?=\w\b|\W|$)", "", plain(name)).replace("&", " and ")
    words = re.findall(r"[^\W_]+", _CHINESE_FORMS.sub("", written.strip()))
    kept = [word for word in words if word not in _FORMS and word != "and"]
    return " ".join(kept or words)
