"""What a stack's services are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.attachment_keys import ATTACHMENT_KEYS_FILE, make_attachment_keys
from deploy.local.databases import Server
from deploy.local.layout import Layout, write_private
from deploy.local.services import Surroundings
from services.archive.store import read_master_keys
from shared.contracts.registry import SERVICES
from shared.links import read_links

VARIABLE = "TIERLINE_CHANNELS_FILE"


def test_the_stacks_own_channels_are_followups_alone(tmp_path: Path) -> None:
    """`channels.yaml` in the data folder, where there is one, and told to nobody else."""
    layout = Layout(tmp_path / "data")
    layout.create()
    server = Server("127.0.0.1:1", "postgresql://admin@127.0.0.1:1/postgres", "127.0.0.1", 1)
    surroundings = Surroundings(layout, server, "127.0.0.1:2", kafka_is_embedded=True, clock={})
    assert not any(VARIABLE in surroundings.environment(service, 3) for service in SERVICES)
    write_private(layout.channels, "channels: {}")
    told = {service: surroundings.environment(service, 3).get(VARIABLE) for service in SERVICES}
    assert told == dict.fromkeys(SERVICES) | {"followup": str(layout.channels.resolve())}


def test_attachments_and_their_keys_are_archives_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the stack, or the place that the user names; the keys are made once and lie with the others."""
    layout = Layout(tmp_path / "data")
    layout.create()
    assert make_attachment_keys(layout.keys, write_private) == [ATTACHMENT_KEYS_FILE]
    assert make_attachment_keys(layout.keys, write_private) == []
    server = Server("127.0.0.1:1", "postgresql://admin@127.0.0.1:1/postgres", "127.0.0.1", 1)
    surroundings = Surroundings(layout, server, "127.0.0.1:2", kafka_is_embedded=True, clock={})
    told = {service: surroundings.environment(service, 3) for service in SERVICES}
    assert [name for name in SERVICES if "TIERLINE_MASTER_KEYS_FILE" in told[name]] == ["archive"]
    keys = Path(told["archive"]["TIERLINE_MASTER_KEYS_FILE"])
    assert (keys.stat().st_mode & 0o777, list(read_master_keys(keys))) == (0o600, ["1"])
    assert told["archive"]["TIERLINE_OBJECTS__URL"] == layout.objects.resolve().as_uri()
    monkeypatch.setenv("TIERLINE_OBJECTS__URL", "s3://bucket/tierline")
    assert surroundings.environment("archive", 3)["TIERLINE_OBJECTS__URL"] == "s3://bucket/tierline"


def test_the_key_of_checkpoints_is_archives_alone(tmp_path: Path) -> None:
    """Told where it is, and where the second place is; a place of the user's own holds."""
    layout = Layout(tmp_path / "data")
    layout.create()
    server = Server("127.0.0.1:1", "postgresql://admin@127.0.0.1:1/postgres", "127.0.0.1", 1)
    surroundings = Surroundings(layout, server, "127.0.0.1:2", kafka_is_embedded=True, clock={})
    told = {
        service: {n: v for n, v in surroundings.environment(service, 3).items() if "CHECKPOINTS" in n}
        for service in SERVICES
    }
    assert told == {service: {} for service in SERVICES} | {
        "archive": {
            "TIERLINE_CHECKPOINTS__KEY_FILE": str((layout.keys / "checkpoint.key").resolve()),
            "TIERLINE_CHECKPOINTS__PUBLIC_FILE": str((layout.keys / "checkpoint.pub").resolve()),
            "TIERLINE_CHECKPOINTS__URL": layout.checkpoints.resolve().as_uri(),
        }
    }


def test_the_key_of_personal_links_is_followups_and_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made once; mail links to this stack's archive, unless the user names another address of it."""
    layout = Layout(tmp_path / "data")
    layout.create()
    server = Server("127.0.0.1:1", "postgresql://admin@127.0.0.1:1/postgres", "127.0.0.1", 1)
    surroundings = Surroundings(
        layout, server, "127.0.0.1:2", kafka_is_embedded=True, clock={}, archive_base="http://127.0.0.1:4"
    )
    told = {service: surroundings.environment(service, 3) for service in SERVICES}
    keys = {name: environment.get("TIERLINE_LINK_KEY_FILE") for name, environment in told.items()}
    assert keys == dict.fromkeys(SERVICES) | dict.fromkeys(("followup", "archive"), str(layout.link_key().resolve()))
    assert layout.link_key().stat().st_mode & 0o777 == 0o600
    assert read_links(layout.link_key()) is not None
    assert told["followup"]["TIERLINE_ARCHIVE_BASE"] == "http://127.0.0.1:4"
    monkeypatch.setenv("TIERLINE_ARCHIVE_BASE", "https://archive.example")
    assert surroundings.environment("followup", 3)["TIERLINE_ARCHIVE_BASE"] == "https://archive.example"
