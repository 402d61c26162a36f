"""Whose a backup is: nothing of it is used that was not signed by a key that is believed, as it was signed."""

from __future__ import annotations

import io
import json
import tarfile
import tracemalloc
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage import x25519

from deploy.backup.envelope import MANIFEST
from deploy.backup.keys import make_identity, read_identity
from deploy.backup.opening import Piece, examine, unsealed
from deploy.backup.refusals import Broken
from deploy.backup.signers import PIN, new_signing_key, signing_key
from deploy.backup.signing import Believed
from deploy.backup.stack import believed_by, keys_of, signing_files
from deploy.failure import Failure
from deploy.local.layout import Layout
from shared.proof.notes import SigningKey, VerificationKey
from tests.unit.deploy.backup.packing import (
    BELIEVED,
    KEY,
    NAME,
    PARTS,
    SIGNER,
    STRANGER,
    WHOLE,
    enciphered,
    members,
    opened,
    packed,
)

MEMBERS = members(WHOLE)


def refused(data: bytes, believed: Believed = BELIEVED, name: str = NAME) -> str:
    """Why nothing of it is used, in English with its detail."""
    with pytest.raises(Broken) as told:
        examine(io.BytesIO(data), KEY, name, believed)
    assert told.value.what.zh
    return f"{told.value.what.en} {told.value.detail}"


def unsigned(parts: dict[str, bytes]) -> bytes:
    """A backup as it was made before they were signed."""
    found = members(packed(parts))
    manifest = json.loads(dict(found)[MANIFEST]) | {"format": 1}
    return enciphered([*found[:-2], (MANIFEST, json.dumps(manifest).encode())])


def test_what_we_signed_is_believed_and_says_who_signed_it() -> None:
    """The same members in another envelope are the same backup: a new recipient needs no new signature."""
    examined = examine(io.BytesIO(enciphered(MEMBERS)), KEY, NAME, BELIEVED)
    assert (examined.signed, str(examined)) == ((SIGNER.name, NAME), f"signed by {SIGNER.name}")
    assert opened(enciphered(MEMBERS)) == PARTS


@given(st.data())
def test_a_byte_that_was_changed_inside_is_found(data: st.DataObject) -> None:
    """By somebody who can open it and close it again: in any member, the manifest and its signature among them."""
    at = data.draw(st.sampled_from([at for at, (_, content) in enumerate(MEMBERS) if content]))
    name, content = MEMBERS[at]
    place = data.draw(st.integers(0, len(content) - 1))
    other = bytes([content[place] ^ data.draw(st.integers(1, 255))])
    changed = (name, content[:place] + other + content[place + 1 :])
    assert refused(enciphered([*MEMBERS[:at], changed, *MEMBERS[at + 1 :]]))


@given(st.data())
def test_members_that_changed_places_are_no_backup_of_ours(data: st.DataObject) -> None:
    """One's content under another's name, or pieces of one part in another order."""
    one = data.draw(st.integers(0, len(MEMBERS) - 1))
    two = data.draw(st.integers(0, len(MEMBERS) - 1).filter(lambda at: MEMBERS[at][1] != MEMBERS[one][1]))
    swapped = list(MEMBERS)
    swapped[one], swapped[two] = (MEMBERS[one][0], MEMBERS[two][1]), (MEMBERS[two][0], MEMBERS[one][1])
    assert refused(enciphered(swapped))
    pieces = data.draw(st.permutations(range(24)).filter(lambda order: order != sorted(order)))
    assert refused(enciphered([*(MEMBERS[at] for at in pieces), *MEMBERS[24:]]))


@given(st.sampled_from(range(len(MEMBERS))))
def test_a_member_that_is_missing_or_there_twice_is_found(at: int) -> None:
    """A part that comes a second time would be used as well, and the manifest vouches for one of them."""
    assert refused(enciphered([*MEMBERS[:at], *MEMBERS[at + 1 :]]))
    assert refused(enciphered([MEMBERS[at], *MEMBERS]))


