"""What every service of docker-compose.yml owes its operator, whoever adds one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.attachment_keys import ATTACHMENT_KEYS_FILE
from deploy.backup.settings import BackupSettings
from deploy.backup.stack import NO_KEYS
from deploy.checkpoint_key import PRIVATE_FILE, PUBLIC_FILE
from deploy.containers.access import LOGINS
from deploy.containers.secrets import (
    BACKUPS_ACCESS,
    CHANNELS_FILE,
    CHECKPOINTS_ACCESS,
    JAAS_FILE,
    OBJECTS_ACCESS,
    password_names,
)
from deploy.local.settings import StackSettings
from services.archive.settings import ArchiveSettings
from services.followup.settings import FollowupSettings
from shared.contracts.registry import ORDER_SYSTEM, SERVICES
from shared.identity import JWKS_FILE, KEY_FILE
from shared.links import KEY_FILE as LINK_KEY_FILE
from shared.runtime import DRAIN_SECONDS
from shared.settings import ServiceSettings, load_settings

ROOT = Path(__file__).parents[3]
VARIABLE = re.compile(r"\$\{\w+(?P<operator>:[-+])(?P<word>[^{}]*)\}")


def with_nothing_set(text: str) -> str:
    """The file as Compose reads it where the environment sets none of its variables."""
    # From the inside outwards: a default may name another variable.
    while VARIABLE.search(text):
        text = VARIABLE.sub(lambda match: match["word"] if match["operator"] == ":-" else "", text)
    return text


COMPOSE: Mapping[str, Any] = yaml.safe_load(
    with_nothing_set((ROOT / "docker-compose.yml").read_text("utf-8").replace("$$", ""))
)
EVERY: Mapping[str, Any] = COMPOSE["services"]
STEPS = ("migrate", "topics", "secrets", "token", "tierline")
OURS = (*SERVICES, *STEPS, "backup")

every = pytest.mark.parametrize("name", EVERY)
ours = pytest.mark.parametrize("name", OURS)
services = pytest.mark.parametrize("name", SERVICES)


def seconds(duration: str) -> float:
    """`20s` as a number."""
    match = re.fullmatch(r"(\d+)s", duration)
    assert match, duration
    return float(match[1])


def environment(name: str) -> dict[str, str]:
    """A service's environment; Compose takes an empty variable for one that is not set."""
    return {key: value for key, value in EVERY[name].get("environment", {}).items() if value}


def test_the_file_runs_the_registrys_services_on_two_servers() -> None:
    """A service that is in the registry and not here would be missed late."""
    assert set(EVERY) == {*OURS, "kafka", "postgres"}


@every
def test_ports_are_open_to_this_machine_alone(name: str) -> None:
    """Docker's own rules go before a firewall's, so a port without an address is open to the world."""
    for port in EVERY[name].get("ports", ()):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)
    assert "network_mode" not in EVERY[name] or EVERY[name]["network_mode"] == "none"


@every
def test_memory_and_logs_are_bounded(name: str) -> None:
    """One service must not take the machine, nor its logs the disk."""
    assert EVERY[name]["mem_limit"]
    assert EVERY[name]["logging"]["driver"] == "json-file"
    assert set(EVERY[name]["logging"]["options"]) == {"max-size", "max-file"}


@every
def test_nobody_may_become_more_than_they_are(name: str) -> None:
    """Capabilities are named one by one, and no program gains any."""
    assert EVERY[name]["cap_drop"] == ["ALL"]
    assert EVERY[name]["security_opt"] == ["no-new-privileges:true"]
    assert not EVERY[name].get("privileged")


@every
def test_no_password_stands_in_the_environment(name: str) -> None:
    """Whoever may inspect a container sees its environment; secrets come as files."""
    for key, value in environment(name).items():
        if re.search("PASSWORD|SECRET|TOKEN|JWKS", key):
            assert str(value).startswith("/run/secrets/"), key
        assert urlsplit(str(value)).password is None, key
    assert not any("PASSWORD" in word for word in EVERY[name].get("command", ()))


@every
def test_files_in_the_environment_are_mounted(name: str) -> None:
    """A variable that names a secret which is not given fails at the first start only."""
    named = set(re.findall(r"/run/secrets/([\w.-]+)", yaml.safe_dump(environment(name))))
    assert named <= set(EVERY[name].get("secrets", ()))


@ours
def test_our_containers_cannot_write_their_own_program(name: str) -> None:
    """Read-only but for /tmp; the image's own user, but for the steps that handle the operator's files."""
    assert EVERY[name]["read_only"] is True
    assert EVERY[name]["tmpfs"] == ["/tmp"]  # noqa: S108 - the container's own
    if "user" in EVERY[name]:
        assert name in {"secrets", "token", "tierline", "backup"}
        # The command line speaks to the services, and is nobody's root any more by then.
        assert EVERY[name].get("network_mode") == (None if name in {"tierline", "backup"} else "none")
        assert EVERY[name].get("profiles") == (None if name == "backup" else ["setup"])


@services
def test_a_stop_leaves_time_to_drain(name: str) -> None:
    """Killing a service that still drains costs a replay."""
    assert seconds(EVERY[name]["stop_grace_period"]) > DRAIN_SECONDS + 5


