"""What `tierline audit` does with files alone: no stack runs, and none is believed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from deploy.checkpoint_key import PUBLIC_FILE
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout
from shared.proof.chain import Entry, Fault, FaultKind, Verdict, canonical
from shared.proof.export import ExportError, link_from, read_header
from shared.proof.merkle import is_included, leaf_hash
from shared.proof.notes import NoteError, TreeHead, VerificationKey, read_checkpoint, read_keys
from shared.proof.offline import Folder, Offline, read_export
from shared.words import Text

Keys = tuple[VerificationKey, ...]
# How the second place is laid out: the folder of tiles, and the width of the names of heads that are kept by size.
TILES = "tile"
DIGITS = 16


def keys_of(file: Path | None, layout: Layout) -> Keys:
    """The keys that are believed: those of the file, else the stack's own; Failure when there are none."""
    path = file or layout.keys / PUBLIC_FILE
    try:
        return read_keys(read(path))
    except NoteError as error:
        raise Failure(
            Text(en=f"{path} holds no public key of checkpoints.", zh=f"{path} 中没有树头的公钥。"),
            code=ExitCode.USAGE,
            detail=str(error),
        ) from None


def read_head(checkpoint: Path, keys: Keys) -> TreeHead:
    """The head that a file vouches for; Failure when it does not. `…/checkpoints/1200` is 0000000000001200 there."""
    padded = checkpoint.with_name(checkpoint.name.zfill(DIGITS))
    known = padded if checkpoint.name.isdecimal() and not checkpoint.exists() and padded.exists() else checkpoint
    return head_of(read(known), keys)


def tiles_beside(checkpoint: Path) -> Path:
    """The second place in which a head lies: its folder, or for one of those kept by size the folder above."""
    beside = checkpoint.parent
    above = beside.parent
    return above if not (beside / TILES).is_dir() and (above / TILES).is_dir() else beside


def head_of(note: str, keys: Keys) -> TreeHead:
    """The head that a note vouches for; Failure when nobody who is believed signed it."""
    try:
        return read_checkpoint(note, keys)
    except NoteError as error:
        raise Failure(
            Text(en="The checkpoint proves nothing.", zh="该树头不可信。"),
            Text(en="Is it whole, and --key the right key?", zh="请确认文件完整、--key 正确。"),
            code=ExitCode.NOT_SO,
            detail=str(error),
        ) from None


def export_holds(entries: Path, head: TreeHead, tiles: Path, output: Output) -> dict[str, Any]:
    """Hold an export against a head; Failure where the file is no export."""
    try:
        with entries.open(encoding="utf-8", errors="strict", newline="\n") as lines:
            count, pages = read_export(lines)
            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Progress(*columns, console=output.errors, disable=not output.errors.is_terminal) as progress:
                task = progress.add_task("", total=count)
                verdict = Offline(head, Folder(tiles)).verify(count, pages, lambda n: progress.advance(task, n))
    except (ExportError, UnicodeDecodeError) as error:
        raise Failure(
            Text(en=f"{entries} is not a whole export.", zh=f"{entries} 不是完整的导出文件。"),
            Text(en="Export it again: tierline audit export FILE", zh="请重新导出：tierline audit export FILE"),
            code=ExitCode.NOT_SO,
            detail=str(error),
        ) from None
    except OSError as error:
        raise unreadable(entries, error) from None
    found, fault = as_found(verdict), verdict.fault
    if fault is not None and fault == Fault(count + 1, FaultKind.MISSING):
        found["first_bad"]["why"] = ends_early(count, head.size)
    return found


def ends_early(entries: int, size: int) -> dict[str, str]:
    """An export that holds fewer entries than a head vouches for: made before that head, or from a cut chain."""
    return {
        "en": f"the export ends with entry {entries}, and the head vouches for {size}. Either it was made before that "
        f"head: then verify it against one of its time (checkpoints/<entries> in the second place, up to {entries}), "
        "or export again. Or the tail was cut off",
        "zh": f"导出止于第 {entries} 条，而树头签至第 {size} 条。若导出早于该树头，请用当时的树头验证"
        f"（第二处的 checkpoints/<条数>，不大于 {entries}）或重新导出；否则即链尾被截断",
    }


