"""What a policy would do, as people read it."""

from __future__ import annotations

from typing import Any

from deploy.cli.names import names_of
from deploy.cli.output import Output
from shared.words import Text

MOST_REPS = 20


def show_preview(found: dict[str, Any], output: Output) -> None:
    """Who would move, what that asks of the reps, what the next day would do, and why it may not be."""
    day, version = found["day"], found["version"]
    output.say(
        Text(
            en=f"Under {version} instead of {found['in_force']}, {found['changing']} of {found['customers']} customers "
            f"would have another level on {day}.",
            zh=f"以 {version} 取代 {found['in_force']}，{day} 当日 {found['customers']} 个客户中"
            f"有 {found['changing']} 个级别会变。",
        ),
        style="bold",
    )
    show_moves(found["moves"], output)
    if found["first"]:
        output.table(
            (Text(en="customer", zh="客户"), Text(en="rep", zh="业务员"), FROM, TO),
            (
                (each["customer_id"], each["rep"], named(each["from"], output), named(each["to"], output))
                for each in found["first"]
            ),
            title=Text(en=f"The first {len(found['first'])} of them", zh=f"其中前 {len(found['first'])} 个"),
        )
    show_months(found, output)
    tomorrow = found["next_day"]
    moving = sum(move["customers"] for move in tomorrow["moves"])
    output.say(
        Text(
            en=f"If nobody orders, {tomorrow['day']} then moves {moving}.",
            zh=f"若无新订单，到 {tomorrow['day']} 又有 {moving} 个客户因时间推移变级。",
        )
    )
    show_moves(tomorrow["moves"], output)
    for what in found["unforeseen"]:
        output.say(Text(en=f"Not foreseen: {what['en']}", zh=f"无法预见：{what['zh']}"), style="yellow")
    for why in found["refused"]:
        output.say(Text(en=f"It cannot be activated: {why['en']}", zh=f"不能启用：{why['zh']}"), style="bold red")


FROM, TO = Text(en="from", zh="原级别"), Text(en="to", zh="新级别")


def show_moves(moves: list[dict[str, Any]], output: Output) -> None:
    if moves:
        output.table(
            (FROM, TO, Text(en="customers", zh="客户数")),
            ((named(move["from"], output), named(move["to"], output), move["customers"]) for move in moves),
            right=1,
        )


def show_months(found: dict[str, Any], output: Output) -> None:
    """Reminders and minutes a month, in all and by rep, where they differ."""
    rows = [
        (each["rep"], each["customers"], *month(each))
        for each in found["reps"]
        if each["now"] != each["then"]
    ]  # fmt: skip
    total = (output.of(Text(en="all", zh="合计")), found["customers"], *month(found))
    output.table(
        (
            Text(en="rep", zh="业务员"), Text(en="customers", zh="客户数"),
            Text(en="reminders a month", zh="每月提醒"), Text(en="change", zh="增减"),
            Text(en="minutes a month", zh="每月分钟"), Text(en="change", zh="增减"),
        ),
        [total, *rows[:MOST_REPS]],
        right=5,
    )  # fmt: skip
    if len(rows) > MOST_REPS:
        output.say(
            Text(
                en=f"{len(rows) - MOST_REPS} more reps with smaller changes: --json shows all.",
                zh=f"另有 {len(rows) - MOST_REPS} 名业务员变化较小：--json 可见全部。",
            )
        )


def month(each: dict[str, Any]) -> tuple[str, str, str, str]:
    """Reminders and what is added, minutes and what is added."""
    now, then = each["now"], each["then"]
    added = {name: then[name] - now[name] for name in ("reminders", "minutes")}
    return (
        f"{then['reminders']:,.0f}",
        f"{added['reminders']:+,.0f}",
        f"{then['minutes']:,.0f}",
        f"{added['minutes']:+,.0f}",
    )


def named(tier: dict[str, Any], output: Output) -> str:
    """Class and level in the user's language."""
    return " · ".join(output.of(name) for name in names_of(tier))
