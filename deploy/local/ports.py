"""Free ports on this machine, the same ones again where possible."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Collection, Iterable, Mapping

HOST = "127.0.0.1"
# Below the ports that kernels give to outgoing connections, which could take one before its server listens.
LOWEST, HIGHEST = 20_000, 32_000
TRIES = 200


def free_ports(names: Iterable[str], wanted: Mapping[str, int]) -> dict[str, int]:
    """A port for each name, the wanted one where nobody listens there; OSError when there is none."""
    ports: dict[str, int] = {}
    for name in names:
        # None of them listens yet, so all look free: of a few thousand stacks two servers of one would meet.
        ports[name] = free_port(wanted.get(name), besides=ports.values())
    return ports


def free_port(wanted: int | None = None, *, besides: Collection[int] = ()) -> int:
    """`wanted` if nobody listens there, else any free port, and none of `besides`; OSError when there is none."""
    others = (LOWEST + secrets.randbelow(HIGHEST - LOWEST) for _ in range(TRIES))
    for port in (wanted, *others):
        if port is not None and port not in besides and is_free(port):
            return port
    raise OSError(f"no free port from {LOWEST} to {HIGHEST}")


def is_free(port: int) -> bool:
    """Whether a server could listen there."""
    with socket.socket() as probe:
        # As servers do, so that a port whose last connections linger counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0
