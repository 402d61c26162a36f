"""The operator's way: README's commands on a Docker engine, and what must hold of what they start."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, TopicAuthorizationFailedError
from aiokafka.protocol.admin import CreateAclsRequest

from deploy.containers.access import LOGINS, Operation, Resource, Right, existing_entries, rights, send
from shared.contracts.registry import ORDER_SYSTEM, SERVICES, TOPICS
from shared.engine.kafka import KafkaAddress, Message, OrderedProducer
from tests.backends.model import Unavailable
from tests.backends.stack import eventually
from tests.e2e.composed import ComposedStack, build_image, check_images, documented_commands

pytestmark = pytest.mark.timeout(900)

STEPS = {"migrate", "topics"}
CUSTOMERS, ORDERS_EACH = 20, 10
NO_TOKEN = "-"  # noqa: S105 - what it says


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposedStack]:
    """The stack, made and started by README's first two commands."""
    try:
        check_images()
    except Unavailable as reason:
        pytest.skip(str(reason))
    build_image()
    stack = ComposedStack(tmp_path_factory.mktemp("compose"))
    try:
        stack.type(documented_commands()[0])
        stack.up()
        yield stack
    finally:
        stack.remove()


def test_everything_is_healthy_and_the_steps_are_done(compose: ComposedStack) -> None:
    """secrets → up --wait → four services and two servers healthy, both one-shot steps ended well."""
    states = {name: each["State"] for name, each in compose.containers().items()}
    assert set(states) == {*SERVICES, *STEPS, "kafka", "postgres", "backup"}
    for name, state in states.items():
        if name in STEPS:
            assert (state["Status"], state["ExitCode"]) == ("exited", 0)
        elif name == "backup":
            assert state["Status"] == "running"
        else:
            assert state["Health"]["Status"] == "healthy"


def test_services_began_after_their_tables_and_topics(compose: ComposedStack) -> None:
    """servers → steps → services, in the order in which each needs the other."""
    states = {name: each["State"] for name, each in compose.containers().items()}
    steps_ended = max(moment(states[step]["FinishedAt"]) for step in STEPS)
    assert all(moment(states[service]["StartedAt"]) > steps_ended for service in SERVICES)
    assert moment(states["migrate"]["StartedAt"]) > moment(states["postgres"]["StartedAt"])
    assert moment(states["topics"]["StartedAt"]) > moment(states["kafka"]["StartedAt"])


async def test_an_order_published_from_outside_is_seen_on_every_port(compose: ComposedStack) -> None:
    """README's program publishes → README's token → README's curl shows the level; the way ends in the audit."""
    compose.publish_as_documented()
    gm, inspector = compose.token("gm"), compose.token("inspector")
    tier = await answer(compose, "scoring", "/tiers/C-42", gm)
    assert (tier["class"], tier["orders"], tier["amount"]) == ("contract", 1, "12800.00")
    assert await answer(compose, "followup", "/schedule/C-42", gm)

    async def sealed() -> bool:
        page = await answer(compose, "archive", "/audit?file=C-42", inspector)
        return {"file_amended", "level_decided"} <= {entry["action"] for entry in page["items"]}

    await eventually(sealed, "C-42 in the audit", within=30)
    token_command, curl_command = documented_commands()[2:4]
    assert json.loads(compose.type(f"{token_command}; {curl_command}"))["customer_id"] == "C-42"


def test_the_command_line_works_on_the_stack(compose: ComposedStack) -> None:
    """README's commands, and an import of a file in this folder; what it writes belongs to the folder's owner."""
    for command in documented_commands():
        if "--rm tierline" in command:
            compose.type(command, within=60)
    (compose.folder / "orders.csv").write_text(
        "order_id,customer_id,amount,currency,placed_at\nIMP-1,C-IMPORTED,7.50,CNY,2026-03-02\n", "utf-8"
    )
    tierline = "docker compose run --rm tierline"
    assert json.loads(compose.type(f"{tierline} import orders.csv --json"))["published"] == 1

    def level() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(compose.type(f"{tierline} tiers C-IMPORTED --json || echo null"))
        return found

    deadline = time.monotonic() + 60
    while level() is None:
        assert time.monotonic() < deadline
    assert level()["class"] == "contract"
    compose.type(f"{tierline} analyse workbook report.xlsx")
    assert (compose.folder / "report.xlsx").stat().st_uid == compose.folder.stat().st_uid
    status = json.loads(compose.type(f"{tierline} status --json"))
    assert {name: service["ready"] for name, service in status["services"].items()} == dict.fromkeys(SERVICES, True)


