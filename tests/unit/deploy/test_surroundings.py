"""What a stack's services are told."""

from __future__ import annotations

from pathlib import Path

from deploy.local.databases import Server
from deploy.local.layout import Layout, write_private
from deploy.local.services import Surroundings
from shared.contracts.registry import SERVICES

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
            "TIERLINE_CHECKPOINTS__URL": layout.checkpoints.resolve().as_uri(),
        }
    }
