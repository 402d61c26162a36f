"""The events that services exchange, the table that binds them to topics, and the envelope they travel in."""

from shared.contracts.refusals import REFUSALS

__all__ = ["REFUSALS"]
