"""Rows of data keys, and the master keys of a file."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from services.archive.domain.envelope import NONCE_BYTES, GoneError, WrappedKey, decipher, encipher, of_key
from services.archive.store.queries import SQL
from shared.engine.model import Transaction


class DataKeyStore:
    """Implements `DataKeys`."""

    async def count(self, tx: Transaction) -> Mapping[str, int]:
        return {row["master"]: row["keys"] for row in await tx.fetch(SQL["count_data_keys"])}

    async def take(self, tx: Transaction, besides: str, after: str, limit: int) -> Sequence[tuple[str, WrappedKey]]:
        rows = await tx.fetch(SQL["take_data_keys"], besides, after, limit)
        return [(row["attachment_id"], WrappedKey(row["master"], row["wrapped"])) for row in rows]

    async def rewrap(self, tx: Transaction, keys: Mapping[str, WrappedKey]) -> None:
        masters, wrapped = [key.master for key in keys.values()], [key.wrapped for key in keys.values()]
        await tx.execute(SQL["rewrap_data_keys"], list(keys), masters, wrapped)


class KeyRing:
    """Implements `MasterKeys`: by name, the last one being the newest."""

    def __init__(self, masters: Mapping[str, bytes]) -> None:
        self._masters = dict(masters)
        self.newest = list(self._masters)[-1]

    @property
    def names(self) -> Collection[str]:
        return self._masters.keys()

    def rewrap(self, attachment_id: str, key: WrappedKey) -> WrappedKey:
        master = self._masters.get(key.master)
        if master is None:
            raise GoneError(f"{attachment_id}: there is no master key {key.master!r}")
        about = of_key(attachment_id)
        plain = decipher(key.wrapped, master, about)
        return WrappedKey(self.newest, encipher(plain, self._masters[self.newest], os.urandom(NONCE_BYTES), about))
