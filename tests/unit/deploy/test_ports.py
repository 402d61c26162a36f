"""Stacks side by side do not get in each other's way."""

from __future__ import annotations

import socket

from deploy.local.ports import HIGHEST, HOST, LOWEST, answers, free_port, free_ports


def test_port_of_the_last_run_is_taken_again() -> None:
    """Unless somebody else listens there by now."""
    port = free_port()
    assert free_port(port) == port
    with socket.create_server((HOST, port)):
        assert answers(port)
        assert free_port(port) != port
    assert not answers(port)


def test_free_port_is_none_that_an_outgoing_connection_gets() -> None:
    """A connection of a service that starts must not take the port of one that starts a moment later."""
    assert {LOWEST <= free_port() < HIGHEST for _ in range(50)} == {True}


def test_servers_of_one_stack_never_get_the_same_port() -> None:
    """None of them listens yet, and a stack that once gave one port to two must not remember it for both."""
    port = free_port()
    ports = free_ports(["customers", "followup"], {"customers": port, "followup": port})
    assert ports["customers"] == port
    assert ports["followup"] != port
