from __future__ import annotations

from typing import Protocol


class Unavailable(Exception):  # noqa: N818 - a fact about this machine, and what to do about it
    """This machine cannot give what was asked for; the text says why and how it could."""


class Server(Protocol):
    """A server that a test may take away and bring back, with its data, at the same address."""

    @property
    def name(self) -> str:
        """Product and version, as a report names it."""
        ...

    @property
    def pid(self) -> int | None:
        """The process whose tree does the work; none when it runs on another machine or in a container."""
        ...

    def start(self) -> None:
        """Return when it answers."""
        ...

    def kill(self) -> None:
        """End it at once, without a chance to tidy up."""
        ...

    def stop(self) -> None:
        """End it in order and for good: its data may go."""
        ...


class Broker(Server, Protocol):
    @property
    def bootstrap(self) -> str:
        """`host:port`, PLAINTEXT."""
        ...

    @property
    def keeps_acknowledged(self) -> bool:
        """Whether a record that it acknowledged outlives a kill."""
        ...


class DatabaseServer(Server, Protocol):
    @property
    def dsn(self) -> str:
        """A libpq URL of a superuser in the database `postgres`."""
        ...
