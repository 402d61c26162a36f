"""Free ports on this machine, the same ones again where possible."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def free_port(wanted: int | None = None) -> int:
    """`wanted` if nobody listens there, else any free port; another program may still be quicker, so callers retry."""
    for port in (wanted or 0, 0):
        with socket.socket() as probe:
            # As servers do, so that a port whose last connections linger counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0
