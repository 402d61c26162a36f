"""A backup's file: whole or worthless, and nothing in between."""

from __future__ import annotations

import asyncio
import io
import tarfile
from typing import Any

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import x25519

from deploy.backup.envelope import MANIFEST, SIGNATURE, Packer, seal
from deploy.backup.refusals import Broken
from deploy.failure import Failure
from tests.unit.deploy.backup.packing import KEY, NAME, OTHER, PARTS, SIGNER, WHOLE, opened, packed, signed


@given(
    st.dictionaries(
        st.from_regex(r"[a-z0-9/._-]{1,40}", fullmatch=True).filter(lambda name: name != MANIFEST),
        st.binary(max_size=50_000),
        max_size=4,
    ),
    st.integers(1, 20_000),
)
def test_parts_come_back_as_they_were(parts: dict[str, bytes], step: int) -> None:
    """Whatever they are called and however they came, empty ones too, for each of the recipients."""
    data = packed(parts, step)
    assert opened(data) == parts
    assert opened(data, OTHER) == parts


@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_that_was_cut_anywhere_is_no_backup(end: int) -> None:
    """A disk that was full, a copy that broke off: what is left is refused as a whole."""
    with pytest.raises(Broken):
        opened(WHOLE[:end])


@given(st.integers(0, len(WHOLE) * 8 - 1))
def test_a_bit_that_was_flipped_anywhere_is_found(bit: int) -> None:
    """A disk that forgets, or somebody who would like another past."""
    data = bytearray(WHOLE)
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Broken):
        opened(bytes(data))


def test_something_behind_the_end_is_found() -> None:
    """age knows where its file ends."""
    with pytest.raises(Broken):
        opened(WHOLE + b"x")


def test_another_key_opens_nothing_and_is_told_so() -> None:
    """The words say that the file may be good, and the key is not."""
    with pytest.raises(Broken) as told:
        opened(WHOLE, x25519.Identity.generate())
    assert "not for this key" in told.value.what.en


def test_a_backup_whose_making_failed_never_becomes_whole() -> None:
    """A dump that broke off leaves bytes that nobody takes for a backup."""

    async def fill(packer: Packer) -> dict[str, Any]:
        packer.add("customers.dump", PARTS["customers.dump"])
        raise RuntimeError("the server went away")

    sink = io.BytesIO()
    with pytest.raises(RuntimeError, match="went away"):
        asyncio.run(seal(sink, [KEY.to_public()], fill, signed(SIGNER, NAME)))
    with pytest.raises(Broken):
        opened(sink.getvalue())


def test_a_full_disk_is_told_as_what_it_is() -> None:
    """The writer that gave up says why; the packing end only sees a broken pipe."""

    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            if self.tell() > 100_000:
                raise OSError(28, "No space left on device")
            return super().write(data)

    async def fill(packer: Packer) -> dict[str, Any]:
        for number in range(100):
            packer.add(f"part-{number}", bytes(50_000))
        return {}

    with pytest.raises(Failure) as told:
        asyncio.run(seal(Full(), [KEY.to_public()], fill, signed(SIGNER, NAME)))
    assert "No space left" in told.value.detail


def test_other_programs_open_it() -> None:
    """age and tar, and `cat` for the pieces: nobody needs Tierline to get at the data."""
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(WHOLE, [KEY]))) as tar:
        names = tar.getnames()
        pieces = [name for name in names if name.startswith("customers.dump.")]
        whole = b"".join(stream.read() for name in sorted(pieces) if (stream := tar.extractfile(name)))
    assert (names[-2:], len(pieces), whole) == ([MANIFEST, SIGNATURE], 24, PARTS["customers.dump"])
