"""`tierline doctor`: what could keep a stack from running here, and what ails the one that runs."""

from __future__ import annotations

import os
import platform
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from deploy.backup.keys import read_recipients
from deploy.backup.stack import recipients_file
from deploy.cli.client import StackClient
from deploy.cli.notify import NO_CHANNELS
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, layout_of
from deploy.cli.output import Output
from deploy.cli.status import ServiceStatus, collect, condition
from deploy.failure import ExitCode, Failure
from deploy.local.broker import installed
from deploy.local.layout import Layout, is_running
from deploy.local.placement import unprivileged, usable_programs
from deploy.local.settings import StackSettings
from deploy.local.state import StackState, read_state
from shared.environment import SettingsError
from shared.identity import KEY_FILE
from shared.policy import PolicyError, load_policy
from shared.roles import Role
from shared.settings import load_settings
from shared.words import Text

Verdict = Literal["good", "note", "bad"]
# The embedded PostgreSQL alone reserves half of this for its log before it recycles.
LEAST_FREE_BYTES = 2_000_000_000
NO_BACKUP_KEY = Text(en="nothing is backed up: there is no key for it", zh="尚未设置备份密钥，系统没有备份")
HOW_TO_PROVE = Text(
    en="`tierline audit verify` names the first bad entry, if there is one; `tierline tasks` says what to do.",
    zh="`tierline audit verify` 指出首个问题条目（如有）；处理办法见 `tierline tasks`。",
)
HOW_TO_BACK_UP = Text(
    en="`tierline backup key FILE`, and keep FILE on another machine.",
    zh="运行 `tierline backup key 文件`，并将该文件存放到其他机器。",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `advice` where it is not good."""

    about: Text
    verdict: Verdict
    what: Text
    advice: Text | None = None


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    layout = layout_of(data)
    # Where containers run the stack, the machine that this runs on is one of them.
    contained = is_running(layout) and read_state(layout).supervisor is None
    findings = [*(() if contained else look_at_machine(layout)), *look_at_stack(layout)]
    said = [
        {
            "about": output.of(finding.about),
            "verdict": finding.verdict,
            "what": output.of(finding.what),
            "advice": None if finding.advice is None else output.of(finding.advice),
        }
        for finding in findings
    ]
    well = all(finding.verdict != "bad" for finding in findings)

    def show() -> None:
        for finding in findings:
            tell(output, finding)

    output.result({"well": well, "findings": said}, show)
    if not well:
        raise typer.Exit(ExitCode.NOT_SO)


def tell(output: Output, finding: Finding) -> None:
    """A finding in a line, and what to do about it in the next."""
    mark, style = {"good": ("✓", "green"), "note": ("•", "yellow"), "bad": ("✗", "bold red")}[finding.verdict]
    output.say(
        Text(
            en=f"{mark} {finding.about.en}: {finding.what.en}",
            zh=f"{mark} {finding.about.zh}：{finding.what.zh}",
        ),
        style,
    )
    if finding.advice is not None:
        output.say(Text(en=f"  → {finding.advice.en}", zh=f"  → {finding.advice.zh}"))


def look_at_machine(layout: Layout) -> Iterator[Finding]:
    """What a stack needs of this machine."""
    version = f"{platform.python_version()} · {platform.system()} {platform.machine()}"
    yield Finding(Text(en="Python", zh="Python"), "good", Text(en=version, zh=version))
    yield part(Text(en="embedded PostgreSQL", zh="内嵌 PostgreSQL"), lambda: str(usable_programs(unprivileged())))
    yield part(Text(en="embedded broker", zh="内嵌消息代理"), lambda: str(installed()))
    yield look_at_folder(layout.root)
    yield look_at_policy()
    yield from look_at_key(layout.keys / KEY_FILE)


def part(about: Text, find: Callable[[], str]) -> Finding:
    """A part that comes as a wheel; without it a server of one's own can be named."""
    try:
        where = find()
    except Failure as failure:
        return Finding(about, "note", failure.what, failure.next_step)
    return Finding(about, "good", Text(en=where, zh=where))


def look_at_folder(folder: Path) -> Finding:
    """Room, and the right to write, where the data is or would be."""
    about = Text(en="data folder", zh="数据目录")
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        return Finding(
            about,
            "bad",
            Text(en=f"{existing} cannot be written", zh=f"{existing} 不可写"),
            Text(en="Name another one with --data.", zh="用 --data 另选目录。"),
        )
    free = shutil.disk_usage(existing).free
    gigabytes = f"{free / 1e9:.1f} GB"
    if free < LEAST_FREE_BYTES:
        return Finding(
            about,
            "bad",
            Text(en=f"only {gigabytes} free at {existing}", zh=f"{existing} 仅剩 {gigabytes}"),
            Text(en="Make room, or name another one with --data.", zh="请清理磁盘，或用 --data 另选目录。"),
        )
    return Finding(about, "good", Text(en=f"{folder}, {gigabytes} free", zh=f"{folder}，剩余 {gigabytes}"))


def look_at_policy() -> Finding:
    """The policy that services here would take."""
    about = Text(en="policy", zh="业务政策")
    try:
        file = load_settings(StackSettings).policy_file
        version = load_policy(file).version
    except (PolicyError, SettingsError) as error:
        return Finding(
            about,
            "bad",
            Text(en=str(error), zh=str(error)),
            Text(en="See `tierline policy check FILE`.", zh="请看 `tierline policy check 文件`。"),
        )
    where = file or "default.yaml"
    return Finding(about, "good", Text(en=f"{where}, version {version}", zh=f"{where}，版本 {version}"))


def look_at_key(key: Path) -> Iterator[Finding]:
    """Whoever reads the signing key can be anybody."""
    if not key.exists():
        return
    about = Text(en="signing key", zh="签名密钥")
    mode = stat.S_IMODE(key.stat().st_mode)
    if mode & 0o077:
        what = Text(en=f"{key} can be read by others", zh=f"{key} 可被他人读取")
        yield Finding(about, "bad", what, Text(en=f"chmod 600 {key}", zh=f"chmod 600 {key}"))
    else:
        yield Finding(about, "good", Text(en=str(key), zh=str(key)))


def look_at_stack(layout: Layout) -> Iterator[Finding]:
    """How the stack that runs on this folder fares."""
    about = Text(en="stack", zh="系统")
    if not is_running(layout):
        yield Finding(
            about,
            "note",
            Text(en=f"none is running on {layout.root}", zh=f"{layout.root} 上没有系统在运行"),
            Text(en="Start it with `tierline up`.", zh="用 `tierline up` 启动。"),
        )
        return
    try:
        found = collect(layout)
    except Failure as failure:
        yield Finding(about, "bad", failure.what, failure.next_step)
        return
    for service in found.services:
        yield look_at_service(service, found.stack, layout)
    yield from look_at_alarms(layout)
    yield from look_at_policy_in_force(layout)
    yield from look_at_messages(layout)
    yield from look_at_backups(layout)


def look_at_alarms(layout: Layout) -> Iterator[Finding]:
    """What is wrong with the proof of the audit although everything runs."""
    try:
        with StackClient(layout, Role.OPS) as client:
            alarms = client.get("archive", "/readyz")["alarms"]
    except Failure:
        # That archive is not ready is said above.
        return
    for alarm in alarms:
        what = Text(en=f"an alarm stands: {alarm}", zh=f"告警：{alarm}")
        yield Finding(Text(en="proof of the audit", zh="审计证明"), "bad", what, HOW_TO_PROVE)


def look_at_policy_in_force(layout: Layout) -> Iterator[Finding]:
    """Whether the file that somebody may believe in is what decides."""
    about = Text(en="policy in force", zh="现行政策")
    try:
        given = load_policy(load_settings(StackSettings).policy_file)
        with StackClient(layout, Role.GM) as client:
            decides = client.get("scoring", "/policy")
    except (PolicyError, SettingsError, Failure):
        # Each is said where it belongs.
        return
    version = decides["version"]
    if decides["digest"] == given.digest:
        yield Finding(about, "good", Text(en=version, zh=version))
        return
    yield Finding(
        about,
        "note",
        Text(
            en=f"{version}, activated by {decides['author']}; the file of version {given.version} is set aside",
            zh=f"{version}，由 {decides['author']} 启用；版本为 {given.version} 的文件未被采用",
        ),
        Text(
            en="If the file is to decide: `tierline policy preview FILE`, then `tierline policy activate FILE`.",
            zh="如需采用该文件：先 `tierline policy preview 文件`，再 `tierline policy activate 文件`。",
        ),
    )


def look_at_messages(layout: Layout) -> Iterator[Finding]:
    """Whether reps are told of their reminders where they are."""
    about = Text(en="messages", zh="消息推送")
    try:
        with StackClient(layout, Role.OPS) as client:
            told = client.get("followup", "/messages/status")
    except Failure:
        # That followup does not answer is said above.
        return
    if not told["channels"]:
        yield Finding(about, "note", NO_CHANNELS, how_to_tell_reps(layout, read_state(layout)))
    elif told["dead"]:
        dead = told["dead"]
        yield Finding(
            about,
            "bad",
            Text(en=f"{dead} messages reached nobody", zh=f"有 {dead} 条消息未能送达"),
            Text(
                en=f"See `tierline deliveries --message {told['last_dead']}`.",
                zh=f"请看 `tierline deliveries --message {told['last_dead']}`。",
            ),
        )
    else:
        channels, queued = len(told["channels"]), told["queued"]
        what = Text(en=f"{channels} channels, {queued} waiting", zh=f"{channels} 个渠道，{queued} 条待发")
        yield Finding(about, "good", what)


def look_at_backups(layout: Layout) -> Iterator[Finding]:
    """Whether somebody could bring all this back (A8)."""
    about = Text(en="backups", zh="备份")
    try:
        if not read_recipients(recipients_file(layout)):
            yield Finding(about, "note", NO_BACKUP_KEY, HOW_TO_BACK_UP)
            return
        with StackClient(layout, Role.OPS) as client:
            planned, made = client.get("archive", "/backups/due"), client.get("archive", "/backups")
    except Failure as failure:
        yield Finding(about, "note", failure.what, failure.next_step)
        return
    sound = next((each for each in made if each["sound"]), None)
    if sound is not None and not planned["overdue"]:
        what = Text(en=f"{sound['backup']} came back whole", zh=f"{sound['backup']} 已验证可恢复")
        yield Finding(about, "good", what)
        return
    yield Finding(
        about,
        "bad" if planned["overdue"] else "note",
        Text(en=f"none since {planned['since']} that came back", zh=f"自 {planned['since']} 起没有可恢复的备份"),
        Text(en="Run `tierline backup make`.", zh="请运行 `tierline backup make`。"),
    )


def how_to_tell_reps(layout: Layout, stack: StackState) -> Text:
    """Where the channels file is, and how followup comes to read it."""
    contained = stack.supervisor is None
    file = "secrets/channels.yaml" if contained else str(layout.channels)
    again = "docker compose restart followup" if contained else "tierline up"
    return Text(
        en=f"To tell reps in their app or by mail, write {file} and start anew: `{again}`.",
        zh=f"如需推送到企业微信、钉钉、飞书或邮箱，请编写 {file} 后重启：`{again}`。",
    )


def look_at_service(service: ServiceStatus, stack: StackState, layout: Layout) -> Finding:
    """One service: ready or not, halted partitions, dead letters."""
    about, state = Text(en=service.name, zh=service.name), condition(service, stack)
    if not service.ready or service.halted:
        contained = stack.supervisor is None
        log = f"docker compose logs {service.name}" if contained else str(layout.logs / f"{service.name}.log")
        return Finding(about, "bad", state, Text(en=f"Its log: {log}", zh=f"日志：{log}"))
    if service.dead_letters:
        count = service.dead_letters
        return Finding(
            about,
            "note",
            Text(en=f"ready, {count} dead letters", zh=f"就绪，有 {count} 条死信"),
            Text(en="See `tierline dlq list`.", zh="请看 `tierline dlq list`。"),
        )
    return Finding(about, "good", state)
