"""`python -m bench.soak`: the whole way at half load for ten minutes, and whether any service's memory grows."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil

from bench import load
from bench.contenders import Arena
from bench.tierline import Tierline
from tests.backends import choose

POPULATION = 100_000
CHUNK_SECONDS = 5
MEGABYTE = 1 << 20
# Rows of caches still fill in the first minutes: growth is what the second half adds to the first.
GROWTH = 1.05
LIMIT_MB = 200


async def soak(arena: Arena, minutes: float, rate: float) -> Mapping[str, list[float]]:
    """Feed at `rate` orders a second; returns each service's resident memory in MB, a sample every five seconds."""
    samples: dict[str, list[float]] = {}
    async with Tierline(arena) as tierline:
        await load.publish(arena.kafka, tierline.topic, load.orders("fed", range(POPULATION), days_back=360), None)
        sent = POPULATION
        chunk = int(rate * CHUNK_SECONDS)
        customers = load.buyers(POPULATION, int(rate * minutes * 60))
        for number in range(len(customers) // chunk):
            part = customers[number * chunk : (number + 1) * chunk]
            await load.publish(arena.kafka, tierline.topic, load.orders(f"soak{number}", part), rate)
            sent += chunk
            for pid, service in tierline.parts().items():
                samples.setdefault(service, []).append(psutil.Process(pid).memory_info().rss / MEGABYTE)
            if number % 12 == 0:
                done = await tierline.count_finished()
                now = "  ".join(f"{service} {values[-1]:.0f}" for service, values in samples.items())
                print(f"{number * CHUNK_SECONDS // 60:3d} min  {sent - done:7,d} under way  MB: {now}", flush=True)
        deadline = time.monotonic() + 120
        while await tierline.count_finished() < sent:
            if time.monotonic() > deadline:
                raise TimeoutError("the last orders were not done within two minutes")
            await asyncio.sleep(0.5)
    return samples


def judge(samples: Mapping[str, Sequence[float]]) -> bool:
    """Print what came of it; whether every service stayed below its limit and did not grow."""
    good = True
    for service, values in samples.items():
        half = len(values) // 2
        early, late = max(values[half // 2 : half]), max(values[half:])
        fine = late <= early * GROWTH and late < LIMIT_MB
        good &= fine
        print(f"{service}: {early:.0f} MB before the middle, {late:.0f} MB after it: {'good' if fine else 'GROWS'}")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=1500, help="orders a second")
    chosen = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tierline-soak-")))
        backend = choose("apache")
        broker, database = backend.broker(folder / "broker"), backend.database_server(folder / "postgres")
        for server in (broker, database):
            running.callback(server.stop)
            server.start()
        samples = asyncio.run(soak(Arena(broker, database, folder), chosen.minutes, chosen.rate))
    return 0 if judge(samples) else 1


if __name__ == "__main__":
    sys.exit(main())