def test_a_part_is_not_slipped_in_before_the_one_that_is_vouched_for() -> None:
    """Evil first, then all that is genuine: a database would be filled twice."""
    evil = ("customers.dump.000000", b"DROP TABLE audit_entries")
    between = ("kafka.jsonl.000000", b"")
    rest = [member for member in MEMBERS if member != between]
    assert "comes twice" in refused(enciphered([evil, between, *rest]))


def test_a_forgery_by_who_knows_the_public_key_is_refused() -> None:
    """Their own parts, their own manifest; unsigned, signed by their key, or by their key under our name."""
    parts = PARTS | {"customers.dump": b"another past"}
    assert "not signed" in refused(unsigned(parts))
    assert "whom you believe" in refused(packed(parts, key=STRANGER))
    assert "whom you believe" in refused(packed(parts, key=SigningKey.generate(SIGNER.name)))
    assert "whom you believe" in refused(WHOLE, Believed(()))


def test_a_signature_of_another_backup_does_not_fit() -> None:
    """Both are ours, both genuine, and yet not of each other."""
    other = members(packed(PARTS | {"kafka.jsonl": b"[]"}))
    told = refused(enciphered([*MEMBERS[:-1], other[-1]]))
    assert "does not fit" in told
    assert "another backup" in told


def test_a_signature_that_was_taken_off_is_missed() -> None:
    """Also by whoever lets unsigned ones be: this one says that it is of the time when all were signed."""
    stripped = enciphered(MEMBERS[:-1])
    for believed in (BELIEVED, BELIEVED._replace(unsigned=True)):
        assert "taken off" in refused(stripped, believed)


def test_an_old_backup_under_a_new_ones_name_is_found() -> None:
    """Who may rename files could turn the clock back; a name of an operator's own is let be."""
    other = NAME.replace("0301", "0401")
    assert NAME in refused(WHOLE, name=other)
    assert opened(WHOLE, name="kept.age") == PARTS


def test_one_from_before_they_were_signed_takes_a_word() -> None:
    """And nothing else changes: it must be whole."""
    old, believed = unsigned(PARTS), BELIEVED._replace(unsigned=True)
    examined = examine(io.BytesIO(old), KEY, NAME, believed)
    assert (examined.signed, str(examined)) == (None, "signed by nobody who is believed")
    assert opened(old, believed=believed) == PARTS
    assert "damaged" in refused(old[:-1], believed)


def test_one_by_a_key_that_is_lost_takes_the_same_word() -> None:
    """Somebody could as well take its signature off. A key that is believed, and does not fit, is a forgery still."""
    believed = BELIEVED._replace(unsigned=True)
    theirs = packed(PARTS, key=STRANGER)
    assert examine(io.BytesIO(theirs), KEY, NAME, believed).signed is None
    assert opened(theirs, believed=believed) == PARTS
    other = members(packed(PARTS | {"kafka.jsonl": b"[]"}))
    assert "does not fit" in refused(enciphered([*MEMBERS[:-1], other[-1]]), believed)


def test_nothing_of_another_file_is_used_after_one_was_examined() -> None:
    """Exchanged in between, also for a genuine one: not a single piece gets out."""
    examined = examine(io.BytesIO(WHOLE), KEY, NAME, BELIEVED)
    other = packed(PARTS | {"customers.dump": b"x" + PARTS["customers.dump"][1:]})
    seen: list[Piece] = []
    with pytest.raises(Broken) as told, unsealed(io.BytesIO(other), KEY, examined) as backup:
        seen.extend(backup.pieces())
    assert not seen
    assert "not the file that was examined" in told.value.detail


