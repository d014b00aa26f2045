# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Counts the instructions of a server under Valgrind's callgrind, while harpia-load talks to it."""

import json
import os
import re
import signal
import subprocess
from dataclasses import dataclass

SHORT, LONG = 0.3, 2.0  # seconds of the two loads
DEADLINE = 120  # seconds for a load, and for a server's end

# The C library copies large blocks by one instruction where the processor is good at it, and callgrind counts that once for each byte.
ENVIRONMENT = {"GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=0x7fffffff"}


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    mode: str  # of harpia-load
    path: str
    load: tuple  # options of harpia-load
    program: str = "02_echo"
    server: tuple = ()  # options of the server
    is_tls: bool = False
    tolerance: float = 0.03  # above its figure, before it is a failure


# Where the kernel cuts a large message into reads, and when a thread wakes another up, is chance.
BY_CHANCE = 0.15

CLIENTS = ("--clients", "20")
MEMBERS = ("--clients", "200", "--size", "64")

CASES = (
    Case("echo-1", "echo of 20 B, 1 in flight", "echo", "/echo", (*CLIENTS,)),
    Case("echo-16", "echo of 20 B, 16 in flight", "echo", "/echo", (*CLIENTS, "--in-flight", "16")),
    Case("echo-16k", "echo of 16 KiB", "echo", "/echo", (*CLIENTS, "--size", "16384")),
    Case("echo-100k", "echo of 100 KiB", "echo", "/echo", (*CLIENTS, "--size", "102400"), tolerance=BY_CHANCE),
    Case("broadcast-1", "broadcast of 64 B, 1 in flight, a delivery", "broadcast", "/broadcast", MEMBERS),
    Case("broadcast-8", "broadcast of 64 B, 8 in flight, a delivery", "broadcast", "/broadcast", (*MEMBERS, "--in-flight", "8")),
    Case("connect", "connect, upgrade and close", "connect", "/echo", ("--clients", "16")),
    Case("tls-1", "TLS: echo of 20 B, 1 in flight", "echo", "/echo", CLIENTS, is_tls=True),
    Case("compressed-1k", "echo of 1,000 B, compressed", "echo", "/echo", (*CLIENTS, "--size", "1000", "--compress"), server=("--compress",)),
    Case("behaviour-1", "echo of 20 B by a behaviour, 1 in flight", "echo", "/behaviour", CLIENTS, "further_echoes"),
    Case("coroutine-1", "echo of 20 B by a coroutine for each message, 1 in flight", "echo", "/coroutine", CLIENTS, "further_echoes"),
    Case("conversation-1", "echo of 20 B by a coroutine for the connection, 1 in flight", "echo", "/conversation", CLIENTS, "further_echoes"),
    Case("handle-1", "echo of 20 B by a handle in another thread, 1 in flight", "echo", "/handle", CLIENTS, "further_echoes", tolerance=BY_CHANCE),
)


class Counting:
    """A server under callgrind, as a context manager. `instructions` is known after it has ended."""

    def __init__(self, command):
        tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        self._command = [*tool, *map(str, command)]
        self.instructions = 0

    def __enter__(self):
        environment = {**os.environ, **ENVIRONMENT}
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        for line in self._process.stdout:
            if line.startswith("listening on "):
                self.port = int(line.strip().rpartition(":")[2])
                return self
        raise RuntimeError("the server did not say where it listens: " + self._process.stderr.read().strip())

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        try:
            told = self._process.communicate(timeout=DEADLINE)[1]
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        counted = re.search(r"Collected : (\d+)", told)
        if not counted:
            raise RuntimeError("callgrind has counted nothing: " + told.strip())
        self.instructions = int(counted.group(1))


def count(load, case, command, seconds):
    """Instructions of the server from its start to its end, and messages."""
    with Counting(command) as server:
        url = f"{'wss' if case.is_tls else 'ws'}://127.0.0.1:{server.port}{case.path}"
        options = ["--warm-up", "0", "--duration", str(seconds), "--json", *case.load]
        done = subprocess.run([str(load), case.mode, "--url", url, *options], capture_output=True, text=True, timeout=DEADLINE, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or "harpia-load failed")
    return server.instructions, json.loads(done.stdout)["messages_whole_run"]


def instructions_per_message(load, case, command):
    """The slope between a short and a long load, so that start and stop do not count."""
    few, short = count(load, case, command, SHORT)
    many, long = count(load, case, command, LONG)
    return (many - few) / (long - short)
