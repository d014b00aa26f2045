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
    without: str = ""  # the case that differs by what this one adds: latencies are shown beside its own


GROUPS = {
    "echo": "Echo: server CPU per message",
    "broadcast": "Broadcast to 500 clients: server CPU per delivery",
    "groups": "Broadcast of 64 bytes in groups of other sizes: server CPU per delivery",
    "clients": "Echo of 20 bytes with more and more clients: server CPU per message",
    "idle": "Private memory of the server for each idle client",
    "handshakes": "Connect, upgrade and close: server CPU per client",
    "latency": "Latency of an echo at a fixed 10,000 messages per second: 99th percentile",
    "tls": "TLS, one message of each of 100 clients in flight: server CPU per message",
    "tls-memory": "TLS: private memory of the server for each idle client",
    "tls-handshakes": "TLS: connect, shake hands in full, upgrade and close: server CPU per client",
    "compression": "Echo of 1,000 bytes, compressed by the server without context takeover: server CPU per message",
    "compression-memory": "Compression without context takeover: private memory of the server for each idle client",
    "threads": "harpia with one and two event loops on both cores: server CPU per message or delivery",
}

RATE = "messages_per_second"


def idle_clients():
    """10,000, or 9,000 where fewer files may be open."""
    return 10_000 if resource.getrlimit(resource.RLIMIT_NOFILE)[1] >= 10_200 else 9_000


def _echo(name, title, clients, in_flight, size, group="echo", further=(RATE,), **more):
    options = ("--clients", clients, "--in-flight", in_flight, "--size", size)
    return Case(name, group, title, "echo", "/echo", options, further=further, **more)


def _broadcast(name, title, clients=500, in_flight=1, group="broadcast", groups=0, needs=("broadcast",), **more):
    options = ("--clients", clients, "--in-flight", in_flight, "--size", 64, *(("--groups", groups) if groups else ()))
    return Case(name, group, title, "broadcast", "/broadcast", options, further=(RATE,), needs=frozenset(needs), **more)


def _idle(name, group, clients, needs):
    further = ("resident_bytes_per_client", "server_private_bytes")
    return Case(name, group, f"{clients:,} clients", "idle", "/echo", ("--clients", clients), BYTES_PER_CLIENT, further, frozenset(needs))


def _connect(name, group, needs):
    options = ("--clients", 16)
    return Case(name, group, "16 clients at a time", "connect", "/echo", options, further=(RATE,), needs=frozenset(needs))


def _latency(name, title, options=(), further=(), **more):
    options = ("--clients", 100, "--size", 20, "--rate", 10_000, *options)
    further = ("latency_us_p50", "latency_us_p90", "latency_us_p99_9", "latency_us_max", *further)
    return Case(name, "latency", title, "latency", "/echo", options, LATENCY, further, **more)


def all_cases():
    tls = frozenset({"tls"})
    return [
        _echo("echo-20", "100 clients, 1 message of 20 B in flight each", 100, 1, 20),
        _echo("echo-20-deep", "100 clients, 16 messages of 20 B in flight each", 100, 16, 20),
        _echo("echo-16k", "100 clients, 1 message of 16 KiB in flight each", 100, 1, 16384),
        _echo("echo-100k", "100 clients, 1 message of 100 KiB in flight each", 100, 1, 102400),
        _broadcast("broadcast-1", "64 B, 1 message in flight"),
        _broadcast("broadcast-8", "64 B, 8 messages in flight", in_flight=8),
        _broadcast("group-10", "a group of 10", 10, group="groups"),
        _broadcast("group-100", "a group of 100", 100, group="groups"),
        _broadcast("group-9000", "a group of 9,000", 9_000, group="groups"),
        _broadcast("groups-1000", "1,000 groups of 8", 8_000, group="groups", groups=1_000, needs=("broadcast", "groups")),
        _echo("clients-100", "100 clients", 100, 1, 20, "clients"),
        _echo("clients-1000", "1,000 clients", 1_000, 1, 20, "clients"),
        _echo("clients-9000", "9,000 clients", 9_000, 1, 20, "clients"),
        _idle("idle", "idle", idle_clients(), {"websocket"}),
        _connect("connect", "handshakes", {"websocket"}),
        _latency("latency", "100 clients, 20 B"),
        _latency(
            "latency-drips",
            "100 clients, 20 B, beside 5,000 sockets that drip their handshakes",
            ("--drips", 5_000),
            ("drips",),
            without="latency",
            needs=frozenset({"websocket"}),
        ),
        _echo("tls-20", "20 B", 100, 1, 20, "tls", needs=tls),
        _echo("tls-16k", "16 KiB", 100, 1, 16384, "tls", needs=tls),
        _idle("tls-idle", "tls-memory", 2_000, tls),
        _connect("tls-connect", "tls-handshakes", tls),
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
        _idle("compression-idle", "compression-memory", 5_000, {"compression"}),
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
        _broadcast(
            "threads-broadcast",
            "500 clients, 8 messages of 64 B in flight; with two, half of the group is on the other loop",
            in_flight=8,
            group="threads",
            needs=("broadcast", "threads"),
            both_cores=True,
        ),
    ]


def load_options(case, server):
    """The arguments of harpia-load that depend on both."""
    options = [str(option) for option in case.options]
    if "websocket" not in server.offers:
        options.append("--raw")
    if "compression" in case.needs:
        options.append("--compress")
    return options
