# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""What is measured: each case is one call of harpia-load against a freshly started server."""

import resource
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Metric:
    key: str  # in harpia-load's JSON
    unit: str
    digits: int


CPU_PER_MESSAGE = Metric("server_cpu_us_per_message", "µs", 3)
BYTES_PER_CLIENT = Metric("private_bytes_per_client", "bytes", 0)
LATENCY = Metric("latency_us_p99", "µs", 0)


@dataclass(frozen=True)
class Case:
    """The first metric decides; for all of them less is better."""

    name: str
    group: str
    title: str
    mode: str
    path: str
    options: tuple
    metric: Metric = CPU_PER_MESSAGE
    further: tuple = ()  # keys shown beside it
    needs: frozenset = field(default_factory=frozenset)  # of a server: see servers.py
    both_cores: bool = False  # the server has two threads, so it shares the generator's core


GROUPS = {
    "echo": "Echo: server CPU per message",
    "broadcast": "Broadcast to 500 clients: server CPU per delivery",
    "clients": "Echo of 20 bytes with more and more clients: server CPU per message",
    "idle": "Private memory of the server for each idle client",
    "handshakes": "Connect, upgrade and close: server CPU per client",
    "latency": "Latency of an echo at a fixed 10,000 messages per second: 99th percentile",
    "compression": "Echo of 1,000 bytes, compressed by the server without context takeover: server CPU per message",
    "threads": "harpia with one and two event loops on both cores: server CPU per message",
}

RATE = "messages_per_second"


def idle_clients():
    """10,000, or 9,000 where fewer files may be open."""
    return 10_000 if resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 10_200 else 9_000


def _echo(name, title, clients, in_flight, size, group="echo", further=(RATE,), **more):
    options = ("--clients", clients, "--in-flight", in_flight, "--size", size)
    return Case(name, group, title, "echo", "/echo", options, further=further, **more)


def _broadcast(name, title, in_flight):
    options = ("--clients", 500, "--in-flight", in_flight, "--size", 64)
    needs = frozenset({"broadcast"})
    return Case(name, "broadcast", title, "broadcast", "/broadcast", options, further=(RATE,), needs=needs)


def all_cases():
    idle = idle_clients()
    websocket = frozenset({"websocket"})
    return [
        _echo("echo-20", "100 clients, 1 message of 20 B in flight each", 100, 1, 20),
        _echo("echo-20-deep", "100 clients, 16 messages of 20 B in flight each", 100, 16, 20),
        _echo("echo-16k", "100 clients, 1 message of 16 KiB in flight each", 100, 1, 16384),
        _broadcast("broadcast-1", "64 B, 1 message in flight", 1),
        _broadcast("broadcast-8", "64 B, 8 messages in flight", 8),
        _echo("clients-100", "100 clients", 100, 1, 20, "clients"),
        _echo("clients-1000", "1,000 clients", 1_000, 1, 20, "clients"),
        _echo("clients-9000", "9,000 clients", 9_000, 1, 20, "clients"),
        Case(
            "idle",
            "idle",
            f"{idle:,} clients",
            "idle",
            "/echo",
            ("--clients", idle),
            BYTES_PER_CLIENT,
            ("resident_bytes_per_client", "server_private_bytes"),
            websocket,
        ),
        Case("connect", "handshakes", "16 clients at a time", "connect", "/echo", ("--clients", 16), further=(RATE,), needs=websocket),
        Case(
            "latency",
            "latency",
            "100 clients, 20 B",
            "latency",
            "/echo",
            ("--clients", 100, "--size", 20, "--rate", 10_000),
            LATENCY,
            ("latency_us_p50", "latency_us_p90", "latency_us_p99_9", "latency_us_max"),
        ),
        _echo(
            "compression",
            "100 clients, 1 message in flight each",
            100,
            1,
            1000,
            "compression",
            (RATE, "received_bytes_per_message"),
            needs=frozenset({"compression"}),
        ),
        _echo(
            "threads",
            "100 clients, 16 messages of 20 B in flight each",
            100,
            16,
            20,
            "threads",
            needs=frozenset({"threads"}),
            both_cores=True,
        ),
    ]


def load_options(case, server):
    """The arguments of harpia-load that depend on both."""
    options = [str(option) for option in case.options]
    if "websocket" not in server.offers:
        options.append("--raw")
    if case.name == "compression":
        options.append("--compress")
    return options
