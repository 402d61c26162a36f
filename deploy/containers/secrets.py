"""The stack's passwords and keys: made once, kept in files, mounted where they are needed and nowhere else."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from joserfc.jwk import OKPKey

from deploy.attachment_keys import make_attachment_keys
from deploy.checkpoint_key import make_checkpoint_key
from deploy.containers.access import LOGINS
from deploy.local.databases import app_login, owner_login
from shared.contracts.registry import SERVICES
from shared.identity import JWKS_FILE, KEY_FILE, generate_keypair
from shared.links import KEY_BYTES
from shared.links import KEY_FILE as LINK_KEY_FILE

JAAS_FILE = "kafka_jaas.conf"
CHANNELS_FILE = "channels.yaml"
# Of the bucket that attachments are kept in; empty where a volume does.
OBJECTS_ACCESS = ("objects_access_key", "objects_secret_key")
# Of the bucket that the audit's checkpoints are kept in; empty where a volume does.
CHECKPOINTS_ACCESS = ("checkpoints_access_key", "checkpoints_secret_key")
ADMIN = "admin"


def password_names() -> Iterator[str]:
    """Every password file, without its folder."""
    yield "postgres_password"
    for service in SERVICES:
        yield f"{owner_login(service)}_password"
        yield f"{app_login(service)}_password"
    for login in (ADMIN, *LOGINS):
        yield f"kafka_{login}_password"


def make_secrets(folder: Path) -> list[str]:
    """Make what is missing in `folder` and return the names; existing secrets stay.

    The folder is its owner's alone (0700), which guards the files; they are readable for all (0444) because the users
    inside the containers, to whom Compose mounts them one by one, are not that owner. Only the key that signs tokens
    is not: no service needs it.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    # Letters, digits, - and _: nothing that a URL, SQL or a JAAS file would have to escape.
    made = [name for name in password_names() if write_missing(folder / name, secrets.token_urlsafe(24))]
    made += make_keys(folder)
    made += make_attachment_keys(folder, write)
    made += make_checkpoint_key(folder, write)
    if write_missing(folder / LINK_KEY_FILE, secrets.token_hex(KEY_BYTES)):
        made.append(LINK_KEY_FILE)
    if write_missing(folder / CHANNELS_FILE, NO_CHANNELS):
        made.append(CHANNELS_FILE)
    made += [name for name in (*OBJECTS_ACCESS, *CHECKPOINTS_ACCESS) if write_missing(folder / name, "")]
    # Not a secret of its own, but what the broker reads of the others.
    write_changed(folder / JAAS_FILE, jaas(folder))
    if os.geteuid() == 0:
        owner = folder.stat()
        for path in folder.iterdir():
            os.chown(path, owner.st_uid, owner.st_gid)
    return made


NO_CHANNELS = """\
# Chat robots and mail servers over which reps are told of their reminders, with their keys. None yet.
# 推送渠道(群机器人、邮件服务器)及其密钥。尚未配置。
# everyone: [sales]
# channels:
#   sales: {kind: wecom, webhook: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=..."}
#   north: {kind: dingtalk, webhook: "https://oapi.dingtalk.com/robot/send?access_token=...", secret: SEC...}
#   south: {kind: feishu, webhook: "https://open.feishu.cn/open-apis/bot/v2/hook/...", secret: ...}
#   post: {kind: mail, host: smtp.example.com, port: 465, security: tls, sender: tierline@example.com,
#          user: tierline@example.com, password: ...}
"""


def make_keys(folder: Path) -> list[str]:
    """Make the pair that signs tokens and is believed, unless public keys are there: ours, or another issuer's."""
    private, public = folder / KEY_FILE, folder / JWKS_FILE
    if public.exists():
        return []
    made = [JWKS_FILE]
    if not private.exists():
        with TemporaryDirectory(dir=folder) as draft:
            generate_keypair(Path(draft)).replace(private)
        made.insert(0, KEY_FILE)
    key = OKPKey.import_key(json.loads(private.read_text(encoding="utf-8")))
    write_missing(public, json.dumps({"keys": [key.as_dict(private=False)]}))
    return made


def jaas(folder: Path) -> str:
    """The broker's list of SASL/PLAIN logins, and its own login to itself."""
    passwords = {login: quoted(read_secret(folder / f"kafka_{login}_password")) for login in (ADMIN, *LOGINS)}
    users = "\n".join(f"    user_{login}={password}" for login, password in passwords.items())
    return (
        "KafkaServer {\n"
        "    org.apache.kafka.common.security.plain.PlainLoginModule required\n"
        f'    username="{ADMIN}"\n    password={passwords[ADMIN]}\n{users};\n'
        "};\n"
    )


def quoted(text: str) -> str:
    """A string as a JAAS file wants it: somebody may have brought a password of their own."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_secret(path: Path) -> str:
    """A secret's text; editors and `echo` end a file with a newline that is no part of it."""
    return path.read_text(encoding="utf-8").rstrip("\r\n")


def write_missing(path: Path, text: str) -> bool:
    """Write a secret file that is not there yet; whether it was not."""
    if path.exists():
        return False
    write(path, text)
    return True


def write_changed(path: Path, text: str) -> None:
    """Write a file unless it reads like that already."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write(path, text)


def write(path: Path, text: str) -> None:
    """Write a file in one step, readable for whoever may enter its folder."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o444)
    draft.replace(path)
