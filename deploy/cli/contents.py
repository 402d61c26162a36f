"""The table of contents: every command, the module that it is in, and what it is for."""

from __future__ import annotations

from typing import NamedTuple


class Chapter(NamedTuple):
    """A module of this package, whose `register` adds the command, and the command's help."""

    module: str
    en: str
    zh: str


# In the order in which `tierline --help` lists them.
CONTENTS = {
    "up": Chapter(
        "up", "Run the whole system here until Ctrl-C; data stays.", "在本机运行整套系统，按 Ctrl-C 结束；数据会保留。"
    ),
    "status": Chapter("status", "Where everything is and how it fares.", "各部分的地址与运行状况。"),
    "demo": Chapter("demo", "Show the whole system on real orders, and check it.", "用真实订单演示并核对整套系统。"),
    "tiers": Chapter("tiers", "Customers by level; one customer and why.", "查看客户分级及原因。"),
    "levels": Chapter("levels", "How many customers each level has, or had.", "各级客户数量，现在或过去。"),
    "falls": Chapter("levels", "Who will lose a level, and what keeps it.", "即将降级的客户及保级办法。"),
    "lapse": Chapter("levels", "Why a customer lapsed.", "某位客户沉没的原因。"),
    "reminders": Chapter("reminders", "Whom to contact, and why.", "该联系谁，为什么。"),
    "reassignments": Chapter("reassignments", "Customers to be given to somebody else.", "待改派的客户。"),
    "calendar": Chapter("calendar", "Working days, and why others are not.", "工作日历：上班、放假与调休。"),
    "deliveries": Chapter("deliveries", "What became of messages.", "查看消息的送达情况。"),
    "day": Chapter("desk", "A rep's day: the list, and what is overdue.", "某天的清单与逾期。"),
    "week": Chapter("desk", "A rep's week, day by day.", "一周概览，逐日列出。"),
    "overdue": Chapter("desk", "What is late, in working days.", "逾期提醒，按工作日计。"),
    "statistics": Chapter("desk", "Planned, done, late, minutes.", "计划、完成、逾期与用时统计。"),
    "allocate": Chapter(
        "allocate", "Share out a resource by score, each share with its reason.", "按评分分配资源并说明理由。"
    ),
    "gaps": Chapter("allocate", "What is missing to judge customers.", "客户资料的缺口清单。"),
    "potential": Chapter("potential", "A potential customer's level and its evidence.", "潜力客户的级别与依据。"),
    "catalogue": Chapter("potential", "Import the product catalogue, whole.", "导入产品目录（整体替换）。"),
    "customs": Chapter("potential", "Import customs records.", "导入海关进口记录。"),
    "tasks": Chapter("tasks", "What waits for a person.", "待办事项。"),
    "export": Chapter("records", "Take out a customer's file: .json or .xlsx.", "导出客户档案。"),
    "restore": Chapter(
        "restore",
        "Bring a stopped stack back from a backup; nothing is replaced before all of it has proved whole.",
        "用备份恢复已停止的系统；确认备份完整之前不会替换任何数据。",
    ),
    "token": Chapter("token", "Sign a bearer token with the stack's own key.", "用本系统的密钥签发访问令牌。"),
    "import": Chapter(
        "importing",
        "Publish orders, returns, payments or samples of a CSV or Excel file.",
        "导入 CSV 或 Excel 中的订单、退货、回款或寄样。",
    ),
    "doctor": Chapter("doctor", "What could keep the system from running here.", "检查本机环境与运行中的系统。"),
    "analyse": Chapter(
        "analyses",
        "Composition, loyalty, profit, performance, outlook, affinity, promotion; as a workbook.",
        "构成、忠诚、毛利、业绩、展望、关联、促销分析，可导出工作簿。",
    ),
    "capacity": Chapter("capacity", "How full reps' days are, a month ahead.", "业务员未来一个月的跟进负荷。"),
    "leave": Chapter("leave", "Who is away.", "休假登记。"),
    "conduct": Chapter("conduct", "Conduct of people.", "员工行为。"),
    "leaving": Chapter("leaving", "Departures and hand-overs.", "离职与移交。"),
    "filing": Chapter("filing", "Filing seasons.", "归档期。"),
    "retention": Chapter("retention", "How long records are kept.", "保管期限。"),
    "hold": Chapter("holds", "Legal holds.", "档案冻结。"),
    "destruction": Chapter("destruction", "Destruction of records.", "档案销毁。"),
    "feed": Chapter("feed", "Calendar feeds of reps.", "业务员的日历订阅。"),
    "notify": Chapter("notify", "Messages over robots and mail.", "群机器人与邮件消息。"),
    "preferences": Chapter("preferences", "Who is told where.", "消息接收偏好。"),
    "reminder": Chapter("acts", "Done, put off, left out, handed over.", "处理提醒：完成、推迟、略过、移交。"),
    "plan": Chapter("plans", "Written plans for customers.", "客户跟进方案。"),
    "report": Chapter("reports", "Weekly reports.", "周报。"),
    "product": Chapter("products", "New products for potential customers.", "向潜力客户推荐的新品。"),
    "requests": Chapter("requests", "Requests to consult files.", "档案查阅申请。"),
    "delegations": Chapter("delegations", "Delegations in writing.", "书面委托。"),
    "grants": Chapter("grants", "Grants to consult files.", "查阅授权。"),
    "records": Chapter("records", "Company records.", "公司档案。"),
    "bulk-export": Chapter(
        "bulk_export", "Take out what a search finds, file by file.", "按条件批量导出，逐份核对权限。"
    ),
    "reclassify": Chapter("reclassifying", "A record's rank, department and class.", "变更档案的密级、部门与类别。"),
    "keys": Chapter("keys", "Master keys of attachments.", "档案材料的主密钥。"),
    "stations": Chapter("stations", "Where people work.", "工作地点登记。"),
    "audit": Chapter("audit", "The audit trail.", "审计记录。"),
    "fines": Chapter("fines", "Fines from evidence, and what becomes of them.", "罚款。"),
    "wages": Chapter("wages", "Base wages of the months.", "基本工资。"),
    "statement": Chapter("statement", "The month's statement of fines.", "罚款月度结算单。"),
    "backup": Chapter("backup", "Backups of the whole stack.", "整套系统的备份。"),
    "dlq": Chapter("deadletters", "Dead letters: records that could not be taken.", "死信：无法处理的记录。"),
    "policy": Chapter("policy", "The numbers of the business.", "业务政策（所有参数）。"),
}
