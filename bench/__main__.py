"""`python -m bench`: Tierline, the obvious FastStream program and Quix Streams, in one go on the same servers."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import load
from bench.contenders import Arena, Contender, FastStreamNaive, QuixStreams
from bench.meter import Figures, Sample, cpu_seconds, percentile
from tests.backends import Backend, Unavailable, choose

RESULTS = Path(__file__).parent / "results.json"
PACE = 500.0  # orders a second under which latency is taken
PACED_SECONDS = 10
POPULATION = 100_000  # customers known before the measurement


@dataclass(frozen=True)
class Plan:
    """Who is measured, with how many orders at full speed; a slow program gets fewer, so that the run stays short."""

    make: Callable[[Arena], Contender]
    orders: int
    fed: int  # customers to make known through the program's own way


PLANS = {
    "faststream": Plan(lambda arena: FastStreamNaive(arena, POPULATION), orders=3_000, fed=0),
    "quix": Plan(QuixStreams, orders=60_000, fed=POPULATION),
}


async def measure(
    contender: Contender, kafka: str, series: str, customers: Sequence[int], rate: float | None
) -> Sample:
    """Feed one order of each customer, wait for its last effect, and say what it took."""
    made = load.orders(series, customers)
    used = cpu_seconds()
    handed = await load.publish(kafka, contender.topic, made, rate)
    deadline = time.monotonic() + 120
    while (done := await contender.count_finished(series)) < len(made):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{contender.name} finished {done} of {len(made)} orders in two minutes")
        await asyncio.sleep(0.2)
    used = cpu_seconds() - used
    return Sample(handed, await contender.finished(series), used)


async def compete(plan: Plan, arena: Arena) -> Figures:
    chance = random.Random(7)
    async with plan.make(arena) as contender:
        # Groups must have joined, pools and caches be warm: neither is what is measured.
        await measure(contender, arena.kafka, "warm", range(200), None)
        if plan.fed:
            await measure(contender, arena.kafka, "fed", range(plan.fed), None)
        full = await measure(contender, arena.kafka, "full", chance.choices(range(POPULATION), k=plan.orders), None)
        paced = await measure(
            contender, arena.kafka, "paced", chance.sample(range(POPULATION), int(PACE) * PACED_SECONDS), PACE
        )
    latencies = paced.latencies_ms
    return Figures(
        round(full.orders_per_second, 1),
        round(1000 * full.cpu_seconds / plan.orders, 3),
        round(percentile(latencies, 0.50), 1),
        round(percentile(latencies, 0.99), 1),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*PLANS, []], help="measure these only, and keep no results")
    parser.add_argument("--backend", choices=("apache", "embedded"), help="default: Apache Kafka where Java is")
    chosen = parser.parse_args(arguments)
    # Its client retries what it complains of: a new topic's leader is not known at once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tierline-bench-")))
        backend = _backend(chosen.backend)
        broker, database = backend.broker(folder / "broker"), backend.database_server(folder / "postgres")
        for server in (broker, database):
            running.callback(server.stop)
            server.start()
        print(f"on {broker.name} and {database.name}, {POPULATION:,} customers known", flush=True)
        arena = Arena(broker.bootstrap, database.dsn, folder)
        results: dict[str, Figures] = {}
        for name in chosen.only or PLANS:
            results[name] = asyncio.run(compete(PLANS[name], arena))
            print(name, results[name], flush=True)
    if not chosen.only:
        RESULTS.write_text(json.dumps({name: asdict(figures) for name, figures in results.items()}, indent=2) + "\n")
    return 0


def _backend(asked: str | None) -> Backend:
    try:
        return choose(asked or "apache")
    except Unavailable as reason:
        if asked:
            raise
        print(f"not on Apache Kafka: {reason}", file=sys.stderr)
        return choose("embedded")


if __name__ == "__main__":
    sys.exit(main())
