"""Backups of one stack: made, proved, told to archive, and the old ones removed."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from pyrage import x25519

from deploy.backup.making import Made, make_backup
from deploy.backup.places import SUFFIX
from deploy.backup.scratch import NotBack, drill
from deploy.backup.signers import signing_key
from deploy.backup.signing import Believed
from deploy.backup.stack import backup_settings, believed_by, origin_of, place_of, recipients_of, signing_files
from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout
from deploy.local.state import StackState
from shared.words import Text

ARCHIVE = "archive"
NEW_SIGNER = Text(
    en="Backups are signed by a new key from now on: write the line that `tierline backup signer` shows into your key "
    "files.",
    zh="今后的备份由新密钥签名：请把 `tierline backup signer` 显示的那一行加入各密钥文件。",
)


class Client(Protocol):
    """A way to archive, as ops."""

    @property
    def state(self) -> StackState: ...

    def get(self, service: str, path: str, **params: Any) -> Any: ...

    def post(self, service: str, path: str, body: Any = None) -> Any: ...


Ops = Callable[[], AbstractContextManager[Client]]
"""Opens such a way; anew for each word, because a backup may take longer than a token lives."""


@contextmanager
def one_at_a_time(layout: Layout) -> Iterator[None]:
    """Wait for a backup of this stack that is being made; the lock goes with the process, however it ends."""
    with (layout.root / "backup.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Keeper:
    """Makes and proves backups in one place. Each that was made, and each proof, is an entry of the audit."""

    def __init__(self, ops: Ops, layout: Layout, url: str | None, report: Callable[[Text], None]) -> None:
        self._ops = ops
        self._layout = layout
        self._place = place_of(layout, url)
        self._report = report

    async def back_up(self, *, if_due: bool = False) -> dict[str, Any] | None:
        """Make a backup, prove it, and remove those that are too many; Failure when it did not come to that.

        None where only a due one was wanted, and somebody has made it meanwhile.
        """
        recipients = recipients_of(self._layout)
        with one_at_a_time(self._layout):
            if if_due and not self._get("/backups/due")["due"]:
                return None
            return await self._make(recipients)

    async def _make(self, recipients: Sequence[x25519.Recipient]) -> dict[str, Any]:
        with self._ops() as client:
            origin = origin_of(self._layout, client.state)
        private, public = signing_files(self._layout)
        if not private.exists():
            self._report(NEW_SIGNER)
        key = signing_key(private, public)
        made = await make_backup(origin, self._place, recipients, key, self._report)
        self._tell(made)
        proved = await self.drill(made.name, made.rehearsal, believed_by(self._layout, None))
        return {**proved, "size": made.size, "sha256": made.sha256, "removed": self._remove_old()}

    async def drill(self, name: str, identity: x25519.Identity, believed: Believed) -> dict[str, Any]:
        """Prove that a backup is of whom we believe and comes back.

        Failure when not, which archive is told of unless the key is wrong.
        """
        name = name if name.endswith(SUFFIX) else f"{name}{SUFFIX}"
        self._report(Text(en=f"Proving {name} …", zh=f"验证 {name} ……"))
        try:
            proved = await drill(self._place, name, identity, believed, backup_settings().scratch)
        except NotBack as failure:
            # For the task that follows from it, which is read in either language.
            said = (each for each in (failure.what.zh, failure.what.en, failure.detail) if each)
            self._tell_drill(name, sound=False, found=" ".join(said))
            raise
        head = proved.loaded.head
        self._tell_drill(
            name, sound=True, found=f"{proved.loaded.rows} rows, {head.entries} entries, {proved.examined}"
        )
        return {
            "backup": name.removesuffix(SUFFIX),
            "sound": True,
            "signer": None if proved.examined.signed is None else proved.examined.signed.signer,
            "rows": proved.loaded.rows,
            "entries": head.entries,
            "head": head.hash,
            "vouched": proved.loaded.vouched,
            "seconds": round(proved.seconds, 1),
        }

    def newest(self) -> str:
        """The name of the newest that is there; Failure when there is none."""
        kept = sorted(each.name for each in self._place.kept())
        if not kept:
            raise Failure(
                Text(en=f"There is no backup in {self._place}.", zh=f"{self._place} 中没有备份。"),
                Text(en="`tierline backup make` makes one.", zh="用 `tierline backup make` 制作。"),
                code=ExitCode.NOT_SO,
            )
        return kept[-1]

    def listed(self) -> list[dict[str, Any]]:
        """Those that are there and those that archive knows of, newest first."""
        here = {each.name.removesuffix(SUFFIX): each for each in self._place.kept()}
        known = {each["backup"]: each for each in self._get("/backups")}
        nothing = dict.fromkeys(("size", "made_at", "entries", "signer", "sound", "drilled_at"))
        return [
            {
                **nothing,
                **({} if name not in here else {"size": here[name].size, "made_at": here[name].written_at.isoformat()}),
                **known.get(name, {}),
                "backup": name,
                "here": name in here,
            }
            for name in sorted(here.keys() | known.keys(), reverse=True)
        ]

    def _tell(self, made: Made) -> None:
        self._post(
            "/backups",
            {
                "backup": made.name.removesuffix(SUFFIX),
                "made_at": made.manifest["at"],
                "place": str(self._place),
                "size": made.size,
                "sha256": made.sha256,
                "signer": made.signer,
                "rows": made.rows,
                "entries": made.manifest["audit"]["entries"],
                "head": made.manifest["audit"]["hash"],
            },
        )

    def _tell_drill(self, name: str, *, sound: bool, found: str) -> None:
        path = f"/backups/{name.removesuffix(SUFFIX)}/drills"
        self._post(path, {"sound": sound, "found": found[:1000]})

    def _remove_old(self) -> list[str]:
        """Remove what archive says may go."""
        here = [each.name.removesuffix(SUFFIX) for each in self._place.kept()]
        removed: list[str] = self._post("/backups/removals", {"here": here})["remove"]
        for name in removed:
            self._place.remove(f"{name}{SUFFIX}")
        return removed

    def _get(self, path: str) -> Any:
        with self._ops() as client:
            return client.get(ARCHIVE, path)

    def _post(self, path: str, body: Any) -> Any:
        with self._ops() as client:
            return client.post(ARCHIVE, path, body)
