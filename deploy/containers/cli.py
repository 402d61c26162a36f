"""The `tierline` command on the stack that Compose runs, in a container of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.checkpoint_key import PUBLIC_FILE
from deploy.cli import main
from deploy.local.layout import Layout, locked
from deploy.local.state import ServiceState, StackState
from shared.contracts.registry import SERVICES
from shared.identity import KEY_FILE


def run(arguments: Sequence[str], secrets: Path, *, as_root: bool = False) -> None:
    """Do what `tierline ARGUMENTS` says.

    `secrets` holds the key that signs tokens, the public one of checkpoints, and the databases' passwords where it may.
    A folder that looks as a local stack's does lets every command work as it does there.
    """
    key = secrets / KEY_FILE
    if not as_root:
        become_owner(key)
    with tempfile.TemporaryDirectory(prefix="tierline-") as folder:
        layout = Layout(Path(folder))
        layout.create()
        (layout.keys / KEY_FILE).symlink_to(key)
        (layout.keys / PUBLIC_FILE).symlink_to(secrets / PUBLIC_FILE)
        for password in secrets.glob("*_password"):
            (layout.secrets / f"{password.name.removesuffix('_password')}.password").symlink_to(password)
        os.environ["TIERLINE_DATA"] = folder
        with locked(layout):
            described().write(layout)
            main(arguments)


def become_owner(file: Path) -> None:
    """Go on as whoever owns `file` and alone may read it, so that what is written here is that person's too."""
    owner = file.stat()
    os.setgroups([])
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)


def described() -> StackState:
    """The stack by the names that Compose gives its parts."""
    return StackState(
        supervisor=None,
        kafka=os.environ["TIERLINE_KAFKA__BOOTSTRAP"],
        postgres=os.environ["TIERLINE_POSTGRES"],
        today=None,
        embedded={},
        services={name: ServiceState(f"http://{name}:8080", None) for name in SERVICES},
    )
