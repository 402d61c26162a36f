"""The command line speaks both languages, and fails in words and with an honest exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

import deploy.cli
from deploy.cli.app import build
from deploy.cli.client import StackClient, problem
from deploy.cli.contents import CONTENTS
from deploy.cli.doctor import how_to_tell_reps
from deploy.cli.lazy import load
from deploy.cli.names import CLASS_NAMES, LEVEL_NAMES, LEVELS
from deploy.cli.options import BETWEEN, localise
from deploy.cli.output import spoken_language
from deploy.failure import ExitCode, Failure
from deploy.local.layout import Layout
from deploy.local.state import ServiceState, StackState
from shared.identity import JWKS_FILE, TokenVerifier, generate_keypair
from shared.roles import Role
from shared.words import Language

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CLI = Path(deploy.cli.__file__).parent
ROOT = CLI.parents[1]
# Of what the command's parts are made; none is of use to a command that asks a service.
HEAVY = ("aiokafka", "asyncpg", "deploy.cli.demo", "fastapi", "numpy", "pydantic", "xlsxwriter", "yaml")


def whole() -> Any:
    """The command with every branch loaded."""
    command: Any = get_command(build())
    command.commands.update({name: load(name) for name in CONTENTS})
    return command


def helps(command: Any) -> Iterator[str]:
    """Every help text of a command tree."""
    for holder in (command, *(p for p in command.params if p.name != "help")):
        if text := getattr(holder, "help", None):
            yield text
    for child in getattr(command, "commands", {}).values():
        yield from helps(child)


def commands(command: Any) -> Iterator[Any]:
    """Every command that does something."""
    children = getattr(command, "commands", None)
    if children is None:
        yield command
    for child in (children or {}).values():
        yield from commands(child)


def tierline(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3]), "LANG": "C.UTF-8", **variables},
    )


def test_every_help_text_is_in_both_languages() -> None:
    """A text that was written in one language only fails here."""
    texts = list(helps(whole()))
    assert len(texts) > 30
    for text in texts:
        en, between, zh = text.partition(BETWEEN)
        assert between, text
        assert not CHINESE.search(en), text
        assert CHINESE.search(zh), text


def test_the_table_has_every_command() -> None:
    """What a module registers stands in the table beside its name, and nothing else does."""
    registered = set()
    for file in CLI.glob("[!_]*.py"):
        module = import_module(f"deploy.cli.{file.stem}")
        if hasattr(module, "register"):
            registry = typer.Typer()
            module.register(registry)
            added: list[Any] = [*registry.registered_commands, *registry.registered_groups]
            registered |= {(file.stem, each.name) for each in added}
    assert registered == {(chapter.module, name) for name, chapter in CONTENTS.items()}


@pytest.mark.parametrize("language", list(Language))
def test_the_first_page_lists_every_command(language: Language) -> None:
    """Without loading one of them."""
    page = tierline("--help", "--lang", language.value).stdout
    listed = re.findall(r"^  ([a-z-]+)  ", page.partition("Commands:")[2], re.MULTILINE)
    assert listed == list(CONTENTS)
    assert bool(CHINESE.search(page)) == (language is Language.ZH)
    assert "reminders" in tierline("remindrs").stderr, "a misspelt one is suggested"


@pytest.mark.parametrize("called", [["--help"], ["status"], ["fines", "list"]], ids="-".join)
def test_a_command_loads_what_it_needs(called: list[str], tmp_path: Path) -> None:
    """`status` waits neither for the demo's parts nor for a spreadsheet's."""
    program = f"import sys; sys.argv = {['tierline', *called]}; import deploy.cli as c\ntry: c.main()\n"
    program += "except SystemExit: print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=CLI.parents[1],
        env={"PATH": "/usr/bin:/bin", "TIERLINE_DATA": str(tmp_path), "LANG": "C.UTF-8"},
    )  # fmt: skip
    loaded = set(run.stdout.splitlines()[-1].split())
    assert not loaded.intersection(HEAVY)
    assert "deploy.cli.lazy" in loaded


@pytest.mark.parametrize("language", list(Language))
def test_help_is_shown_in_one_language(language: Language) -> None:
    """The other half is gone."""
    command = whole()
    localise(command, language)
    for text in helps(command):
        assert BETWEEN not in text
        assert bool(CHINESE.search(text)) == (language is Language.ZH), text


def test_every_command_answers_in_json_and_two_languages() -> None:
    """Programs and people of both languages can use each."""
    for command in commands(whole()):
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--lang"} <= options, command.name


def test_every_level_has_a_name_in_both_languages() -> None:
    """K1, K2, K3."""
    assert set(CLASS_NAMES) == set(LEVELS)
    assert set(LEVEL_NAMES) == {(name, level) for name, levels in LEVELS.items() for level in levels}


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["--lang", "zh", "status"], "zh"),
        (["status", "--lang=en"], "en"),
        (["status", "--lang", "fr"], None),
        (["status", "--lang"], None),
        (["status"], None),
    ],
)
def test_language_is_known_before_the_command_is_understood(arguments: list[str], language: str | None) -> None:
    """A mistyped command is told in the user's language too."""
    assert spoken_language(arguments) == language


