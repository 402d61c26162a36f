"""Where bytes are kept that no table should hold: a folder, or a bucket of anything that speaks S3."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from shared.environment import SettingsError
from shared.settings import ObjectSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import ObjectStore, S3Config

# A person waits for the answer: a store that is away for longer is away.
TRY_FOR = timedelta(seconds=20)
CONNECT_WITHIN = timedelta(seconds=5)


class NoSuchObjectError(Exception):
    """There is nothing under this key."""


class ObjectsAwayError(OSError):
    """The store cannot be reached, or does not let us in."""


class ObjectInfo(NamedTuple):
    """What a listing tells of an object: `size` in bytes, `modified` aware UTC."""

    key: str
    size: int
    modified: datetime


class Objects(Protocol):
    """Bytes by key; a key is a relative path of plain letters, digits, `-`, `_`, `.` and `/`.

    Every method raises `ObjectsAwayError` when the store does not answer.
    """

    async def put(self, key: str, data: bytes) -> None:
        """Keep `data`, whole or not at all, in place of what was there; durable on return."""
        ...

    async def get(self, key: str) -> bytes:
        """The bytes; `NoSuchObjectError` where there are none."""
        ...

    async def delete(self, key: str) -> None:
        """Nothing is there afterwards, whether or not anything was before."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[ObjectInfo]:
        """Every object below the folder `prefix`, in no order."""
        ...


def open_objects(settings: ObjectSettings) -> Objects:
    """The store that the settings name; SettingsError when they do not name one. Nothing is connected to yet."""
    parts = urlsplit(settings.url)
    match parts.scheme:
        case "file" if not parts.netloc and parts.path.strip("/"):
            folder = unquote(parts.path)
            try:
                return _Folder(LocalStore(folder, mkdir=True), folder)
            except BaseError as error:
                raise SettingsError(f"cannot keep objects in {folder}: {error}") from None
        case "s3" if parts.netloc:
            return _Store(open_bucket(settings, parts.netloc, parts.path.strip("/")))
    raise SettingsError(f"objects are kept in file:///folder or s3://bucket/prefix, not in {settings.url!r}")


def open_bucket(settings: ObjectSettings, bucket: str, prefix: str) -> S3Store:
    """The bucket itself, for what is too large to be held at once."""
    config: S3Config = {"region": settings.region}
    if settings.endpoint is not None:
        config["endpoint"] = settings.endpoint
    access_key, secret_key = settings.access_key(), settings.secret_key()
    if access_key is not None and secret_key is not None:
        config["access_key_id"], config["secret_access_key"] = access_key, secret_key
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options={
            "allow_http": settings.allow_http,
            "timeout": TRY_FOR,
            "connect_timeout": CONNECT_WITHIN,
        },
        retry_config={"max_retries": 3, "retry_timeout": TRY_FOR},
    )


class _Store:
    """Implements `Objects` over a store of obstore's."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, data: bytes) -> None:
        with _told():
            await obstore.put_async(self._store, key, data)

    async def get(self, key: str) -> bytes:
        with _told():
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())

    async def delete(self, key: str) -> None:
        try:
            with _told():
                await obstore.delete_async(self._store, key)
        except NoSuchObjectError:
            return

    async def list(self, prefix: str = "") -> AsyncIterator[ObjectInfo]:
        with _told():
            async for page in obstore.list(self._store, prefix or None):
                for found in page:
                    yield ObjectInfo(found["path"], found["size"], found["last_modified"])


class _Folder(_Store):
    """A folder writes through to the disk: a row in a database will soon say that the bytes are there."""

    def __init__(self, store: LocalStore, folder: str) -> None:
        super().__init__(store)
        self._folder = folder

    async def put(self, key: str, data: bytes) -> None:
        await super().put(key, data)
        path = Path(self._folder, key)
        for written in (path, path.parent):
            _write_through(written)


def _write_through(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told() -> Iterator[None]:
    """obstore's errors as ours."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        # A bucket that is missing is a mistake of the operator's, and no word on the object.
        if "NoSuchBucket" in str(error):
            raise ObjectsAwayError(str(error)) from error
        raise NoSuchObjectError(str(error)) from None
    except (BaseError, OSError) as error:
        raise ObjectsAwayError(str(error)) from error
