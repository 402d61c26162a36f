"""Where what is taken out of the stack is written: looked at before it is asked for, since the asking is on record."""

from __future__ import annotations

from pathlib import Path

from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.words import Text


def ready(target: Path) -> None:
    """Failure where a file cannot be written: before a reading that may be the only one is used up."""
    fresh = not target.exists()
    try:
        target.touch(mode=0o600)
        with target.open("ab"):
            pass
    except OSError as error:
        raise unwritable(target, error) from None
    if fresh:
        target.unlink()


def save(target: Path, content: bytes, output: Output, words: Text | None = None) -> None:
    """Write what was taken out, for the one who took it alone; Failure where that cannot be."""
    try:
        target.touch(mode=0o600)
        if target.is_file():
            # Also where somebody else's file of that name was open to all.
            target.chmod(0o600)
        target.write_bytes(content)
    except OSError as error:
        raise unwritable(target, error) from None
    told = {"file": str(target), "bytes": len(content)}
    words = words or Text(en=f"{target}: {len(content)} bytes", zh=f"{target}：{len(content)} 字节")
    output.result(told, lambda: output.say(words))


def unwritable(target: Path, error: OSError) -> Failure:
    """A file that cannot be written."""
    return Failure(
        Text(en=f"{target} cannot be written.", zh=f"无法写入 {target}。"),
        Text(en="Name another file.", zh="请换一个文件。"),
        code=ExitCode.USAGE,
        detail=error.strerror or str(error),
    )
