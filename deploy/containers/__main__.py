"""`python -m deploy.containers secrets|migrate|topics|token|cli|keeper`: the one-shot steps of `docker-compose.yml`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import asyncpg
import typer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.containers.access import enforce, rights
from deploy.containers.cli import run
from deploy.containers.secrets import ADMIN, make_secrets, read_secret
from deploy.failure import Failure
from deploy.local.databases import app_login, connect_external, owner_login, prepare_databases
from deploy.local.topics import create_topics
from shared.contracts.registry import SERVICES
from shared.engine.kafka import KafkaAddress
from shared.engine.migrations import migrate as apply_migrations
from shared.engine.queries import load_queries
from shared.identity import KEY_FILE, TokenSigner
from shared.roles import Role

QUERIES = load_queries("deploy.containers")
MOUNTED = Path("/run/secrets")
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class MountedPasswords:
    """The database logins' passwords, as Compose mounts them."""

    folder: Path = MOUNTED

    def password_file(self, login: str) -> Path:
        return self.folder / f"{login}_password"


@app.command()
def secrets(folder: Annotated[Path, typer.Argument(help="where the secrets are kept / 存放密钥的目录")]) -> None:
    """Make the passwords and keys that are missing / 生成缺少的口令和密钥."""
    made = make_secrets(folder)
    typer.echo(f"made / 已生成: {', '.join(made) if made else '- (all were there / 均已存在)'}")


@app.command()
def migrate() -> None:
    """Make databases and logins, and bring each database to this release / 建库、建账号、升级表结构."""
    asyncio.run(prepare_and_migrate(os.environ["TIERLINE_POSTGRES"], MountedPasswords()))


async def prepare_and_migrate(address: str, passwords: MountedPasswords) -> None:
    """Do it on the server at `address` (host:port), as its superuser first and as each owner then."""
    superuser = quote(read_secret(passwords.password_file("postgres")), safe="")
    server = await connect_external(f"postgresql://postgres:{superuser}@{address}/postgres")
    await prepare_databases(server, passwords)
    await close_shared_databases(server.admin_dsn)
    for service in SERVICES:
        owner = owner_login(service)
        applied = await apply_migrations(
            f"postgresql://{owner}@{address}/{service}",
            packages=("shared.engine", f"services.{service}"),
            app_role=app_login(service),
            password=read_secret(passwords.password_file(owner)),
        )
        typer.echo(f"{service}: {', '.join(applied) or 'up to date / 无需更新'}")


async def close_shared_databases(admin_dsn: str) -> None:
    """Leave the server's own databases to its superuser."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(admin_dsn, timeout=30)
    try:
        await connection.execute(QUERIES["close_shared_databases"])
    finally:
        await connection.close()


@app.command()
def topics() -> None:
    """Make the topics of the registry, and each login's rights / 按登记表创建主题与访问权限."""
    password = read_secret(MOUNTED / f"kafka_{ADMIN}_password")
    address = KafkaAddress(os.environ["TIERLINE_KAFKA__BOOTSTRAP"], ADMIN, password)
    asyncio.run(make_topics(address, int(os.environ.get("TIERLINE_KAFKA__PARTITIONS") or 12)))


async def make_topics(address: KafkaAddress, partitions: int) -> None:
    """Make what is missing; both may be done again at any time."""
    created = await create_topics(address, partitions)
    typer.echo(f"topics / 主题: {', '.join(created) or 'all there / 均已存在'}")
    admin = AIOKafkaAdminClient(**address.connection())
    await admin.start()
    try:
        change = await enforce(admin, rights())
    finally:
        await admin.close()
    typer.echo(f"rights / 权限: {change.rights} (+{change.granted} -{change.withdrawn})")


@app.command()
def token(
    sub: Annotated[str, typer.Option(help="the person / 人员")],
    role: Annotated[Role, typer.Option(help="the role / 角色")],
    department: Annotated[str | None, typer.Option(help="the department / 部门")] = None,
    hours: Annotated[float, typer.Option(help="valid for / 有效小时数", min=0.01, max=24 * 30)] = 12,
) -> None:
    """Sign a bearer token / 签发访问令牌."""
    signer = TokenSigner.from_file(MOUNTED / KEY_FILE)
    typer.echo(signer.sign(sub, role, department, timedelta(hours=hours)))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def cli(arguments: typer.Context) -> None:
    """The `tierline` command on this stack / 在本系统上执行 tierline 命令."""
    run(arguments.args, MOUNTED)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def keeper(arguments: typer.Context) -> None:
    """The same for backups, which hold files of several users / 同上，用于备份(涉及多个用户的文件)."""
    run(arguments.args, MOUNTED, as_root=True)


def words(failure: Failure) -> Iterator[str]:
    """What went wrong and what to do next, in both languages: a log has no reader of its own."""
    yield f"{failure.what.en} {failure.what.zh}"
    if failure.detail:
        yield failure.detail
    if failure.next_step:
        yield f"{failure.next_step.en} {failure.next_step.zh}"


if __name__ == "__main__":
    try:
        app()
    except Failure as failure:
        typer.echo("\n".join(words(failure)), err=True)
        raise SystemExit(failure.code) from None
