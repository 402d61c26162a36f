"""What people have chosen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from services.followup.domain.delivering import Hours
from services.followup.domain.preferences import Preferences
from services.followup.ports.messages import Reader
from shared.engine.model import Transaction
from shared.engine.queries import load_queries
from shared.words import Language

QUERIES = load_queries("services.followup", "sql/preferences.sql")


class PostgresPreferences:
    """Preferences in `preferences`."""

    async def readers(self, tx: Transaction, people: Collection[str]) -> Mapping[str, Reader]:
        rows = await tx.fetch(QUERIES["select_readers"], sorted(people))
        return {
            row["person"]: Reader(row["person"], row["department"], row["active"], _preferences(row)) for row in rows
        }

    async def save(self, tx: Transaction, preferences: Preferences) -> None:
        quiet = preferences.quiet
        await tx.execute(
            QUERIES["save_preferences"],
            preferences.person,
            preferences.language,
            None if preferences.channels is None else list(preferences.channels),
            preferences.mail,
            json.dumps(dict(preferences.mentions), ensure_ascii=False),
            None if quiet is None else quiet.begins,
            None if quiet is None else quiet.until,
            preferences.digest,
        )


def _preferences(row: Any) -> Preferences:
    if not row["has_chosen"]:
        return Preferences(row["person"])
    return Preferences(
        row["person"],
        None if row["language"] is None else Language(row["language"]),
        None if row["channels"] is None else tuple(row["channels"]),
        row["mail"],
        json.loads(row["mentions"]),
        None if row["quiet_from"] is None else Hours(row["quiet_from"], row["quiet_until"]),
        row["digest"],
    )
