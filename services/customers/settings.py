"""Customers' numbers of the machine."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.settings import ServiceSettings


class CustomersSettings(ServiceSettings):
    """What customers is told besides what every service is."""

    # With all their orders these are some thousand rows, locked until the batch commits.
    retell_customers: Annotated[int, Field(ge=1, le=10_000)] = 200
    # Orders with their lines and their customers' files, for a transaction of some ten milliseconds.
    judge_matters: Annotated[int, Field(ge=1, le=10_000)] = 200
    # One export of what a search found is whole in memory, as rows, as models and as text: some hundred megabytes, and
    # as a workbook seconds of a processor that others use too.
    export_files: Annotated[int, Field(ge=1, le=10_000)] = 500
    export_lines: Annotated[int, Field(ge=1, le=100_000)] = 20_000
