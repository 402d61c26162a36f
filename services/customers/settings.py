"""Customers' numbers of the machine: those that every service has."""

from __future__ import annotations

from shared.settings import ServiceSettings


class CustomersSettings(ServiceSettings):
    """Nothing of its own so far."""
