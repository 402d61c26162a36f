"""Objects in a folder and in S3: the same promises, by the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from shared.environment import SettingsError
from shared.objects import NoSuchObjectError, Objects, ObjectsAwayError, open_objects
from shared.settings import ObjectSettings


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 with a bucket."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    httpx.put(f"{endpoint}/attachments", trust_env=False).raise_for_status()
    yield endpoint
    server.stop()


def in_bucket(endpoint: str, folder: Path, bucket: str = "attachments") -> ObjectSettings:
    """The bucket of `s3`, with keys in files."""
    access, secret = folder / "access", folder / "secret"
    access.write_text("AKIATEST\n", encoding="utf-8")
    secret.write_text("secret\n", encoding="utf-8")
    return ObjectSettings(
        url=f"s3://{bucket}/tierline",
        endpoint=endpoint,
        access_key_file=access,
        secret_key_file=secret,
        allow_http=True,
    )


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """A store of each kind."""
    if request.param == "folder":
        return open_objects(ObjectSettings(url=(tmp_path / "a folder").as_uri()))
    return open_objects(in_bucket(request.getfixturevalue("s3"), tmp_path))


# The store is one for all examples: each puts over what the one before it left.
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=100_000))
async def test_what_was_put_is_what_is_got(objects: Objects, data: bytes) -> None:
    """Any bytes, none among them, and in place of what was there."""
    await objects.put("some/key", data)
    assert await objects.get("some/key") == data


async def test_what_is_not_there_is_said_so(objects: Objects) -> None:
    """Reading it is an error of its own; deleting it twice is none."""
    with pytest.raises(NoSuchObjectError):
        await objects.get("nothing/here")
    await objects.put("gone", b"x")
    await objects.delete("gone")
    await objects.delete("gone")
    with pytest.raises(NoSuchObjectError):
        await objects.get("gone")


async def test_a_listing_tells_what_lies_below_a_folder(objects: Objects) -> None:
    """Key and size of each, of this folder alone."""
    for key in ("list/a", "list/b/c", "elsewhere"):
        await objects.put(key, key.encode())
    found = {each.key: each.size async for each in objects.list("list")}
    assert found == {"list/a": 6, "list/b/c": 8}
    assert {"list/a", "elsewhere"} <= {each.key async for each in objects.list()}


async def test_a_store_that_is_away_is_told_from_one_that_is_empty(s3: str, tmp_path: Path) -> None:
    """A wrong bucket, and a server that is not there."""
    for away in (in_bucket(s3, tmp_path, bucket="missing"), in_bucket("http://127.0.0.1:9", tmp_path)):
        with pytest.raises(ObjectsAwayError):
            await open_objects(away).put("key", b"x")


@pytest.mark.parametrize("url", ["", "folder", "file://host/folder", "file:///", "s3://", "https://bucket.example"])
def test_a_place_that_is_none_is_refused(url: str) -> None:
    """Before anything is written anywhere."""
    with pytest.raises(SettingsError, match="objects are kept in"):
        open_objects(ObjectSettings(url=url))
