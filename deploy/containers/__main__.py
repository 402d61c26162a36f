"""`python -m deploy.containers secrets|migrate|topics|token`: the one-shot steps of `docker-compose.yml`."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console

from deploy.containers.access import grant, rights
from deploy.containers.secrets import make_secrets
from deploy.failure import Failure
from deploy.local.databases import connect_external, prepare_databases
from deploy.local.topics import create_topics
from shared.contracts.registry import SERVICES
from shared.engine.kafka import KafkaAddress
from shared.engine.migrations import migrate as apply_migrations
from shared.identity import TokenSigner
from shared.roles import Role

MOUNTED = Path("/run/secrets")
app = typer.Typer(no_args_is_help=True, add_completion=False)
out = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class MountedPasswords:
    """The database logins' passwords, as Compose mounts them."""

    folder: Path = MOUNTED

    def password_file(self, login: str) -> Path:
        return self.folder / f"{login}_password"


def secret(name: str) -> str:
    """A mounted secret's text."""
    return (MOUNTED / name).read_text("utf-8")


@app.command()
def secrets(folder: Annotated[Path, typer.Argument(help="where the secrets are kept / 存放密钥的目录")]) -> None:
    """Make the passwords and keys that are missing / 生成缺少的口令和密钥."""
    made = make_secrets(folder)
    out.print(f"made / 已生成: {', '.join(made) if made else '- (all were there / 均已存在)'}")


@app.command()
def migrate() -> None:
    """Make databases and logins, and bring each database to this release / 建库、建账号、升级表结构."""
    asyncio.run(prepare_and_migrate(os.environ["TIERLINE_POSTGRES"]))


async def prepare_and_migrate(address: str) -> None:
    """Do it on the server at `address` (host:port), as its superuser first and as each owner then."""
    server = await connect_external(f"postgresql://postgres:{secret('postgres_password')}@{address}/postgres")
    await prepare_databases(server, MountedPasswords())
    for service in SERVICES:
        applied = await apply_migrations(
            f"postgresql://{service}_owner@{address}/{service}",
            packages=("shared.engine", f"services.{service}"),
            app_role=f"{service}_app",
            password=secret(f"{service}_owner_password"),
        )
        out.print(f"{service}: {', '.join(applied) or 'up to date / 无需更新'}")


@app.command()
def topics() -> None:
    """Make the topics of the registry and each login's rights / 按登记表创建主题与访问权限."""
    address = KafkaAddress(os.environ["TIERLINE_KAFKA__BOOTSTRAP"], "admin", secret("kafka_admin_password"))
    asyncio.run(make_topics(address, int(os.environ.get("TIERLINE_KAFKA__PARTITIONS", "12"))))


async def make_topics(address: KafkaAddress, partitions: int) -> None:
    """Make what is missing; both may be done again at any time."""
    created = await create_topics(address, partitions)
    out.print(f"topics / 主题: {', '.join(created) or 'all there / 均已存在'}")
    admin = AIOKafkaAdminClient(**address.connection())
    await admin.start()
    try:
        out.print(f"rights / 权限: {await grant(admin, rights())}")
    finally:
        await admin.close()


@app.command()
def token(
    sub: Annotated[str, typer.Option(help="the person / 人员")],
    role: Annotated[Role, typer.Option(help="the role / 角色")],
    department: Annotated[str | None, typer.Option(help="the department / 部门")] = None,
    hours: Annotated[float, typer.Option(help="valid for / 有效小时数", min=0.01, max=24 * 31)] = 12,
) -> None:
    """Sign a bearer token / 签发访问令牌."""
    signer = TokenSigner.from_file(MOUNTED / "token-key.json")
    out.print(signer.sign(sub, role, department, timedelta(hours=hours)), soft_wrap=True)


if __name__ == "__main__":
    try:
        app()
    except Failure as failure:
        print(failure, file=sys.stderr)  # noqa: T201 - a one-shot step's last word
        raise SystemExit(1) from None
