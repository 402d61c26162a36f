"""A stack with robots: from a sample's order to the group chat, as the operator and the rep see it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime

import pytest

from shared.policy import default_text
from tests.backends import Backend
from tests.backends.publishing import publish
from tests.backends.stack import LocalStack, eventually
from tests.integration.followup.providers import KEY, SECRET, Kind, Providers, Reply

pytestmark = [pytest.mark.backend, pytest.mark.slow, pytest.mark.timeout(240)]

MONDAY = date(2026, 3, 2)
# Saturday in whichever zone it is noon now.
NOON_OF_SATURDAY = "2026-02-28T11:30:00+00:00"


@pytest.fixture(scope="module")
async def providers() -> AsyncIterator[Providers]:
    providers = Providers()
    await providers.start()
    yield providers
    await providers.stop()


@pytest.fixture(scope="module")
def stack(backend: Backend, providers: Providers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack on a Monday at noon, whenever the test runs, with a channels file in its data folder."""
    if backend.name == "given":
        pytest.skip("given servers are not the tests' to kill")
    folder = tmp_path_factory.mktemp("stack")
    policy = folder / "policy.yaml"
    policy.write_text(at_noon(default_text()), "utf-8")
    with ExitStack() as running:
        broker, database_server = backend.broker(folder / "broker"), backend.scratch_server(folder / "postgres")
        for server in (broker, database_server):
            running.callback(server.stop)
            server.start()
        stack = LocalStack(folder, broker, database_server, environment={"TIERLINE_POLICY_FILE": str(policy)})
        channels = stack.layout.channels
        channels.parent.mkdir(parents=True)
        channels.write_text(channels_file(providers), "utf-8")
        channels.chmod(0o600)
        running.callback(stack.stop)
        stack.start(MONDAY)
        yield stack


def at_noon(policy: str) -> str:
    """The policy of a company where it is noon now; POSIX writes zones east of Greenwich with a minus."""
    east = (12 - datetime.now(UTC).hour + 11) % 24 - 11
    zone = f"Etc/GMT{-east:+d}" if east else "Etc/GMT"
    assert "time_zone: Asia/Shanghai" in policy
    policy = policy.replace("time_zone: Asia/Shanghai", f"time_zone: {zone}")
    return policy.replace("spread_minutes: 5", "spread_minutes: 0")


def channels_file(providers: Providers) -> str:
    kinds: tuple[Kind, ...] = ("wecom", "dingtalk", "feishu")
    channels = {kind: {"kind": kind, "url": providers.url(kind), "secret": SECRET} for kind in kinds}
    # JSON is YAML.
    return json.dumps({"everyone": ["dingtalk"], "channels": channels})


async def test_every_robot_can_be_tried_from_the_command(stack: LocalStack, providers: Providers) -> None:
    """The provider's own words come back, and an honest exit code."""
    for kind in ("wecom", "dingtalk", "feishu"):
        told = await stack.command("notify", "test", kind)
        assert (told["outcome"], told["code"]) == ("sent", "0"), told
    providers.answers(Reply({"errcode": 93000, "errmsg": f"invalid webhook url {KEY}"}))
    with pytest.raises(subprocess.CalledProcessError) as refused:
        await stack.command("notify", "test", "wecom")
    told = json.loads(refused.value.output)
    assert (told["outcome"], told["said"]) == ("refused", "invalid webhook url ***")
    status = await stack.command("notify", "status")
    assert {channel["channel"] for channel in status["channels"]} == {"wecom", "dingtalk", "feishu"}
    [finding] = [one for one in (await stack.command("doctor"))["findings"] if one["about"] == "messages"]
    assert finding["verdict"] == "good"


async def test_a_sample_ordered_is_a_message_in_the_reps_own_robot(stack: LocalStack, providers: Providers) -> None:
    """F2: a sample customer's daily contact → the rep's digest in English, signed, over the robot of their choice."""
    choice = ("--in", "en", "--channel", "feishu", "--mention", "feishu=ou_1")
    chosen = await stack.command("preferences", "set", "ann", *choice)
    assert chosen["reached_by"] == ["feishu"]
    await tell(stack, "activities.v1", "customer.registered", "2026-02-27T10:00:00+08:00", rep="ann")
    await tell(stack, "orders.v1", "sample.ordered", NOON_OF_SATURDAY, sample_id="S-1")

    async def arrived() -> bool:
        return any("C-7" in request.text for request in providers.taken)

    await eventually(arrived, "the digest", 60)
    [digest] = [request for request in providers.taken if "C-7" in request.text]
    assert digest.kind == "feishu"
    assert "ann · Today's contacts · Monday, 2 March" in digest.text
    assert "sample ordered 2 days ago" in digest.text
    assert "What to say: Confirm the sample's specification" in digest.text
    assert '<at id="ou_1">' in digest.text
    [delivery] = await stack.command("deliveries", "--person", "ann")
    assert (delivery["channel"], delivery["outcome"], delivery["state"]) == ("feishu", "sent", "sent")
    [page] = (await stack.command("notify", "preview", "wecom", "--person", "ann"))["pages"]
    assert "C-7" in page["body"]


async def test_no_log_of_the_stack_holds_a_secret(stack: LocalStack) -> None:
    """Neither the services' logs nor what the stack keeps for other commands."""
    for path in (*stack.layout.logs.iterdir(), stack.layout.state):
        text = path.read_text("utf-8", errors="replace")
        assert KEY not in text
        assert SECRET not in text


async def tell(stack: LocalStack, topic: str, kind: str, at: str, **data: str) -> None:
    """Publish one event of the customer, as other systems do."""
    moment = {"customer.registered": "registered_at", "sample.ordered": "ordered_at"}[kind]
    event = {
        "specversion": "1.0",
        "id": kind,
        "source": "/test",
        "type": kind,
        "time": at,
        "data": {"customer_id": "C-7", moment: at, **data},
    }
    await publish(stack.broker.bootstrap, topic, [(b"C-7", json.dumps(event).encode())])
