"""Signed notes and checkpoints: others' tools read them, and nobody else's hand passes for ours."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.proof.notes import (
    NoteError,
    SigningKey,
    TreeHead,
    VerificationKey,
    new_signing_key,
    open_note,
    read_checkpoint,
    read_keys,
)

# The example of Go's note package (golang.org/x/mod/sumdb/note), keys and signed text.
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_notes_are_those_of_gos_note_package() -> None:
    """The published example: our signature is its very bytes, and its note opens."""
    key = SigningKey.parse(PRIVATE)
    assert str(key.verification()) == PUBLIC
    assert key.encode() == PRIVATE
    assert key.sign(TEXT) == SIGNED
    assert open_note(SIGNED, [VerificationKey.parse(PUBLIC)]) == TEXT


sizes = st.integers(0, 2**62)
roots = st.binary(min_size=32, max_size=32)


@given(sizes, roots)
def test_a_checkpoint_reads_back_as_the_head_that_was_signed(size: int, root: bytes) -> None:
    """By the public key alone."""
    key = new_signing_key()
    head = TreeHead(key.name, size, root)
    assert read_checkpoint(head.signed_by(key), [key.verification()]) == head


@given(sizes, roots, st.data())
def test_a_changed_checkpoint_is_refused(size: int, root: bytes, data: st.DataObject) -> None:
    """Whatever single character becomes another: no head comes out of it."""
    key = SigningKey("log", bytes(32))
    note = TreeHead("log", size, root).signed_by(key)
    at = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.sampled_from("aA0/+=\n —"))
    assume(note[at] != other)
    changed = note[:at] + other + note[at + 1 :]
    try:
        assert read_checkpoint(changed, [key.verification()]) == TreeHead("log", size, root)
    except NoteError:
        return
    # Base64 has spare bits in its last character; the signed text never differs.
    assert changed.rpartition("\n\n")[0] == note.rpartition("\n\n")[0]


def test_another_log_of_the_same_name_is_not_believed() -> None:
    """Names are no proof: the key's own hash tells them apart."""
    ours, theirs = SigningKey("log", bytes(32)), SigningKey("log", bytes([1]) * 32)
    note = TreeHead("log", 7, bytes(32)).signed_by(theirs)
    with pytest.raises(NoteError, match="no key that is believed"):
        read_checkpoint(note, [ours.verification()])


def test_a_note_that_is_no_checkpoint_of_this_log_is_refused() -> None:
    """A good signature under something else: another origin, no number, a root of the wrong length."""
    key = SigningKey("log", bytes(32))
    for text in (
        "other\n7\n" + "A" * 43 + "=\n",
        "log\n07\n" + "A" * 43 + "=\n",
        "log\n7\nAAAA\n",
        "log\n",
        "log\n-1\nAA\n",
    ):
        with pytest.raises(NoteError):
            read_checkpoint(key.sign(text), [key.verification()])


def test_old_keys_stay_believed_beside_the_new_one() -> None:
    """A file of keys, one a line; what is none is refused as a whole."""
    old, new = SigningKey("log", bytes(32)), SigningKey("log", bytes([1]) * 32)
    keys = read_keys(f"{old.verification()}\n\n{new.verification()}\n")
    for key in (old, new):
        assert read_checkpoint(TreeHead("log", 1, bytes(32)).signed_by(key), keys).size == 1
    for text in ("", "nonsense", str(old.verification())[:-4], str(old.verification()).replace("log", "gol", 1)):
        with pytest.raises(NoteError):
            read_keys(text)


def test_a_wrong_private_key_is_refused_without_being_told() -> None:
    """It may stand in a log afterwards."""
    with pytest.raises(NoteError) as told:
        SigningKey.parse(PRIVATE.replace("c74f20a3", "00000000"))
    assert "AYEKFALV" not in str(told.value)
    assert "AYEKFALV" not in repr(SigningKey.parse(PRIVATE))