def test_no_stack_is_told_with_what_to_do_next(tmp_path: Path) -> None:
    """On standard error, in the user's language, with exit code 3."""
    done = tierline("status", "--data", str(tmp_path), "--lang", "zh")
    assert done.returncode == ExitCode.UNREACHABLE
    assert "没有系统在运行" in done.stderr
    assert "tierline up" in done.stderr
    assert not done.stdout


def test_failure_in_json_is_an_object(tmp_path: Path) -> None:
    """A program that asked for JSON gets JSON."""
    done = tierline("tiers", "C-1", "--json", "--data", str(tmp_path))
    assert done.returncode == ExitCode.UNREACHABLE
    assert json.loads(done.stdout)["error"]["next"]


def test_ctrl_c_while_the_command_is_loaded_ends_it_in_silence() -> None:
    """Half a second is enough to think better of it; nobody reads a traceback of an import."""
    interrupted = """
import sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupt())
from deploy.cli import main
main(["status"])
"""
    done = subprocess.run([sys.executable, "-c", interrupted], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_an_id_that_is_too_long_for_an_address_is_said_to_be(tmp_path: Path) -> None:
    """It is refused before it is sent, with no traceback."""
    layout = Layout(tmp_path)
    layout.keys.mkdir()
    generate_keypair(layout.keys)
    state = StackState(None, "", "", None, {}, {"archive": ServiceState("http://127.0.0.1:9", None)})
    with StackClient(layout, Role.GM, state) as client, pytest.raises(Failure) as failed:
        client.get("archive", "/records/" + "x" * 100_000)
    assert failed.value.code == ExitCode.USAGE


def test_wrong_use_ends_with_two() -> None:
    """As everywhere."""
    assert tierline("tiers", "--class", "golden").returncode == ExitCode.USAGE
    assert tierline("tiers", "--as-of", "2026-03-02").returncode == ExitCode.USAGE
    assert tierline("levels", "--every", "year").returncode == ExitCode.USAGE
    assert tierline("bogus").returncode == ExitCode.USAGE


def test_policy_check_names_the_line(tmp_path: Path) -> None:
    """And ends with 1; the shipped policy, printed and checked, ends with 0."""
    shown = tierline("policy", "show")
    good = tmp_path / "policy.yaml"
    good.write_text(shown.stdout, "utf-8")
    assert tierline("policy", "check", str(good)).returncode == ExitCode.OK
    bad = tmp_path / "bad.yaml"
    bad.write_text(re.sub(r"key_share: .*", "key_share: 7", shown.stdout), "utf-8")
    line = shown.stdout[: shown.stdout.index("key_share:")].count("\n") + 1
    done = tierline("policy", "check", str(bad), "--json")
    assert done.returncode == ExitCode.NOT_SO
    assert [found["line"] for found in json.loads(done.stdout)["problems"]] == [line]


def test_token_is_believed_by_who_holds_the_public_key(tmp_path: Path) -> None:
    """`$(tierline token …)` is a token and nothing else."""
    (tmp_path / "keys").mkdir()
    generate_keypair(tmp_path / "keys")
    done = tierline("token", "--sub", "li", "--role", "rep", "--department", "export", "--data", str(tmp_path))
    verifier = TokenVerifier(json.loads((tmp_path / "keys" / JWKS_FILE).read_text("utf-8")))
    principal = verifier.verify(done.stdout.rstrip("\n"))
    assert (principal.person, principal.role, principal.department) == ("li", "rep", "export")


def test_token_is_not_signed_with_a_key_that_others_may_read(tmp_path: Path) -> None:
    """Whoever reads the key can be anybody."""
    (tmp_path / "keys").mkdir()
    generate_keypair(tmp_path / "keys").chmod(0o644)
    done = tierline("token", "--sub", "li", "--role", "rep", "--data", str(tmp_path))
    assert done.returncode == ExitCode.UNREACHABLE
    assert "chmod 600" in done.stderr


@pytest.mark.parametrize(
    "typed",
    [
        ("tiers", "--limit", "0"), ("policy", "rollback", "1"), ("nothing",), ("levels", "--until", "2026-01-01"),
        ("levels", "--as-of", "2026-01-01", "--from", "2026-01-01"),
    ],
)  # fmt: skip
def test_a_program_is_told_of_a_wrong_use_in_json(typed: tuple[str, ...]) -> None:
    """What the command's library refuses too: one object on standard output, and exit code 2."""
    found = tierline(*typed, "--json")
    assert found.returncode == ExitCode.USAGE
    assert set(json.loads(found.stdout)["error"]) == {"what", "next", "detail"}
    assert tierline("tiers", "--json", "--help").returncode == ExitCode.OK


def test_a_refused_request_says_what_is_wrong_with_which_field() -> None:
    """The service's list of faults is not swallowed."""
    told = {"detail": "not as it should be: query.quantity", "errors": [{"path": "query.quantity", "message": "big"}]}
    assert problem("scoring", 422, told).detail == "query.quantity: big"


def test_who_reports_conduct_can_be_named() -> None:
    """N7, N9: a report is somebody's word, and nobody reports themselves; both take a name."""
    (report,) = (each for each in commands(load("conduct")))
    assert {"--as", "--role"} <= {option for param in report.params for option in param.opts}


def test_what_is_wrong_with_a_field_is_told_in_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chinese users are not told of fields in English, unless the service knows no better."""
    monkeypatch.setenv("TIERLINE_LANG", "zh")
    error = {"path": "body.why", "message": "String should have at least 1 character"}
    assert problem("archive", 422, {"errors": [error | {"message_zh": "不能为空"}]}).detail == "body.why：不能为空"
    assert problem("archive", 422, {"errors": [error]}).detail == f"body.why: {error['message']}"


def test_problem_is_told_in_the_services_own_words() -> None:
    """A 4xx is an answer, a 5xx is none."""
    told = {"title": "Not found", "detail": "there is no customer C-9", "detail_zh": "没有客户 C-9"}
    missing = problem("customers", 404, told)
    assert (missing.what.en, missing.what.zh) == ("there is no customer C-9", "没有客户 C-9")
    assert missing.code == ExitCode.NOT_SO
    assert problem("customers", 500, ["what?"]).code == ExitCode.UNREACHABLE


@pytest.mark.parametrize(
    ("supervisor", "file", "again"),
    [(None, "secrets/channels.yaml", "docker compose restart followup"), (7, "channels.yaml", "tierline up")],
    ids=["compose", "local"],
)
def test_the_channels_file_is_looked_for_where_it_is(
    tmp_path: Path, supervisor: int | None, file: str, again: str
) -> None:
    """In Compose the command's own folder is gone with its container: nobody can write anything there."""
    advice = how_to_tell_reps(Layout(tmp_path), StackState(supervisor, "k:1", "p:1", None, {}))
    for words in (advice.en, advice.zh):
        assert file in words
        assert again in words
        assert (str(tmp_path) in words) == (supervisor is not None)
