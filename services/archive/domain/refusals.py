"""What is said to somebody who may not have what they asked of a record; to who may not know of it, one thing only."""

from __future__ import annotations

from services.archive.domain.people import UnlawfulError
from services.archive.domain.reading import Reason
from shared.words import Text


def no_such_record() -> UnlawfulError:
    """The one answer for a record that is not there, and for one that the asker may not know of."""
    return UnlawfulError("unknown_record", Text(zh="没有这份档案", en="there is no such record"))


def refused(reason: Reason) -> UnlawfulError:
    """The refusal to somebody who may know of the record, in words that say what to do."""
    return UnlawfulError(reason.value, REFUSALS[reason])


def altered() -> UnlawfulError:
    """Content that is not what was filed is shown to nobody."""
    return UnlawfulError(
        "altered",
        Text(
            zh="这份材料已丢失或被改动，与归档时的哈希不符，不予显示；已记入审计",
            en="this piece is gone or altered: it no longer fits the hash it was filed with, and is not shown; "
            "the audit has been told",
        ),
    )


REFUSALS = {
    Reason.NO_SUCH_FILE: Text(zh="档案中没有这份材料", en="the record holds no such piece"),
    Reason.DESTROYED: Text(zh="该档案已销毁，仅存登记", en="the record has been destroyed; its register entry remains"),
    Reason.NEVER: Text(zh="绝密档案禁止调阅", en="records of this rank are never consulted"),
    Reason.NO_GRANT: Text(
        zh="您没有查阅这部分的授权；如需查阅，请提交申请",
        en="this part is not open to you; ask for it by a request to consult",
    ),
    Reason.READING_ROOM: Text(
        zh="机密档案只能在档案室阅览，不得带出",
        en="records of this rank are read in the reading room, and stay there",
    ),
    Reason.USED_UP: Text(
        zh="该授权限次查阅，这份材料已按次数看过；如需再看，请另行申请",
        en="what you were granted opens each piece so many times, and this one was opened as often; ask again",
    ),
    Reason.NO_COPY: Text(
        zh="授权不含复制；如需复制，请另行申请",
        en="what you were granted is reading, not copying; ask for a copy",
    ),
}