def as_found(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the service tells it."""
    return {
        "entries": verdict.entries,
        "verified": verdict.fault is None,
        "first_bad": None if verdict.fault is None else bad(verdict.fault),
        "head": verdict.head.hash.hex(),
        "vouched": verdict.vouched,
        "outside": verdict.outside,
    }


def bad(fault: Fault) -> dict[str, Any]:
    words = fault.words()
    return {"seq": fault.seq, "kind": fault.kind, "why": {"zh": words.zh, "en": words.en}}


def not_grown(noted: TreeHead, head: TreeHead) -> dict[str, Any]:
    """What is wrong when today's tree does not begin with the noted one."""
    cut = head.size < noted.size
    return bad(Fault(head.size + 1 if cut else noted.size, FaultKind.MISSING if cut else FaultKind.UNVOUCHED))


def proof_holds(proof: Path, checkpoint: Path | None, keys: Keys) -> tuple[dict[str, Any], Text]:
    """Verify what `prove` wrote; with a checkpoint of one's own, against that instead of the one in the proof."""
    try:
        said = json.loads(read(proof))
        if checkpoint is not None:
            said["checkpoint"] = read(checkpoint)
        holds, entry = included(said, keys), link_from(said["entry"]).entry
    except (ExportError, ValueError, KeyError, TypeError) as error:
        raise Failure(
            Text(en=f"{proof} is no proof.", zh=f"{proof} 不是证明文件。"), code=ExitCode.NOT_SO, detail=repr(error)
        ) from None
    return {"verified": holds, "seq": entry.seq, "size": said["size"]}, proved(entry, said["size"], holds=holds)


def included(said: dict[str, Any], keys: Keys) -> bool:
    """Whether the path leads from the entry to the root of its checkpoint."""
    head = head_of(said["checkpoint"], keys)
    link = link_from(said["entry"])
    path = [bytes.fromhex(part) for part in said["path"]]
    leaf, index = leaf_hash(canonical(link.entry)), link.entry.seq - 1
    return head.size == said["size"] and is_included(leaf, index, head.size, path, head.root)


def proved(entry: Entry, size: int, *, holds: bool) -> Text:
    """What a proof came to, in a sentence."""
    who = entry.actor or "-"
    what = f"{entry.at.isoformat()} {who} {entry.action} {entry.file} {entry.outcome}"
    if holds:
        return Text(
            en=f"Entry {entry.seq} is one of the {size} that were signed: {what}",
            zh=f"第 {entry.seq} 条属于已签名的 {size} 条之列：{what}",
        )
    return Text(
        en=f"Entry {entry.seq} is not proved: its path does not lead to the signed root.",
        zh=f"第 {entry.seq} 条未得到证明：路径不通向签名的树根。",
    )


def write_export(lines: Iterable[str], file: Path, output: Output) -> int:
    """Write an export, whole or not at all; returns how many entries it has."""
    draft = file.with_name(f".{file.name}.part")
    try:
        # Who read what is nobody else's business on this machine.
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        with draft.open("w", encoding="utf-8", newline="\n") as out:
            entries, written = 0, -1
            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Progress(*columns, console=output.errors, disable=not output.errors.is_terminal) as progress:
                task = progress.add_task("", total=None)
                for line in lines:
                    if written < 0:
                        entries = read_header(line)[0]
                        progress.update(task, total=entries)
                    out.write(line + "\n")
                    written += 1
                    progress.advance(task)
        if written != entries:
            raise ExportError(f"{written} of {entries} entries came")
        draft.replace(file)
    except ExportError as error:
        draft.unlink(missing_ok=True)
        raise Failure(
            Text(en="The export broke off.", zh="导出中断。"),
            Text(
                en="`tierline audit verify` says whether entries are missing.",
                zh="可运行 `tierline audit verify` 检查。",
            ),
            detail=str(error),
        ) from None
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Failure(
            Text(en=f"{file} cannot be written: {error.strerror}", zh=f"无法写入 {file}：{error.strerror}"),
            code=ExitCode.USAGE,
        ) from None
    return entries


def write(file: Path, text: str) -> None:
    """Write a small file; Failure when it cannot be."""
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure(
            Text(en=f"{file} cannot be written: {error.strerror}", zh=f"无法写入 {file}：{error.strerror}"),
            code=ExitCode.USAGE,
        ) from None


def read(file: Path) -> str:
    """A small file's text; Failure when it cannot be had."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(file, error) from None


def unreadable(file: Path, error: Exception) -> Failure:
    why = getattr(error, "strerror", None) or str(error)
    return Failure(Text(en=f"{file} cannot be read: {why}", zh=f"无法读取 {file}：{why}"), code=ExitCode.USAGE)