async def test_services_say_nothing_without_a_token(compose: ComposedStack) -> None:
    """Health is open to probes, customers are not."""
    for service in SERVICES:
        assert (await compose.get(service, "/status", NO_TOKEN)).status_code == 401
        assert (await compose.get(service, "/readyz", NO_TOKEN)).status_code == 200


def test_containers_are_as_small_as_their_work(compose: ComposedStack) -> None:
    """What the engine applied, not what the file asks for: bounded, bound to this machine, without capabilities."""
    for name, each in compose.containers().items():
        host = each["HostConfig"]
        assert host["Memory"] > 0, name
        assert host["CapDrop"] == ["ALL"], name
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}, name
        bindings = [binding for bindings in (host["PortBindings"] or {}).values() for binding in bindings]
        assert all(binding["HostIp"] == "127.0.0.1" for binding in bindings), name
    for service in SERVICES:
        facts = compose.type(
            f"docker compose exec -T {service} sh -c 'id -u; touch /opt/x 2>&1 || touch /tmp/x && echo -'"
        )
        uid, refusal, *_ = facts.splitlines()
        assert uid != "0"
        assert "Read-only file system" in refusal


def test_no_secret_is_to_be_found_outside_its_file(compose: ComposedStack) -> None:
    """Neither in what the engine tells of containers nor in what they logged."""
    told = json.dumps(compose.containers()) + compose.type("docker compose logs --no-color")
    assert not [value for value in compose.secret_values() if value in told]


@pytest.mark.parametrize("login", LOGINS)
async def test_a_login_writes_its_own_topics_alone(compose: ComposedStack, login: str) -> None:
    """customers writes neither orders nor grants, the order system nothing but orders, and so on for everybody."""
    # Who writes nothing, an auditor, is refused an idempotent producer altogether.
    writes = any(login in topic.writers for topic in TOPICS.values())
    producer = AIOKafkaProducer(**compose.broker(login).connection(), enable_idempotence=writes, acks="all")
    async with producer:
        for topic in TOPICS.values():
            if login not in topic.writers:
                with pytest.raises(TopicAuthorizationFailedError):
                    await producer.send_and_wait(topic.name, b"{}", key=b"C-42")


async def test_the_order_system_reads_nothing_and_joins_no_group(compose: ComposedStack) -> None:
    """It does not see the other topics, cannot fetch its own orders, nor take a service's records away."""
    options = compose.broker(ORDER_SYSTEM).connection()
    admin = AIOKafkaAdminClient(**options)
    await admin.start()
    seen = {topic["topic"]: topic["error_code"] for topic in await admin.describe_topics(list(TOPICS))}
    await admin.close()
    unseen = TopicAuthorizationFailedError.errno
    assert seen == {topic: unseen if topic != "orders.v1" else 0 for topic in TOPICS}

    consumer = AIOKafkaConsumer(**options)
    async with consumer:
        consumer.assign([TopicPartition("orders.v1", 0)])
        with pytest.raises(TopicAuthorizationFailedError):
            await asyncio.wait_for(consumer.getone(), 20)
    consumer = AIOKafkaConsumer("orders.v1", **options, group_id="customers.orders.v1")
    with pytest.raises(GroupAuthorizationFailedError):
        await asyncio.wait_for(consumer.start(), 20)
    await consumer.stop()


