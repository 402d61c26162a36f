"""Why nothing of a backup is used, in the words of whoever has to do something about it."""

from __future__ import annotations

from deploy.failure import ExitCode, Failure
from shared.words import Text


class Broken(Failure):
    """The file is not a whole backup, or not for this key, or not of whom we believe; nothing of it may be used."""


def unsigned() -> Broken:
    return Broken(
        Text(
            en="The backup is not signed: whoever knows the public key may have made it.",
            zh="该备份没有签名：任何知道公钥的人都可能伪造它。",
        ),
        Text(
            en="If it was made before backups were signed, and you know where it comes from: --unsigned.",
            zh="若确为启用签名之前所做且来源可靠，请加 --unsigned。",
        ),
        code=ExitCode.NOT_SO,
    )


def stranger(note: bytes) -> Broken:
    signatures = note.decode(errors="replace").rpartition("\n\n")[2]
    return Broken(
        Text(
            en="The backup is signed by nobody whom you believe: nothing of it is used.",
            zh="备份的签名者不在信任之列，未作任何恢复。",
        ),
        Text(
            en="If you have that key's public half from elsewhere than the backup, write it into your key file, as a "
            "line `# signer: …`; `tierline backup signer` tells it where the backup was made. If it is lost, and you "
            "know where the file comes from: --unsigned.",
            zh="若您从备份以外的途径得到其公钥，请在密钥文件中加一行 `# signer: …`；"
            "在制作备份的系统上用 `tierline backup signer` 查看。公钥若已遗失而文件来源可靠，请加 --unsigned。",
        ),
        code=ExitCode.NOT_SO,
        detail=signatures[:200].strip(),
    )


def forged(why: str) -> Broken:
    return Broken(
        Text(
            en="The backup's signature does not fit: it was altered or is a forgery, and nothing of it is used.",
            zh="备份的签名不符：备份被改动或为伪造，未作任何恢复。",
        ),
        Text(
            en="Find out who may write where backups are kept, and take another one: `tierline backup list`.",
            zh="请查明谁能写入备份存放处，并改用其他备份：`tierline backup list`。",
        ),
        code=ExitCode.NOT_SO,
        detail=why,
    )


def broken(why: str) -> Broken:
    return Broken(
        Text(
            en="The backup is damaged or was cut off: nothing of it is used.", zh="备份已损坏或不完整，未作任何恢复。"
        ),
        Text(
            en="Copy it again from where it was kept, or take another one: `tierline backup list`.",
            zh="请从存放处重新拷贝，或改用其他备份：`tierline backup list`。",
        ),
        code=ExitCode.NOT_SO,
        detail=why,
    )
