"""Where backups are kept: whole or not there, in a folder as in S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from deploy.backup.places import Place
from deploy.backup.stack import place_of
from deploy.failure import Failure
from deploy.local.layout import Layout

NAME = "tierline-20261101T020000Z-0000.tierline.age"
# Some parts of an upload, the last one not full.
DATA = bytes(range(256)) * 100_000


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 with a bucket."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    httpx.put(f"{endpoint}/company", trust_env=False).raise_for_status()
    yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A place of each kind, named as an operator names it."""
    if request.param == "folder":
        return place_of(Layout(tmp_path), (tmp_path / "a folder").as_uri())
    for name in ("access", "secret"):
        (tmp_path / name).write_text(f"{name}\n")
        monkeypatch.setenv(f"TIERLINE_BACKUPS__{name.upper()}_KEY_FILE", str(tmp_path / name))
    monkeypatch.setenv("TIERLINE_BACKUPS__ENDPOINT", request.getfixturevalue("s3"))
    monkeypatch.setenv("TIERLINE_BACKUPS__ALLOW_HTTP", "true")
    return place_of(Layout(tmp_path), f"s3://company/{tmp_path.name}")


def test_what_was_written_is_read_and_listed(place: Place) -> None:
    """Written in pieces, read in others; removed, it is gone, and removing it again is nothing."""
    with place.writing(NAME) as sink:
        for start in range(0, len(DATA), 1_000_000):
            sink.write(DATA[start : start + 1_000_000])
    (kept,) = place.kept()
    assert (kept.name, kept.size) == (NAME, len(DATA))
    with place.reading(NAME) as source:
        read = b""
        while piece := source.read(3_000_000):
            read += piece
    assert read == DATA
    place.remove(NAME)
    place.remove(NAME)
    assert not place.kept()


def test_what_broke_off_is_not_there(place: Place) -> None:
    """An exception in its middle, after whole parts have gone out: nobody ever sees it."""
    with pytest.raises(RuntimeError):
        break_off(place)
    assert not place.kept()


def break_off(place: Place) -> None:
    with place.writing(NAME) as sink:
        sink.write(DATA)
        raise RuntimeError


def test_what_is_not_there_is_told(place: Place) -> None:
    """With what to do next."""
    with pytest.raises(Failure) as told, place.reading(NAME) as source:
        source.read(1)
    assert told.value.next_step is not None


def test_other_addresses_are_refused(tmp_path: Path) -> None:
    """Before anything is made."""
    for url in ("ftp://host/folder", "https://host/folder", "file://host/folder"):
        with pytest.raises(Failure):
            place_of(Layout(tmp_path), url)
