"""`tierline backup verify|signer`: whose a backup is, and by which key this stack signs (A8)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.backup.keys import read_identity
from deploy.backup.opening import examine
from deploy.backup.places import SUFFIX
from deploy.backup.signers import PIN, new_signing_key, read_signers, signing_key
from deploy.backup.stack import believed_by, find_backup, signing_files
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Identity, Lang, Unsigned, both, layout_of
from deploy.cli.output import Output
from shared.words import Text


def verify(
    backup: Annotated[
        str, typer.Argument(metavar="FILE", help=both("A backup's file, or its name.", "备份文件或名称。"))
    ],
    identity: Identity,
    unsigned: Unsigned = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    layout = layout_of(data)
    place, name = find_backup(layout, backup)
    with place.reading(name) as source:
        examined = examine(source, read_identity(identity), name, believed_by(layout, identity, unsigned=unsigned))
    by, manifest = None if examined.signed is None else examined.signed.signer, examined.manifest
    whose = name if examined.signed is None else examined.signed.backup
    done = {"backup": whose.removesuffix(SUFFIX), "at": manifest["at"], "signer": by, "parts": len(manifest["parts"])}
    at = local(manifest["at"])
    output.result(
        done,
        lambda: output.say(
            Text(
                en=f"{done['backup']} of {at} is whole: {done['parts']} parts, {examined}.",
                zh=f"{done['backup']}（{at}）完整：{done['parts']} 个部分，"
                + ("没有可信签名。" if by is None else f"由 {by} 签名。"),
            ),
            style="yellow" if by is None else "green",
        ),
    )


def signer(
    new: Annotated[
        bool, typer.Option("--new", help=both("Sign by a new key from now on.", "今后改用新的签名密钥。"))
    ] = False,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    layout = layout_of(data)
    layout.create()
    files = signing_files(layout)
    signs = str((new_signing_key if new else signing_key)(*files).verification())
    believed = [str(each) for each in read_signers(files[1])]
    output.result(
        {"signs": signs, "believed": believed, "file": str(files[1])},
        lambda: show_signer(signs, believed, files[1], output),
    )


def show_signer(signs: str, believed: list[str], file: Path, output: Output) -> None:
    """What belongs into key files, and how a key is believed no more."""
    output.say(
        Text(
            en="Backups are signed by this key. Every key file (`tierline backup key`) needs the line:",
            zh="备份由此密钥签名。每个密钥文件（`tierline backup key`）中都应有这一行：",
        )
    )
    # Not wrapped: it is to be copied.
    typer.echo(f"{PIN} {signs}")
    if others := [each for each in believed if each != signs]:
        output.say(
            Text(
                en=f"Older keys that are believed, too: {', '.join(others)}. Whichever is no longer yours alone: take "
                f"its line out of {file} and of the key files.",
                zh=f"仍受信任的旧密钥：{'、'.join(others)}。若其中有已泄露的，请从 {file} 与各密钥文件中删去该行。",
            )
        )
