"""Tierline itself under measurement: the whole way, as `tierline up` runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import asyncpg

from bench.contenders import Arena
from bench.load import Order
from tests.backends.stack import LocalStack

# Readers of customers.v1: an order has gone its way when all of them are past it.
LAST_STAGES = ("scoring", "followup", "archive")


class Tierline:
    name = "tierline"
    topic = "orders.v1"

    def __init__(self, arena: Arena) -> None:
        self._stack = LocalStack(arena.folder / "tierline", arena.broker, arena.database)
        self._databases: dict[str, asyncpg.Connection] = {}

    async def __aenter__(self) -> Self:
        self._stack.start()
        self._databases = {stage: await asyncpg.connect(self._stack.database(stage)) for stage in LAST_STAGES}
        return self

    async def __aexit__(self, *reason: object) -> None:
        for database in self._databases.values():
            await database.close()
        self._stack.stop()

    def parts(self) -> Mapping[int, str]:
        services = self._stack.state.services
        return {service.pid: name for name, service in services.items() if service.pid is not None}

    async def count_finished(self) -> int:
        query = "SELECT coalesce(sum(next_offset), 0) FROM consumed_offsets WHERE topic = 'customers.v1'"
        return min([int(await database.fetchval(query)) for database in self._databases.values()])

    async def finished(self, load: Sequence[Order]) -> Mapping[str, float]:
        scored = dict(
            await self._databases["scoring"].fetch(
                "SELECT order_id, extract(epoch FROM pg_xact_commit_timestamp(e.xmin))::float8"
                " FROM unnest($1::text[], $2::text[]) AS o (customer_id, order_id)"
                " JOIN entries AS e ON e.customer_id = o.customer_id AND e.entry_id = 'o:' || order_id",
                [order.customer_id for order in load],
                [order.order_id for order in load],
            )
        )
        sealed = dict(
            await self._databases["archive"].fetch(
                "SELECT file, max(extract(epoch FROM pg_xact_commit_timestamp(xmin)))::float8 FROM audit_entries"
                " WHERE action = 'file_amended' AND file = ANY($1::text[]) GROUP BY file",
                [order.customer_id for order in load],
            )
        )
        return {order.order_id: max(scored[order.order_id], sealed[order.customer_id]) for order in load}
