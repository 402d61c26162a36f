"""`python -m tests.backends apache`: a broker and a PostgreSQL for a developer, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.backends import BACKENDS, Broker, DatabaseServer, Unavailable, choose


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.backends", description=__doc__)
    parser.add_argument("backend", choices=[name for name in BACKENDS if name != "given"])
    parser.add_argument("--data", type=Path, help="where the servers keep their data (default: a folder that goes)")
    parser.add_argument("--postgres", action="store_true", help="start a PostgreSQL too")
    chosen = parser.parse_args(arguments)
    with ExitStack() as cleanup:
        # Ends like Ctrl-C, so that whoever starts this from a script needs no other signal.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        folder = chosen.data or Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="tierline-servers-")))
        try:
            backend = choose(chosen.backend)
            broker: Broker = backend.broker(folder.absolute())
            servers: list[Broker | DatabaseServer] = [broker]
            lines = [f"--kafka {broker.bootstrap}   # {broker.name}"]
            if chosen.postgres:
                database_server = backend.database_server(folder.absolute())
                servers.append(database_server)
                lines.append(f"--postgres {database_server.dsn}   # {database_server.name}")
            for server in servers:
                cleanup.callback(server.stop)
                server.start()
            print("\n".join(lines), flush=True)  # noqa: T201
            print("Ctrl-C ends it. / 按 Ctrl-C 结束。", file=sys.stderr, flush=True)  # noqa: T201
            signal.pause()
        except Unavailable as reason:
            print(reason, file=sys.stderr)  # noqa: T201
            return 1
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
