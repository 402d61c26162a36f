"""docs/authorization.md: the tables of rights as operations and managers read them, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from shared.roles import Role
from tests.authorization.tables import NOT_OF_THIS_ROLE, ROLES, Heading, Line, read

PAGE: Final = Path(__file__).parents[2] / "docs" / "authorization.md"


class Part(NamedTuple):
    """A table on the page: its name, and what it is about."""

    table: str
    zh: str
    en: str


PARTS: Final = (
    Part("files", "客户档案：谁可查阅", "Customers' files: who reads them"),
    Part("records", "公司档案：谁可知悉、查阅、导出、申请", "Company records: who knows, reads, takes out, asks"),
    Part("archive", "档案服务的各项操作", "What people do in archive"),
    Part("customers", "客户服务的各项操作", "What people do in customers"),
    Part("followup", "跟进服务的各项操作", "What people do in followup"),
    Part("scoring", "分级服务的各项操作", "What people do in scoring"),
)  # fmt: skip

NAMES: Final = {
    Role.REP: ("业务员", "rep"),
    Role.DEPARTMENT_MANAGER: ("部门经理", "dept. manager"),
    Role.MARKETING_DIRECTOR: ("营销总监", "marketing director"),
    Role.DEPUTY_GM: ("分管副总", "deputy GM"),
    Role.GM: ("总经理", "GM"),
    Role.GM_OFFICE_HEAD: ("总办主任", "head of GM's office"),
    Role.ARCHIVIST: ("档案管理员", "archivist"),
    Role.HR: ("人力资源", "HR"),
    Role.INSPECTOR: ("督导", "inspector"),
    Role.OPS: ("运维", "ops"),
    Role.ORDER_SYSTEM: ("订单系统", "order system"),
}

# What a cell says to people: short, since there are eleven in a line.
SIGNS: Final = {
    NOT_OF_THIS_ROLE: "—",
    "role": "—",
    "not_own": "— ¹",
    "not_yours": "— ¹",
    "not_your_step": "— ¹",
    "not_your_decision": "— ¹",
    "not_delegating": "— ¹",
    "not_judge": "— ¹",
    "not_the_witness": "— ¹",
    "own_record": "— ²",
    "own_conduct": "— ²",
    "own_request": "— ²",
    "own_fine": "— ²",
    "own_wage": "— ²",
    "own_case": "— ²",
    "no_grant": "申请 · ask",
    "stale_grants": "稍后 · later",
    "no_copy_right": "申请复制 · ask to copy",
    "used_up": "申请 · ask",
    "reading_room_only": "阅览室 · room",
    "never_consulted": "不得 · never",
    "left_the_company": "✗",
    "not_needed": "无须 · no need",
    "unknown_person": "—",
    "no_such_person": "∅",
    "no_such_customer": "∅",
    "no_potential_customer": "∅",
    "unseen": "∅",
    "not_your_customer": "— ¹",
    "not_lapsed": "未沉没 · not lapsed",
    "not_there": "∅",
}
HIDDEN: Final = "∅"

STATES: Final = {
    "none": ("无授权", "no grant"),
    "expired": ("授权已过期", "expired"),
    "early": ("授权未生效", "not begun"),
    "revoked": ("授权已撤销", "revoked"),
    "used": ("一次性授权已用", "used up"),
    "another's": ("他人的授权", "another person's grant"),
    "elsewhere": ("其他档案的授权", "another file's grant"),
    "bare": ("在阅览室但无授权", "in the reading room without a grant"),
    "granted": ("有授权", "granted"),
    "room": ("有授权且在阅览室", "granted, in the reading room"),
    "copy": ("有复制授权", "granted to copy"),
    "copyroom": ("有复制授权且在阅览室", "granted to copy, in the reading room"),
    "stale": ("30 秒未收到授权消息", "grants not heard of for 30 s"),
    "left": ("已离职", "left the company"),
}

INVALID: Final = {"none", "expired", "early", "revoked", "another's", "elsewhere"}
NO_GRANT_THAT_COUNTS: Final = ("无有效授权", "no grant that counts")

INTRODUCTION: Final = """\
# 权限一览 · Who may do what

本页由 `python -m tests.authorization generate` 根据 `tests/authorization/tables/` 中的权限表生成，请勿手改。
权限表依据制度手工编写；每一格都由测试在真实数据库上逐一验证，被拒绝的每一次都在审计中留有记录。

This page is made by `python -m tests.authorization generate` from the tables in `tests/authorization/tables/`: do not
edit it. The tables are written by hand from the rules (A1–A8, N9, N10, P6) and the policy as shipped; a test asks every
cell for real, on a real database, and looks for each refusal in the audit.

| 符号 · Sign | 含义 · Meaning |
|---|---|
| ✓ | 可以 · may |
| — | 不可以 · may not: nothing of this role |
| — ¹ | 不属于本人或本部门，或这一步不由其决定 · may not: not theirs, or not their step |
| — ² | 涉及本人，须由他人办理 · may not: it is about themselves, so others do it |
| ∅ | 与不存在时的答复完全相同；清单中则不列出 · the very answer to what is not there; in a list: not in it |
| 申请 · ask | 须先申请查阅（A2） · takes a request to consult |
| 申请复制 · ask to copy | 可查阅，但导出须另行申请复制 · reads, and takes out only with a grant to copy |
| 阅览室 · room | 仅限阅览室（A3） · in the reading room only |
| 不得 · never | 绝密不得查阅（A3） · rank 3 is never consulted |
| 稍后 · later | 暂时无法核对授权，拒绝 · refused while grants cannot be checked |
| 无须 · no need | 无须申请即可查阅 · reads without a request |
| ✗ | 已离职，一律拒绝 · has left: everything is refused |

“无有效授权”逐一验证了：没有授权、已过期、未生效、已撤销、他人的授权、其他档案的授权。
“No grant that counts” was asked as each of: none, one that has expired, has not begun, was revoked, is another
person's, is for another file.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(line for part in PARTS for line in _part(part))]) + "\n"


def _part(part: Part) -> Iterator[str]:
    yield f"## {part.zh} · {part.en}"
    yield ""
    fresh = True
    for entry in read(part.table):
        if isinstance(entry, Heading):
            yield from ([] if fresh else [""])
            yield f"### {entry.zh} · {entry.en}"
            yield ""
            yield from _header()
        else:
            yield _row(entry)
        fresh = False
    yield ""


def _header() -> Iterator[str]:
    yield "| | " + " | ".join(f"{zh}<br>{en}" for zh, en in (NAMES[role] for role in ROLES)) + " |"
    yield "|---" * (len(ROLES) + 1) + "|"


def _row(line: Line) -> str:
    words = f"{line.zh}<br>{line.en}"
    if (states := _states(line)) is not None:
        words += f"<br><sub>{states}</sub>"
    return f"| {words}<br>`{line.what}` | " + " | ".join(sign(line.answers[role]) for role in ROLES) + " |"


def _states(line: Line) -> str | None:
    if ";" not in line.when:
        return None
    states = line.when.rpartition(";")[2].split()
    named = [STATES[state] for state in states]
    if set(states) >= INVALID:
        named = [NO_GRANT_THAT_COUNTS, *(STATES[state] for state in states if state not in INVALID)]
    return "、".join(zh for zh, _ in named) + " · " + ", ".join(en for _, en in named)


def sign(answer: str) -> str:
    """What a cell says to people."""
    if answer.isdigit():
        return "✓"
    return SIGNS.get(answer, HIDDEN if answer.startswith("unknown_") else answer)