def test_a_file_that_became_longer_or_shorter_since_is_no_backup() -> None:
    """Genuine as far as it goes."""
    examined = examine(io.BytesIO(WHOLE), KEY, NAME, BELIEVED)
    longer = packed(PARTS | {"objects/x": b"x"})
    shorter = packed({name: data for name, data in PARTS.items() if name != "kafka.jsonl"})
    for other in (longer, shorter):
        with pytest.raises(Broken), unsealed(io.BytesIO(other), KEY, examined) as backup:
            for _ in backup.pieces():
                pass


def test_a_member_larger_than_any_of_ours_is_not_read_into_memory() -> None:
    """A terabyte of zeros is some kilobytes of somebody's tar."""
    info = tarfile.TarInfo("customers.dump.000000")
    info.size = 1 << 40
    file = pyrage.encrypt(info.tobuf(tarfile.GNU_FORMAT) + bytes(100_000), [KEY.to_public()])
    assert "not of this form" in refused(file)


def test_examining_needs_no_memory_for_what_is_in_it() -> None:
    """Thirty-two bytes a piece, whatever is in the pieces."""
    piece = bytes(1_000_000)
    data = packed({"customers.dump": piece * 40})
    tracemalloc.start()
    try:
        examine(io.BytesIO(data), KEY, NAME, BELIEVED)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < len(piece) * 8


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A stack's folder."""
    layout = Layout(tmp_path / "data")
    layout.create()
    return layout


def test_the_signing_key_is_made_once_for_its_owner_alone_and_is_in_no_backup(layout: Layout) -> None:
    """Made at first use; its public half is believed from then on."""
    private, public = signing_files(layout)
    key = signing_key(private, public)
    assert signing_key(private, public).verification() == key.verification()
    assert private.stat().st_mode & 0o777 == 0o600
    assert believed_by(layout, None) == Believed((key.verification(),))
    assert dict(keys_of(layout).files()) == {}


def test_composes_folder_keeps_it_out_as_well(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """There it lies among the secrets; and no backup brings one, or says whom to believe."""
    folder = layout.root / "secrets"
    for name in ("signing_key", "signers"):
        suffix = "_FILE"
        monkeypatch.setenv(f"TIERLINE_BACKUPS__{name.upper()}{suffix}", str(folder / f"backup_{name}"))
    monkeypatch.setenv("TIERLINE_BACKUPS__KEYS_FOLDER", str(folder))
    signing_key(*signing_files(layout))
    (folder / "attachments.keys").write_text("1 x")
    assert dict(keys_of(layout).files()) == {"attachments.keys": b"1 x"}
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in ("backup_signing_key", "backup_signers", "kafka_jaas.conf"):
        keys_of(layout).put(name, b"theirs")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_older_keys_stay_believed_until_their_line_goes(layout: Layout) -> None:
    """A new key, or one made for one that was lost."""
    files = signing_files(layout)
    first = signing_key(*files)
    second = new_signing_key(*files)
    files[0].unlink()
    third = signing_key(*files)
    keys = tuple(key.verification() for key in (first, second, third))
    assert len(set(keys)) == 3
    assert believed_by(layout, None).keys == keys
    files[1].write_text("".join(f"{key}\n" for key in keys[1:]))
    assert believed_by(layout, None).keys == keys[1:]


def test_a_key_file_says_itself_whom_to_believe(layout: Layout, tmp_path: Path) -> None:
    """With the stack gone it is all that an operator has; age takes these lines for comments."""
    pin = SIGNER.verification()
    file = tmp_path / "key.txt"
    recipient = make_identity(file, [f"{PIN} {pin}"])
    assert str(read_identity(file).to_public()) == str(recipient)
    assert isinstance(x25519.Identity.from_str(file.read_text().splitlines()[-1]), x25519.Identity)
    assert believed_by(layout, file) == Believed((pin,))
    assert isinstance(pin, VerificationKey)
    file.write_text(file.read_text().replace(str(pin), str(pin)[:-9]))
    with pytest.raises(Failure, match="no key for signatures"):
        believed_by(layout, file)