async def test_nobody_is_anonymous(compose: ComposedStack) -> None:
    """Without a login, or with a wrong password, the broker hangs up; with the right one it does not."""
    right = compose.broker(ORDER_SYSTEM)
    await producer_starts(right)
    for wrong in (KafkaAddress(right.bootstrap), compose.broker(ORDER_SYSTEM, "guess"), compose.broker("eve", "guess")):
        with pytest.raises(KafkaConnectionError):
            await producer_starts(wrong)


async def test_topics_withdraws_what_the_registry_does_not_know(compose: ComposedStack) -> None:
    """A right from an older release goes at the next start; one that an operator gave to somebody else stays."""
    surplus = Right("customers", Operation.WRITE, Resource.TOPIC, "grants.v1").entry
    foreign = Right("reports", Operation.READ, Resource.TOPIC, "tiers.v1").entry
    admin = AIOKafkaAdminClient(**compose.broker("admin").connection())
    await admin.start()
    try:
        for entry in (surplus, foreign):
            await send(admin, CreateAclsRequest(*entry))
        assert re.search(r"\(\+0 -1\)", compose.type("docker compose run --rm topics"))
        assert await existing_entries(admin) == {foreign, *(right.entry for right in rights())}
    finally:
        await admin.close()


@pytest.mark.parametrize("service", SERVICES)
def test_a_database_login_reaches_its_own_rows_alone(compose: ComposedStack, service: str) -> None:
    """The everyday login enters no other database and makes no tables."""
    asked = {database: ["SELECT current_database()"] for database in (*SERVICES, "postgres", "template1")}
    for database, answer in zip(asked, psql(compose, f"{service}_app", asked), strict=True):
        if database == service:
            assert answer == service
        else:
            assert f'permission denied for database "{database}"' in answer
    making = ["CREATE TABLE x ()", "CREATE TEMPORARY TABLE x ()", "CREATE SCHEMA x", "DELETE FROM schema_migrations"]
    (told,) = psql(compose, f"{service}_app", {service: [*making, "SELECT count(*) > 0 FROM schema_migrations"]})
    assert told.count("permission denied") == len(making)
    assert told.splitlines()[-1] == "t"


def test_archives_login_changes_no_entry(compose: ComposedStack) -> None:
    """INSERT and SELECT are all that the audit's writer has."""
    changing = ["UPDATE audit_entries SET actor = NULL", "DELETE FROM audit_entries", "TRUNCATE audit_entries"]
    (told,) = psql(compose, "archive_app", {"archive": changing})
    assert told.count("permission denied for table audit_entries") == len(changing)


async def test_kill_and_down_lose_nothing(compose: ComposedStack) -> None:
    """Orders → kill -9 of services and servers at once → down → up, in new containers → each order once; on it goes."""
    gm = compose.token("gm")
    before = await answer(compose, "scoring", "/tiers/C-42", gm)
    await publish_orders(compose, prefix="K")
    compose.type("docker compose kill")
    assert not [name for name, each in compose.containers().items() if each["State"]["Running"]]
    compose.type("docker compose down")
    assert compose.type("docker compose ps --all --quiet") == ""
    compose.up()
    await counted_once(compose, prefix="K")
    after = await answer(compose, "scoring", "/tiers/C-42", gm)
    assert (after["orders"], after["amount"]) == (before["orders"], before["amount"])
    assert (await answer(compose, "archive", "/audit/verification", gm))["verified"]
    await publish_orders(compose, prefix="L")
    await counted_once(compose, prefix="L")


