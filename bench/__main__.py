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
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import load
from bench.contenders import Arena, Contender, FastStreamNaive, QuixStreams, create_topics
from bench.meter import Figures, Sample, cpu_by_part, percentile
from bench.tierline import Tierline
from tests.backends import Backend, Unavailable, choose

RESULTS = Path(__file__).parent / "results.json"
PACE = 500.0  # orders a second under which latency is taken
PACED_SECONDS = 10
PATIENCE = 240  # seconds for a load to be done with
WARM_SECONDS = 30
POPULATION = 100_000  # customers known before the measurement


@dataclass(frozen=True)
class Plan:
    """Who is measured, with how many orders at full speed; a slow program gets fewer, so that the run stays short."""

    make: Callable[[Arena], Contender]
    orders: int
    fed: int  # customers to make known through the program's own way


PLANS = {
    "tierline": Plan(Tierline, orders=60_000, fed=POPULATION),
    "faststream": Plan(lambda arena: FastStreamNaive(arena, POPULATION), orders=3_000, fed=0),
    "quix": Plan(QuixStreams, orders=60_000, fed=POPULATION),
}


@dataclass
class Trial:
    """One contender fed load after load."""

    contender: Contender
    kafka: str
    servers: Mapping[int, str]
    sent: int = 0

    async def feed(
        self, series: str, customers: Sequence[int], *, rate: float | None = None, days_back: int = 0
    ) -> Sample:
        """Publish one order of each customer, wait for the last effect of all, and say what it took."""
        made = load.orders(series, customers, days_back=days_back)
        before = self._cpu()
        handed = await load.publish(self.kafka, self.contender.topic, made, rate)
        self.sent += len(made)
        deadline = time.monotonic() + PATIENCE
        while (done := await self.contender.count_finished()) < self.sent:
            if time.monotonic() > deadline:
                missing = self.sent - done
                raise TimeoutError(f"{self.contender.name} left {missing} of {len(made)} orders undone in {PATIENCE} s")
            await asyncio.sleep(0.2)
        used = {part: seconds - before.get(part, 0.0) for part, seconds in self._cpu().items()}
        return Sample(handed, await self.contender.finished(made), used)

    def _cpu(self) -> dict[str, float]:
        return cpu_by_part({**self.servers, **self.contender.parts()})


async def warm_up(arena: Arena) -> None:
    """Let whoever is measured first meet no colder a broker than the last."""
    await create_topics(arena.kafka, ("warm",))
    await load.warm(arena.kafka, "warm", WARM_SECONDS)


async def compete(plan: Plan, arena: Arena) -> Figures:
    """Measure one contender: throughput and cost at full speed, then latency at the common pace."""
    everybody = range(POPULATION)
    async with plan.make(arena) as contender:
        trial = Trial(contender, arena.kafka, arena.parts)
        # Groups must have joined, pools and caches be warm: neither is what is measured.
        await trial.feed("warm", everybody[:200])
        if plan.fed:
            await trial.feed("fed", everybody[: plan.fed], days_back=360)
        full = await trial.feed("full", load.buyers(POPULATION, plan.orders))
        # Each customer once, so that nobody's newer order hides when an older one took effect.
        once = random.Random(7).sample(everybody, int(PACE) * PACED_SECONDS)
        paced = await trial.feed("paced", once, rate=PACE)
    show_profile(contender.name, full)
    latencies = paced.latencies_ms
    return Figures(
        round(full.orders_per_second, 1),
        round(sum(full.cpu_us_per_order.values()) / 1000, 3),
        round(percentile(latencies, 0.50), 1),
        round(percentile(latencies, 0.99), 1),
    )


def show(name: str, figures: Figures) -> None:
    """Print one contender's figures."""
    behind = "" if figures.orders_per_second >= PACE else " (it cannot keep that pace: a queue that grows)"
    print(
        f"{name}: {figures.orders_per_second:,.0f} orders/s, {figures.cpu_seconds_per_1000:.2f} CPU-seconds per 1,000, "
        f"at {PACE:.0f} orders/s p50 {figures.p50_ms:,.0f} ms and p99 {figures.p99_ms:,.0f} ms{behind}",
        flush=True,
    )


def show_profile(name: str, full: Sample) -> None:
    """Print where an order's time goes, part by part."""
    print(f"{name}: CPU per order at full speed")
    for part, microseconds in full.cpu_us_per_order.items():
        if microseconds >= 1:
            print(f"  {microseconds:8.0f} µs  {part}")


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
        arena = Arena(broker, database, folder)
        asyncio.run(warm_up(arena))
        results: dict[str, Figures] = {}
        for name in chosen.only or PLANS:
            results[name] = asyncio.run(compete(PLANS[name], arena))
            show(name, results[name])
    if not chosen.only:
        report(results)
    return 0


def report(results: Mapping[str, Figures]) -> None:
    """Print the ratios and keep everything in `results.json`."""
    ours = results["tierline"].orders_per_second
    ratios = {f"ratio_{name}": round(ours / results[name].orders_per_second, 2) for name in ("faststream", "quix")}
    print(f"Tierline's whole way is {ratios['ratio_faststream']}× the obvious FastStream program's throughput")
    print(f"and {ratios['ratio_quix']}× that of Quix Streams, which goes half the way and keeps no database")
    kept = {name: asdict(figures) for name, figures in results.items()}
    RESULTS.write_text(json.dumps({**kept, **ratios}, indent=2) + "\n")


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
