"""One customer's trade and file, for the report on its lapse."""

from __future__ import annotations

from datetime import date

from services.scoring.domain.lapse import Bought, FileChange, Purchase, Trade
from services.scoring.store.queries import SQL
from shared.engine.model import Transaction


class TradeReadings:
    """What is known of one customer."""

    async def trade(self, tx: Transaction, customer_id: str, after: date) -> Trade:
        buyer, suppliers = await tx.fetchrow(SQL["read_file"], customer_id) or (None, None)
        return Trade(
            purchases=[Purchase(*row) for row in await tx.fetch(SQL["page_purchases"], customer_id, after)],
            bought=[Bought(*row) for row in await tx.fetch(SQL["sum_categories"], customer_id, after)],
            buyer=buyer,
            suppliers=suppliers,
            changes=[FileChange(*row) for row in await tx.fetch(SQL["page_file_changes"], customer_id, after)],
        )