async def test_a_backup_brings_everything_back(compose: ComposedStack) -> None:
    """Key → backup, proved in its container → more orders → services stopped, databases replaced → each order once."""
    backup = "docker compose run --rm backup"
    await publish_orders(compose, prefix="B")
    await counted_once(compose, prefix="B")
    compose.type(f"{backup} backup key backup-key.txt")
    key, owner = compose.folder / "backup-key.txt", compose.folder.stat().st_uid
    assert (key.stat().st_uid, key.stat().st_mode & 0o777) == (owner, 0o600)
    made = json.loads(compose.type(f"{backup} backup make --json", within=300))
    assert made["sound"]
    (file,) = (compose.folder / "backups").glob("*.age")
    assert file.stat().st_uid == owner
    assert (await compose.get("archive", "/backups/due", compose.token("ops"))).json()["due"] is False
    await publish_orders(compose, prefix="A")
    await counted_once(compose, prefix="A")
    compose.type(f"docker compose stop {' '.join(SERVICES)} backup")
    restore = f"{backup} restore backups/{file.name} -i backup-key.txt --json"
    assert "--yes" in compose.type(f"{restore} || true")
    done = json.loads(compose.type(f"{restore} --yes", within=300))
    assert (done["head"], done["new_topics"]) == (made["head"], [])
    compose.up()
    for prefix in ("B", "A"):
        await counted_once(compose, prefix=prefix)
    gm = compose.token("gm")
    assert (await answer(compose, "archive", "/audit/verification", gm))["verified"]
    assert {path.stat().st_uid for path in (compose.folder / "secrets").iterdir()} == {owner}


def moment(text: str) -> datetime:
    """The engine's time, which has more digits than Python reads."""
    return datetime.fromisoformat(re.sub(r"\.(\d{6})\d*", r".\1", text))


def psql(compose: ComposedStack, login: str, statements: Mapping[str, Sequence[str]]) -> list[str]:
    """What PostgreSQL tells this login in each database, errors included; by the network, where it wants a password."""
    commands = [
        shlex.join(["psql", "-h", "postgres", "-U", login, "-d", name, "-At", *(w for s in each for w in ("-c", s))])
        for name, each in statements.items()
    ]
    # Errors join the output inside, where they are still in order.
    script = f"exec 2>&1; {'; echo ---; '.join(commands)}"
    password = compose.secret(f"{login}_password")
    told = compose.type(f"docker compose exec -T -e PGPASSWORD={password} postgres sh -c {shlex.quote(script)} || true")
    return [part.strip() for part in told.split("---\n")]


async def answer(compose: ComposedStack, service: str, path: str, token: str) -> Any:
    """The service's answer, once it knows of what is asked."""
    found: list[Any] = []

    async def known() -> bool:
        response = await compose.get(service, path, token)
        if response.status_code == 404:
            return False
        found.append(response.raise_for_status().json())
        return True

    await eventually(known, f"{path} of {service}", within=60)
    return found[0]


async def producer_starts(address: KafkaAddress) -> None:
    producer = AIOKafkaProducer(**address.connection(), request_timeout_ms=5000)
    try:
        await producer.start()
    finally:
        await producer.stop()


async def publish_orders(compose: ComposedStack, prefix: str) -> None:
    """Ten orders of each of twenty customers, acknowledged."""
    now = datetime.now(UTC).isoformat()
    producer = OrderedProducer(compose.broker(ORDER_SYSTEM), client_id="orders")
    orders = [
        {
            "order_id": f"{prefix}-{c}-{n}",
            "customer_id": f"{prefix}-{c}",
            "amount": "10",
            "currency": "CNY",
            "placed_at": now,
        }
        for n in range(ORDERS_EACH)
        for c in range(CUSTOMERS)
    ]
    await producer.send(
        [
            Message(
                "orders.v1", order["customer_id"].encode(), json.dumps({"type": "order.placed", "data": order}).encode()
            )
            for order in orders
        ]
    )
    await producer.close()


async def counted_once(compose: ComposedStack, prefix: str) -> None:
    """Return when each customer has its ten orders; fail when one has more, or anything was refused."""
    gm, ops = compose.token("gm"), compose.token("ops")
    counts: dict[str, int] = {}

    async def all_counted() -> bool:
        for customer in (f"{prefix}-{c}" for c in range(CUSTOMERS)):
            response = await compose.get("scoring", f"/tiers/{customer}", gm)
            counts[customer] = response.json()["orders"] if response.is_success else 0
        return all(count >= ORDERS_EACH for count in counts.values())

    await eventually(all_counted, "every order counted", within=60)
    assert set(counts.values()) == {ORDERS_EACH}
    for service in SERVICES:
        status = (await compose.get(service, "/status", ops)).raise_for_status().json()
        assert (status["dead_letters"], status["halted"]) == (0, []), service
