"""What the audit's codes of acts and of refusals say to human resources; the codes stay in the audit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shared.words import Text

SUBJECTS: Final[Mapping[str, str]] = {
    "access": "访问",
    "login": "登录",
    "file": "档案",
    "profile": "客户档案",
    "customers": "客户档案",
    "record": "公司档案",
    "records": "公司档案",
    "request": "查阅申请",
    "requests": "查阅申请",
    "grant": "授权",
    "grants": "授权",
    "delegation": "委托",
    "delegations": "委托",
    "fine": "罚款",
    "fines": "罚款",
    "gap": "待补信息",
    "conduct": "行为举报",
    "destruction": "销毁",
    "destructions": "销毁",
    "hold": "冻结",
    "holds": "冻结",
    "retention": "保管期限",
    "filing": "归档",
    "leaving": "离职",
    "leavings": "离职",
    "departure": "离职移交",
    "person": "人员",
    "people": "人员",
    "wage": "工资",
    "wages": "工资",
    "statement": "结算单",
    "statements": "结算单",
    "report": "月报",
    "reports": "月报",
    "audit": "审计",
    "backup": "备份",
    "backups": "备份",
    "station": "工作地点",
    "stations": "工作地点",
    "leave": "休假",
    "link": "审批链接",
    "attachment-keys": "主密钥",
    "contact": "联系",
    "inquiry": "询盘",
}
VERBS: Final[Mapping[str, str]] = {
    "read": "查阅",
    "searched": "检索",
    "listed": "查看",
    "seen": "查看",
    "shown": "查看",
    "previewed": "预览",
    "entries": "查看",
    "customers_listed": "查看",
    "expiring": "查看",
    "exported": "导出",
    "denied": "被拒",
    "failed": "失败",
    "made": "提出",
    "sign": "签批",
    "consent": "同意",
    "approve": "批准",
    "release": "放行",
    "decided": "审批",
    "refused": "退回",
    "withdrawn": "撤回",
    "lapsed": "过期",
    "given": "给予",
    "revoked": "撤销",
    "returned": "归还",
    "recorded": "登记",
    "filed": "归档",
    "attached": "存入材料",
    "destroyed": "销毁",
    "reclassified": "变更",
    "reclassification_requested": "申请变更",
    "reclassification_refused": "变更未准",
    "reclassification_withdrawn": "撤回变更",
    "reclassifications_listed": "查看变更",
    "requested": "申请",
    "set": "设置",
    "lifted": "解除",
    "extended": "延长",
    "reported": "提出",
    "dismissed": "关闭",
    "closed": "关账",
    "departed": "离职",
    "nothing": "声明无可归档",
    "reviewed": "复核",
    "introduced": "说明",
}
REASONS: Final[Mapping[str, str]] = {
    "no_grant": "没有有效授权",
    "no_copy_right": "无权复制或导出",
    "role": "岗位无权",
    "not_own": "不属于本人或本部门",
    "left_the_company": "已离职",
    "stale_grants": "暂时无法核对授权",
    "used_up": "限次授权已用完",
    "reading_room_only": "只限阅览室",
    "never_consulted": "绝密不得查阅",
    "no_such_file": "没有这份档案",
    "may_not_know_of_it": "不应知其存在",
    "no_such_person": "没有此人",
    "unknown_person": "没有此人",
    "unknown_file": "没有这份档案",
    "unknown_record": "没有这份档案",
    "unknown_request": "没有这份申请",
    "unknown_grant": "没有这项授权",
    "no_manager": "未登记上级",
    "own_request": "本人的申请",
    "own_record": "本人的岗位",
    "own_conduct": "本人的行为",
    "own_wage": "本人的工资",
    "own_fine": "本人的罚款",
    "not_lent": "原件不外借",
    "decided_before": "已办结",
    "revoked_before": "已撤销",
    "ended_before": "申请已结束",
    "nothing_changes": "无可更改",
    "ended_before_it_began": "时间不对",
    "not_delegating": "无权委托",
    "no_delegate": "不能委托给此人",
    "not_your_step": "这一步不由其决定",
    "not_your_decision": "这一步不由其决定",
    "destroyed": "档案已销毁",
}
ROUTE: Final = re.compile(r"(?:(?P<method>[A-Z]+) )?/(?P<subject>[a-z-]+)(?:/.*)?")


def act_in_words(act: str) -> Text:
    """`request.approve.refused`, or the route that refused before any use case was asked."""
    if route := ROUTE.fullmatch(act):
        verb = {"GET": "查看", None: "访问"}.get(route["method"], "办理")
        return Text(zh=f"{verb}{SUBJECTS.get(route['subject'], route['subject'])}", en=act)
    subject, *verbs = act.split(".")
    told = "".join(VERBS.get(verb, f" {verb}") for verb in verbs)
    return Text(zh=f"{SUBJECTS.get(subject, subject)}{told}", en=re.sub(r"[._]", " ", act))


def reason_in_words(reason: str | None) -> Text:
    """A code of a refusal; what a person wrote stays as it was written."""
    told = reason or ""
    return Text(zh=REASONS.get(told, told), en=re.sub("_", " ", told) if told in REASONS else told)
