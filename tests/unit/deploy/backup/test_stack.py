"""What a backup takes from a stack's folder, and what a restore leaves aside."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyrage import x25519

from deploy.backup.keys import add_recipient, make_identity, read_identity, read_recipients
from deploy.backup.source import KeyRing
from deploy.backup.stack import NO_KEYS, keys_of, recipients_of, set_aside
from deploy.checkpoint_key import PRIVATE_FILE, PUBLIC_FILE, make_checkpoint_key
from deploy.failure import Failure
from deploy.local.layout import Layout, write_private
from shared.proof.notes import SigningKey, read_keys


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A stack's folder."""
    layout = Layout(tmp_path / "data")
    layout.create()
    return layout


def test_a_key_is_made_once_and_opens_what_is_for_it(layout: Layout, tmp_path: Path) -> None:
    """For its owner alone, never over another, in the form that age itself writes and reads."""
    file = tmp_path / "key.txt"
    recipient = make_identity(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert str(read_identity(file).to_public()) == str(recipient)
    before = file.read_bytes()
    with pytest.raises(Failure):
        make_identity(file)
    assert file.read_bytes() == before


def test_nobody_to_encrypt_for_is_said_before_anything_is_made(layout: Layout) -> None:
    """And whoever is added, all of them can open it."""
    with pytest.raises(Failure, match="no key"):
        recipients_of(layout)
    keys = [x25519.Identity.generate() for _ in range(2)]
    for key in keys:
        add_recipient(layout.root / "backup-recipients", key.to_public())
    assert [str(each) for each in recipients_of(layout)] == [str(key.to_public()) for key in keys]


@pytest.mark.parametrize("line", ["AGE-SECRET-KEY-1QQQ", "ssh-ed25519 AAAA", "age1nonsense"])
def test_what_is_no_public_key_is_refused_without_showing_it(tmp_path: Path, line: str) -> None:
    """Somebody may have put the private half there."""
    file = tmp_path / "recipients"
    file.write_text(f"# ours\n{line}\n")
    with pytest.raises(Failure) as told:
        read_recipients(file)
    assert line not in told.value.detail


@pytest.mark.parametrize("text", ["", "hello\n", "AGE-SECRET-KEY-1QQQ\n", "\udcff"])
def test_a_file_without_an_identity_is_told(tmp_path: Path, text: str) -> None:
    """Rather than failing later, in the middle."""
    file = tmp_path / "key.txt"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Failure):
        read_identity(file)


def test_keys_come_back_as_they_were_and_as_readable(layout: Layout, tmp_path: Path) -> None:
    """Keys and the channels file, no passwords; a file that replaces another is no more readable than that was."""
    (layout.keys / "token-key.json").write_text("{}")
    layout.channels.write_text("channels: {}")
    layout.password_file("customers_app")
    ring = keys_of(layout)
    assert dict(ring.files()) == {"token-key.json": b"{}", "channels.yaml": b"channels: {}"}
    other = Layout(tmp_path / "other")
    other.create()
    (other.keys / "token-key.json").write_text("{...}")
    (other.keys / "token-key.json").chmod(0o644)
    for name, data in ring.files():
        keys_of(other).put(name, data)
    assert dict(keys_of(other).files()) == dict(ring.files())
    assert (other.keys / "token-key.json").stat().st_mode & 0o777 == 0o644
    assert other.channels.stat().st_mode & 0o777 == 0o600


def test_what_comes_back_is_signed_under_another_name_and_all_that_was_signed_stays_believed(
    layout: Layout, tmp_path: Path
) -> None:
    """The backup's key, the key since, and the new one: three names, of which only the last signs."""
    backup = Layout(tmp_path / "backup")
    backup.create()
    make_checkpoint_key(backup.keys, write_private)
    make_checkpoint_key(layout.keys, write_private)
    since = read_keys((layout.keys / PUBLIC_FILE).read_text("utf-8"))
    ring = keys_of(layout)
    for name, data in keys_of(backup).files():
        ring.put(name, data)
    ring.renew_checkpoint_key()
    believed = read_keys((layout.keys / PUBLIC_FILE).read_text("utf-8"))
    signing = SigningKey.parse((layout.keys / PRIVATE_FILE).read_text("utf-8")).verification()
    assert believed == (*since, *read_keys((backup.keys / PUBLIC_FILE).read_text("utf-8")), signing)
    assert len(set(believed)) == 3
    assert (layout.keys / PRIVATE_FILE).stat().st_mode & 0o777 == 0o600


def test_a_lost_signing_key_is_made_anew_and_believed(layout: Layout) -> None:
    """Otherwise nobody could verify what is signed from then on."""
    make_checkpoint_key(layout.keys, write_private)
    (layout.keys / PRIVATE_FILE).unlink()
    assert make_checkpoint_key(layout.keys, write_private) == [PRIVATE_FILE, PUBLIC_FILE]
    assert len(read_keys((layout.keys / PUBLIC_FILE).read_text("utf-8"))) == 2
    assert make_checkpoint_key(layout.keys, write_private) == []


def test_composes_folder_gives_keys_and_no_passwords(tmp_path: Path) -> None:
    """What opens a server is each stack's own."""
    for name in ("postgres_password", "objects_access_key", "kafka_jaas.conf", "backup_recipients", ".gitignore"):
        (tmp_path / name).write_text("x")
    (tmp_path / "attachments.keys").write_text("1 x")
    assert dict(KeyRing(tmp_path, left_out=NO_KEYS).files()) == {"attachments.keys": b"1 x"}


def test_a_name_in_a_backup_leads_nowhere_else(layout: Layout, tmp_path: Path) -> None:
    """Whoever made it may have made it to write where no key belongs."""
    keys_of(layout).put("../../evil", b"x")
    assert not (tmp_path / "evil").exists()
    assert (layout.keys / "evil").read_bytes() == b"x"


@pytest.mark.parametrize(("signed", "entries", "moves"), [(7, 6, True), (6, 6, False), (5, 6, False)])
def test_checkpoints_beyond_the_backup_are_kept_aside(layout: Layout, signed: int, entries: int, moves: bool) -> None:
    """They prove what was lost, and the chain that grows again cannot be signed in their place."""
    folder = layout.root / "checkpoints"
    folder.mkdir()
    (folder / "checkpoint").write_text(f"tierline/audit\n{signed}\nAAAA\n\n— tierline/audit x\n")
    aside = set_aside(layout, entries)
    assert (aside is not None) is moves
    assert ((aside or folder) / "checkpoint").exists()
    assert folder.exists() is not moves


def test_without_checkpoints_there_is_nothing_to_keep(layout: Layout) -> None:
    """A restore into a fresh folder."""
    assert set_aside(layout, 0) is None