@services
def test_a_service_gets_its_own_secrets_and_no_others(name: str) -> None:
    """The everyday login of its database, its login at the broker, and public keys."""
    # Whoever holds a robot's address can write to the group: only followup has business there. The key of personal
    # links is with who makes and who reads them: whoever has it could decide in anybody's name. Whoever holds
    # archive's could read attachments, and vouch for an audit that never was.
    followup = {CHANNELS_FILE, LINK_KEY_FILE}
    archive = {ATTACHMENT_KEYS_FILE, *OBJECTS_ACCESS, LINK_KEY_FILE, PRIVATE_FILE, PUBLIC_FILE, *CHECKPOINTS_ACCESS}
    own = {"followup": followup, "archive": archive}.get(name, set())
    assert set(EVERY[name]["secrets"]) == {f"{name}_app_password", f"kafka_{name}_password", JWKS_FILE, *own}
    assert environment(name)["TIERLINE_KAFKA__USERNAME"] == name
    assert urlsplit(environment(name)["TIERLINE_DATABASE__DSN"]).username == f"{name}_app"
    assert urlsplit(environment(name)["TIERLINE_DATABASE__DSN"]).path == f"/{name}"


@services
def test_a_service_waits_for_its_tables_and_topics(name: str) -> None:
    """And is healthy only when it is ready, not when its process runs."""
    assert EVERY[name]["depends_on"] == {
        step: {"condition": "service_completed_successfully"} for step in ("migrate", "topics")
    }
    assert "/readyz" in str(EVERY[name]["healthcheck"]["test"])


@services
def test_a_service_understands_its_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable is one that settings know: a misspelt one is refused inside a group."""
    variables = environment(name)
    assert all(key.startswith("TIERLINE_") for key in variables)
    fields = {key.removeprefix("TIERLINE_").partition("__")[0].lower() for key in variables}
    own: dict[str, type[ServiceSettings]] = {"followup": FollowupSettings, "archive": ArchiveSettings}
    told = own.get(name, ServiceSettings)
    assert fields <= set(told.model_fields)
    for key, value in variables.items():
        monkeypatch.setenv(key, str(value))
    settings = load_settings(told)
    assert settings.http.port == 8080
    assert settings.log.format == "json"


def test_the_broker_knows_everybody_by_name() -> None:
    """No listener without a login, nobody above the rights but the administrator, no topic made by accident."""
    told = environment("kafka")
    protocols = dict(pair.split(":") for pair in told["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    assert set(protocols.values()) == {"SASL_PLAINTEXT"}
    assert told["KAFKA_SUPER_USERS"] == "User:admin"
    assert told["KAFKA_AUTHORIZER_CLASS_NAME"].endswith(".StandardAuthorizer")
    assert "KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND" not in told
    assert told["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_every_secret_is_made_by_the_documented_command() -> None:
    """What the file asks for and nobody makes would keep the stack from starting."""
    # The order system's is for the order system, and for an import that speaks in its name.
    outside = {f"kafka_{login}_password" for login in LOGINS if login not in {*SERVICES, ORDER_SYSTEM}}
    keys = {KEY_FILE, JWKS_FILE, CHANNELS_FILE, ATTACHMENT_KEYS_FILE, LINK_KEY_FILE, PRIVATE_FILE, PUBLIC_FILE}
    places = {*OBJECTS_ACCESS, *CHECKPOINTS_ACCESS, *BACKUPS_ACCESS}
    made = {*password_names(), JAAS_FILE, *keys, *places} - outside
    assert set(COMPOSE["secrets"]) == made
    assert {path["file"] for path in COMPOSE["secrets"].values()} == {f"./secrets/{name}" for name in made}


@pytest.mark.parametrize("name", ["kafka", "postgres"])
def test_servers_are_pinned_and_keep_their_data(name: str) -> None:
    """`latest` may bring another major version, whose data folder is another; a volume outlives `down`."""
    assert re.search(r":\d", EVERY[name]["image"])
    assert [volume.partition(":")[0] for volume in EVERY[name]["volumes"]] == [name]
    assert name in COMPOSE["volumes"]


def test_backups_reach_every_database_and_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each owner's password, the broker's administrator, a key to speak to archive; and no service is waited for."""
    told = EVERY["backup"]
    owners = {f"{service}_{kind}_password" for service in SERVICES for kind in ("owner", "app")}
    assert set(told["secrets"]) == {
        *owners,
        *OBJECTS_ACCESS,
        *BACKUPS_ACCESS,
        "postgres_password",
        "kafka_admin_password",
        KEY_FILE,
    }
    assert set(told["depends_on"]) == {"kafka", "postgres"}
    for key, value in environment("backup").items():
        monkeypatch.setenv(key, str(value))
    settings = load_settings(BackupSettings).backups
    assert (settings.url, settings.keys_folder) == ("/stack/backups", Path("/stack/secrets"))
    # Nobody else is given what signs backups; and what lies among the keys and is none is known by these names.
    ours = (settings.recipients_file, settings.signing_key_file, settings.signers_file)
    assert {file.name for file in ours if file is not None} <= set(NO_KEYS)
    assert {"backup_signing_key", "backup_signers"}.isdisjoint(COMPOSE["secrets"])
    assert load_settings(StackSettings).kafka.username == "admin"


def test_both_readmes_tell_the_same_commands() -> None:
    """A reader of either language types the same, and runs the same program."""
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    assert commands(english) == commands(chinese)
    program = re.compile(r"```python\n(.*?)```", re.DOTALL)
    assert program.findall(english) == program.findall(chinese)


def commands(readme: str) -> list[str]:
    """What the reader is told to type, without the explanations."""
    return [line.partition("  #")[0].strip() for line in readme.splitlines() if line.startswith("$ ")]


def test_a_calendars_address_is_one_that_this_machine_reaches() -> None:
    """The command asks for it from a container, by a name that exists between containers alone."""
    assert environment("followup")["TIERLINE_FEED_BASE"] == "http://127.0.0.1:8083"
