"""The stack's passwords and keys: made once, kept in files, mounted where they are needed and nowhere else."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from deploy.containers.access import LOGINS
from shared.contracts.registry import SERVICES
from shared.identity import generate_keypair

JAAS_FILE = "kafka_jaas.conf"
ADMIN = "admin"


def password_names() -> list[str]:
    """Every password file, without its folder."""
    databases = [f"{service}_{kind}_password" for service in SERVICES for kind in ("owner", "app")]
    return ["postgres_password", *databases, *(f"kafka_{login}_password" for login in (ADMIN, *LOGINS))]


def make_secrets(folder: Path) -> list[str]:
    """Make what is missing in `folder` and return the names; existing secrets stay.

    The folder is its owner's alone (0700), which guards the files; they are readable for all (0444) because the users
    inside the containers, to whom Compose mounts them one by one, are not that owner. Only the key that signs tokens
    is not: no service needs it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    made = []
    for name in password_names():
        if not (folder / name).exists():
            # Letters, digits, - and _: nothing that a URL, SQL or a JAAS file would have to escape.
            write(folder / name, secrets.token_urlsafe(24))
            made.append(name)
    if not (folder / "jwks.json").exists():
        generate_keypair(folder)
        (folder / "jwks.json").chmod(0o444)
        made += ["token-key.json", "jwks.json"]
    write(folder / JAAS_FILE, jaas(folder))
    owner = folder.stat()
    if os.geteuid() == 0:
        for path in folder.iterdir():
            os.chown(path, owner.st_uid, owner.st_gid)
    return made


def jaas(folder: Path) -> str:
    """The broker's list of SASL/PLAIN logins."""
    passwords = {login: (folder / f"kafka_{login}_password").read_text("utf-8") for login in (ADMIN, *LOGINS)}
    users = "\n".join(f'    user_{login}="{password}"' for login, password in passwords.items())
    return (
        "KafkaServer {\n"
        "    org.apache.kafka.common.security.plain.PlainLoginModule required\n"
        f'    username="{ADMIN}"\n    password="{passwords[ADMIN]}"\n{users};\n'
        "};\n"
    )


def write(path: Path, text: str) -> None:
    """Write a secret file in one step, readable through its folder only."""
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o444)
    draft.replace(path)
