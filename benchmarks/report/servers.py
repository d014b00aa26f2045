# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""The servers that are measured: how each is started, and what it offers."""

import json
import os
import queue
import shlex
import shutil
import signal
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

START_DEADLINE = 20  # seconds
STOP_DEADLINE = 5
EVERYTHING = frozenset({"websocket", "broadcast"})


@dataclass(frozen=True)
class Server:
    name: str
    command: tuple
    about: str
    offers: frozenset = EVERYTHING
    compress: tuple = ()  # options that switch compression on
    tls: tuple = ()  # before a certificate's and a key's file
    environment: tuple = ()


def known_servers(sources, build):
    """Those whose programs are there, harpia first. `sources` is the project's root, `build` the build tree."""
    peers = build / "benchmarks" / "peers"
    packages = peers / "node_modules"
    harpia = (build / "examples" / "02_echo", "--host", "127.0.0.1", "--port", "0", "--threads")
    node_path = (("NODE_PATH", str(packages)),)
    compressing = EVERYTHING | {"compression"}
    whole = compressing | {"tls", "groups"}
    compress, tls = ("--compress",), ("--tls",)
    candidates = [
        Server("harpia", (*harpia, "1"), "examples/02_echo, one event loop", whole | {"threads"}, compress, tls),
        Server("harpia 2 loops", (*harpia, "2"), "examples/02_echo, two event loops", EVERYTHING | {"threads"}),
        Server("Beast", (peers / "peer_beast",), f"Boost.Beast {boost_version()}, a session for each socket", compressing, compress),
        Server("libwebsockets", (peers / "peer_libwebsockets",), f"libwebsockets {package_version('libwebsockets-dev')} on libuv"),
        Server("WebSocket++", (peers / "peer_websocketpp",), f"WebSocket++ {package_version('libwebsocketpp-dev')} on Boost.Asio"),
        Server("gorilla", (peers / "peer_gorilla",), gorilla_version(), whole, compress, tls),
        Server("floor", (peers / "peer_floor",), "recv and send of the same bytes, no WebSocket", frozenset()),
    ]
    for bun in sorted(packages.glob("@oven/bun-*/bin/bun")):
        about = f"Bun {output_of(bun, '--version')}, whose server is built upon uWebSockets"
        candidates.append(Server("Bun", (bun, sources / "benchmarks/peers/bun.js"), about, whole, compress, tls))
        break
    node = shutil.which("node")
    if node and (packages / "ws").is_dir():
        about = f"npm's ws {npm_version(packages / 'ws')} on Node {output_of(node, '--version').lstrip('v')}"
        candidates.append(Server("ws", (node, sources / "benchmarks/peers/ws.cjs"), about, whole, compress, tls, node_path))
    return [server for server in candidates if Path(server.command[0]).exists()]


def further_server(text):
    """From NAME=COMMAND. Where the command says {compress}, that becomes --compress in the cases with compression."""
    name, separator, command = text.partition("=")
    if not separator or not name or not command:
        raise ValueError(f"--server takes NAME=COMMAND, not '{text}'")
    words = shlex.split(command)
    offers = EVERYTHING | ({"compression"} if "{compress}" in words else set())
    return Server(name, tuple(word for word in words if word != "{compress}"), "built elsewhere", frozenset(offers), ("--compress",))


def output_of(*command):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()


def package_version(name):
    version = output_of("dpkg-query", "--show", "--showformat=${Version}", name) if shutil.which("dpkg-query") else ""
    return version.partition("-")[0]


def boost_version():
    return package_version("libboost1.81-dev").partition("+")[0]


def gorilla_version():
    go = package_version("golang-go").rpartition(":")[2].partition("~")[0]
    return f"gorilla/websocket {package_version('golang-github-gorilla-websocket-dev')} on Go {go}, on one processor"


def npm_version(folder):
    return json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]


class RunningServer:
    """A server on a port of its own choice, as a context manager."""

    def __init__(self, server, cores, options=()):
        self._server = server
        self._command = [str(word) for word in (*server.command, *options)]
        self._cores = cores
        self.port = 0

    def __enter__(self):
        environment = {**os.environ, **dict(self._server.environment)}
        pinned = ["taskset", "--cpu-list", ",".join(map(str, self._cores)), *self._command]
        self._process = subprocess.Popen(pinned, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        found = queue.Queue()
        threading.Thread(target=self._read_output, args=(found,), daemon=True).start()
        try:
            self.port = found.get(timeout=START_DEADLINE)
        except queue.Empty:
            self.port = 0
        if not self.port:
            self._stop()
            raise RuntimeError(f"{self._server.name} did not say where it listens")
        return self

    def __exit__(self, *_):
        self._stop()

    @property
    def pid(self):
        return self._process.pid  # taskset has become the server

    def _read_output(self, found):
        for line in self._process.stdout:
            if line.startswith("listening on "):
                found.put(int(line.strip().rpartition(":")[2]))
        found.put(0)

    def _stop(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
