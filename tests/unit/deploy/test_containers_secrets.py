"""The secrets maker adds what is missing and touches nothing else."""

from __future__ import annotations

import json
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.attachment_keys import ATTACHMENT_KEYS_FILE
from deploy.checkpoint_key import PRIVATE_FILE, PUBLIC_FILE
from deploy.containers.access import LOGINS
from deploy.containers.secrets import (
    BACKUPS_ACCESS,
    CHANNELS_FILE,
    CHECKPOINTS_ACCESS,
    JAAS_FILE,
    OBJECTS_ACCESS,
    jaas,
    make_secrets,
    password_names,
)
from shared.identity import JWKS_FILE, KEY_FILE, TokenSigner, TokenVerifier
from shared.links import KEY_FILE as LINK_KEY_FILE
from shared.links import Link, read_links
from shared.roles import Role

OPTION = re.compile(r'^\s+(?P<name>\w+)="(?P<value>(?:[^"\\\n]|\\.)*)"(?P<end>;?)$')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which secrets were made."""
    made = tmp_path / "secrets"
    keys = {KEY_FILE, JWKS_FILE, ATTACHMENT_KEYS_FILE, LINK_KEY_FILE, PRIVATE_FILE, PUBLIC_FILE}
    others = {*keys, CHANNELS_FILE, *OBJECTS_ACCESS, *CHECKPOINTS_ACCESS, *BACKUPS_ACCESS}
    assert set(make_secrets(made)) == {*password_names(), *others}
    return made


def options(text: str) -> dict[str, str]:
    """A JAAS file's options as Java reads them."""
    begin, module, *lines, end = text.splitlines()
    assert (begin, end) == ("KafkaServer {", "};")
    assert module.split() == ["org.apache.kafka.common.security.plain.PlainLoginModule", "required"]
    found = [OPTION.match(line) for line in lines]
    assert all(found), text
    # The semicolon ends the module's options, so it stands after the last and nowhere before.
    assert [match["end"] for match in found if match] == [""] * (len(found) - 1) + [";"]
    return {match["name"]: re.sub(r"\\(.)", r"\1", match["value"]) for match in found if match}


def snapshot(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Contents, mode and time of every file."""
    return {
        path.name: (path.read_text("utf-8"), path.stat().st_mode, path.stat().st_mtime_ns) for path in folder.iterdir()
    }


def test_a_second_run_changes_nothing(folder: Path) -> None:
    """The databases were made with the first run's passwords."""
    before = snapshot(folder)
    assert make_secrets(folder) == []
    assert snapshot(folder) == before


def test_only_the_missing_is_made(folder: Path) -> None:
    """A new release may need one more login; the others keep theirs."""
    before = snapshot(folder)
    (folder / "kafka_crm_password").unlink()
    assert make_secrets(folder) == ["kafka_crm_password"]
    after = snapshot(folder)
    renewed = {"kafka_crm_password", JAAS_FILE}
    assert {name: file for name, file in after.items() if name not in renewed} == {
        name: file for name, file in before.items() if name not in renewed
    }
    assert options((folder / JAAS_FILE).read_text("utf-8"))["user_crm"] == after["kafka_crm_password"][0]


def test_the_folder_guards_what_containers_may_read(folder: Path) -> None:
    """Nobody else enters the folder; only the signing key is private inside it, too."""
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes.pop(KEY_FILE) == 0o600
    assert set(modes.values()) == {0o444}


def test_no_two_passwords_are_alike_and_none_needs_escaping(folder: Path) -> None:
    """A leaked one opens one door; a URL or a shell takes each as it stands."""
    passwords = [(folder / name).read_text("utf-8") for name in password_names()]
    assert len(set(passwords)) == len(passwords)
    assert all(re.fullmatch(r"[\w-]{32}", password) for password in passwords)


def test_the_broker_is_told_of_every_login(folder: Path) -> None:
    """Its own and the administrator's login are one; each other name has the password of its file."""
    told = options((folder / JAAS_FILE).read_text("utf-8"))
    admin = (folder / "kafka_admin_password").read_text("utf-8")
    users = {f"user_{login}": (folder / f"kafka_{login}_password").read_text("utf-8") for login in LOGINS}
    assert told == {"username": "admin", "password": admin, "user_admin": admin, **users}


@given(password=st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1))
def test_a_password_of_ones_own_reaches_the_broker_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, password: str
) -> None:
    """Quotes and backslashes are escaped; the newline that an editor ends a file with is no part of it."""
    folder = tmp_path_factory.mktemp("secrets")
    own = folder / "kafka_order_system_password"
    own.write_text(f"{password}\n", "utf-8")
    assert own.name not in make_secrets(folder)
    assert own.read_text("utf-8") == f"{password}\n"
    assert options(jaas(folder))["user_order_system"] == password


def test_tokens_of_the_key_are_believed_by_the_public_keys(folder: Path) -> None:
    """The pair is one pair, and its public half holds no secret."""
    token = TokenSigner.from_file(folder / KEY_FILE).sign("alice", Role.GM)
    assert verifier(folder).verify(token).person == "alice"


def test_a_lost_public_half_is_made_from_the_key(folder: Path) -> None:
    """Tokens that were signed before stay good."""
    token = TokenSigner.from_file(folder / KEY_FILE).sign("alice", Role.GM)
    (folder / JWKS_FILE).unlink()
    assert make_secrets(folder) == [JWKS_FILE]
    assert verifier(folder).verify(token).role is Role.GM


def test_another_issuers_keys_stay(folder: Path) -> None:
    """Who put an OIDC issuer's public keys there wants no key of ours."""
    (folder / KEY_FILE).unlink()
    (folder / JWKS_FILE).unlink()
    (folder / JWKS_FILE).write_text('{"keys": []}', "utf-8")
    assert make_secrets(folder) == []
    assert not (folder / KEY_FILE).exists()
    assert (folder / JWKS_FILE).read_text("utf-8") == '{"keys": []}'


def verifier(folder: Path) -> TokenVerifier:
    """A service's view of the folder."""
    return TokenVerifier(json.loads((folder / JWKS_FILE).read_text("utf-8")))


def test_links_of_the_key_are_believed_by_who_holds_it(folder: Path) -> None:
    """Followup makes them and archive reads them, by the same file."""
    links = read_links(folder / LINK_KEY_FILE)
    assert links is not None
    link = Link("r-1/2", "meng", datetime(2027, 1, 1, tzinfo=UTC))
    assert links.read(links.make(link)) == link
