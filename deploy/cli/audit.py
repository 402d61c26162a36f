"""`tierline audit`: the chain of who did what, recomputed, exported and proved; also where no stack runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli import audit_offline as offline
from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout
from shared.proof.export import ExportError, link_from
from shared.proof.merkle import is_consistent
from shared.proof.notes import TreeHead
from shared.roles import Role
from shared.words import Text

CheckpointFile = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help=both("A signed head that was kept elsewhere.", "保存在别处的签名树头。"),
    ),
]
EntriesFile = Annotated[
    Path | None,
    typer.Option(
        "--entries",
        metavar="FILE",
        help=both(
            "An export to verify offline; without it the running stack must prove itself.",
            "离线验证此导出文件；不给则由运行中的系统自证。",
        ),
    ),
]
TilesFolder = Annotated[
    Path | None,
    typer.Option(
        "--tiles",
        metavar="FOLDER",
        help=both(
            "The second place or a copy of it, which names the first bad entry (default: beside the checkpoint).",
            "第二处目录或其副本，用于指出首个问题条目（默认为树头所在目录）。",
        ),
    ),
]
ProofFile = Annotated[
    Path | None,
    typer.Option(
        "--proof",
        metavar="FILE",
        help=both("What `audit prove` wrote.", "`audit prove` 的结果。"),
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help=both("Public keys that are believed (default: the stack's own).", "所信任的公钥文件（默认为本系统的）。"),
    ),
]
Seq = Annotated[int, typer.Argument(min=1, help=both("The entry's number.", "条目编号。"))]
Out = Annotated[Path, typer.Argument(metavar="FILE", help=both("Where to write it.", "写入的文件。"))]
ProofOut = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help=both("Where to write the proof.", "证明写入的文件。"))
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command(
        "verify",
        help=both(
            "Recompute the whole chain; name the first entry that is not as it was sealed.",
            "重算整条审计链，指出首个被改动的条目。",
        ),
    )(verify)
    group.command(
        "export",
        help=both(
            "Write all entries to a file of JSON lines; itself audited.",
            "把全部条目导出为 JSON 行文件（留痕）。",
        ),
    )(export)
    group.command(
        "prove",
        help=both("Prove to a third party that an entry is in the audit.", "向第三方证明某条目在审计记录中。"),
    )(prove)
    app.add_typer(group, name="audit")


def verify(
    checkpoint: CheckpointFile = None,
    entries: EntriesFile = None,
    tiles: TilesFolder = None,
    proof: ProofFile = None,
    key: KeyFile = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output, layout = Output(lang, as_json), layout_of(data)
    if proof is not None:
        found, words = offline.proof_holds(proof, checkpoint, offline.keys_of(key, layout))
    elif entries is not None:
        if checkpoint is None:
            raise Failure(
                Text(en="--entries is verified against a --checkpoint.", zh="--entries 需与 --checkpoint 一起使用。"),
                code=ExitCode.USAGE,
            )
        head = offline.read_head(checkpoint, offline.keys_of(key, layout))
        found = offline.export_holds(entries, head, tiles or offline.tiles_beside(checkpoint), output)
        words = verdict(found)
    else:
        found = online(
            layout, None if checkpoint is None else offline.read_head(checkpoint, offline.keys_of(key, layout))
        )
        words = verdict(found)
    output.result(found, lambda: output.say(words, style="green" if found["verified"] else "bold red"))
    if not found["verified"]:
        raise typer.Exit(ExitCode.NOT_SO)


def online(layout: Layout, noted: TreeHead | None) -> dict[str, Any]:
    """The stack's own recomputing; against a noted head, the proof that today's tree begins with it, checked here."""
    with StackClient(layout, Role.OPS) as client:
        found: dict[str, Any] = client.get("archive", "/audit/verification")
        if noted is None or not found["verified"]:
            return found
        newest = client.get("archive", "/audit/checkpoint")
        head = offline.head_of(newest["note"], offline.keys_of(None, layout))
        path = []
        if noted.size <= head.size:
            asked = {"from": noted.size, "to": head.size}
            path = client.get("archive", "/audit/proofs/consistency", **asked)["path"]
    parts = [bytes.fromhex(part) for part in path]
    # Each by a key that is believed; a log goes on under another one, and so under another name.
    grown = is_consistent(noted.size, head.size, parts, noted.root, head.root)
    return found | {
        "verified": grown,
        "noted": noted.size,
        "first_bad": None if grown else offline.not_grown(noted, head),
    }


def export(file: Out, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.ARCHIVIST) as client:
        written = offline.write_export(client.lines("archive", "/audit/export"), file, output)
    output.result(
        {"file": str(file), "entries": written},
        lambda: output.say(
            Text(en=f"{written} entries written to {file}", zh=f"已将 {written} 条写入 {file}"), "green"
        ),
    )


def prove(
    seq: Seq, out: ProofOut = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output, layout = Output(lang, as_json), layout_of(data)
    with StackClient(layout, Role.ARCHIVIST) as client:
        found = client.get("archive", f"/audit/proofs/inclusion/{seq}")
    try:
        holds = offline.included(found, offline.keys_of(None, layout))
        link = link_from(found["entry"])
    except ExportError as error:
        raise Failure(Text(en="The answer is no proof.", zh="应答不是有效的证明。"), detail=str(error)) from None
    if out is not None:
        offline.write(out, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    words = offline.proved(link.entry, found["size"], holds=holds)
    output.result(found, lambda: output.say(words, style="green" if holds else "bold red"))
    if not holds:
        raise typer.Exit(ExitCode.NOT_SO)


def verdict(found: dict[str, Any]) -> Text:
    """What recomputing came to, in a sentence."""
    if found["verified"]:
        vouched, outside = found.get("vouched", 0), found.get("outside", False)
        en = f"; {vouched} of them are those that were signed" + (" and kept outside" if outside else "")
        zh = f"；其中 {vouched} 条与签名的树头" + ("(取自第二处)" if outside else "") + "相符"
        return Text(
            en=f"The audit chain is whole: {found['entries']} entries, head {found['head']}{en if vouched else ''}",
            zh=f"审计链完整：共 {found['entries']} 条，链头 {found['head']}{zh if vouched else ''}",
        )
    bad = found["first_bad"]
    return Text(
        en=f"The audit chain is broken at entry {bad['seq']}: {bad['why']['en']}",
        zh=f"审计链在第 {bad['seq']} 条断裂：{bad['why']['zh']}",
    )
