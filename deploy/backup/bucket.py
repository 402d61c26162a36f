"""Backups in a bucket of anything that speaks S3: streamed in parts, there when the last part is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from deploy.backup.envelope import Sink, Source
from deploy.backup.places import SUFFIX, Kept
from deploy.failure import ExitCode, Failure
from shared.words import Text

# S3 takes 10,000 parts, and a slow line must bring one of them through in time: 100 GB in all.
PART = 10 * 1024 * 1024


class Bucket:
    """Implements `Place` over a store of obstore's."""

    def __init__(self, store: S3Store, url: str) -> None:
        self._store = store
        self._url = url

    def __str__(self) -> str:
        return self._url

    @contextmanager
    def writing(self, name: str) -> Iterator[Sink]:
        """An upload that is complete after leaving; on an exception nothing of it ever shows."""
        with told():
            upload = obstore.open_writer(self._store, name, buffer_size=PART)
        # Not `with upload`: leaving that completes it, whatever happened.
        yield upload
        with told():
            upload.close()

    @contextmanager
    def reading(self, name: str) -> Iterator[Source]:
        with told():
            found = obstore.open_reader(self._store, name)
        yield Downloaded(found)

    def kept(self) -> list[Kept]:
        with told():
            return [
                Kept(each["path"], each["size"], each["last_modified"])
                for page in obstore.list(self._store)
                for each in page
                if each["path"].endswith(SUFFIX)
            ]

    def remove(self, name: str) -> None:
        with told():
            obstore.delete(self._store, name)


class Downloaded:
    """A backup as it comes out of the bucket."""

    def __init__(self, reader: obstore.ReadableFile) -> None:
        self._reader = reader

    def read(self, size: int) -> bytes:
        return bytes(self._reader.read(size))


@contextmanager
def told() -> Iterator[None]:
    """obstore's errors as a person is told of them."""
    try:
        yield
    except FileNotFoundError as error:
        raise Failure(
            Text(en="There is no such backup in the bucket.", zh="存储桶中没有该备份。"),
            Text(en="`tierline backup list` names what there is.", zh="`tierline backup list` 列出现有备份。"),
            code=ExitCode.NOT_SO,
            detail=str(error),
        ) from None
    except (BaseError, OSError) as error:
        raise Failure(
            Text(en="The bucket for backups does not answer as it should.", zh="备份存储桶未能正常应答。"),
            Text(
                en="Check TIERLINE_BACKUPS__URL, __ENDPOINT, and the files of its access key.",
                zh="请检查 TIERLINE_BACKUPS__URL、__ENDPOINT 与访问密钥文件。",
            ),
            detail=str(error),
        ) from None
