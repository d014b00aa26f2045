# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""harpia-load against examples/02_echo, and against servers that answer wrongly, which it must notice."""

import base64
import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "examples"))
from example_server import ExampleServer  # noqa: E402

DEADLINE = 60  # seconds for one load, which takes half a second


def load(mode, url, *options):
    command = [os.environ["LOAD_PROGRAM"], mode, "--url", url, "--warm-up", "0.1", "--duration", "0.4", "--json", *options]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=DEADLINE, check=False)


class WithHarpia(unittest.TestCase):
    def run_load(self, mode, path, *options):
        with ExampleServer() as server:
            done = load(mode, server.ws(path), *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = json.loads(done.stdout)
        self.assertGreater(figures["messages"], 0)
        return figures

    def test_echoes_are_counted(self):
        self.run_load("echo", "/echo", "--clients", "8", "--in-flight", "4", "--threads", "2")

    def test_large_binary_echoes_are_counted(self):
        self.run_load("echo", "/echo", "--clients", "2", "--size", "70000", "--binary")

    def test_deliveries_are_counted(self):
        self.run_load("broadcast", "/broadcast", "--clients", "10", "--size", "64", "--in-flight", "3")

    def test_deliveries_in_many_groups_are_counted(self):
        self.run_load("broadcast", "/broadcast", "--clients", "12", "--groups", "4")

    def test_groups_of_different_sizes_are_refused(self):
        done = load("broadcast", "ws://127.0.0.1:1/broadcast", "--clients", "10", "--groups", "4")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--groups", done.stderr)

    def test_handshakes_are_counted(self):
        self.run_load("connect", "/echo", "--clients", "4")

    def test_latencies_are_in_order(self):
        figures = self.run_load("latency", "/echo", "--clients", "4", "--rate", "500")
        self.assertLessEqual(figures["latency_us_p50"], figures["latency_us_p99"])
        self.assertLessEqual(figures["latency_us_p99"], figures["latency_us_max"])

    def test_drips_stay_beside_the_clients(self):
        figures = self.run_load("latency", "/echo", "--clients", "4", "--rate", "500", "--drips", "20")
        self.assertEqual(figures["drips"], 20)

    def test_drips_go_with_latency_only(self):
        done = load("echo", "ws://127.0.0.1:1/echo", "--drips", "20")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--drips", done.stderr)

    def test_a_path_without_echo_fails(self):
        with ExampleServer() as server:
            done = load("echo", server.ws("/nowhere"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("404", done.stderr)

    def test_someone_elses_messages_fail(self):
        with ExampleServer() as server:
            done = load("echo", server.ws("/broadcast"), "--clients", "2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("wrong echo", done.stderr)


class WrongServer:
    """Upgrades one client and answers its first frame, of at most 125 bytes, with what `answer(payload)` returns."""

    def __init__(self, answer):
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(DEADLINE)

    def __enter__(self):
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return f"ws://127.0.0.1:{self._listener.getsockname()[1]}/echo"

    def __exit__(self, *_):
        self._thread.join()
        self._listener.close()

    def _serve(self):
        client, _ = self._listener.accept()
        with client, client.makefile("rb") as stream:
            client.settimeout(DEADLINE)
            upgrade(client, stream)
            client.sendall(self._answer(read_payload(stream)))
            with contextlib.suppress(OSError):
                stream.read()  # until the client has gone


def upgrade(client, stream):
    key = b""
    while (line := stream.readline()) != b"\r\n":
        if line.lower().startswith(b"sec-websocket-key:"):
            key = line.partition(b":")[2].strip()
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    client.sendall(head + accept + b"\r\n\r\n")


def read_payload(stream):
    """Of a masked frame of at most 125 bytes; None at the end."""
    head = stream.read(2)
    if not head:
        return None
    size = head[1] & 0x7F
    mask, masked = stream.read(4), stream.read(size)
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked))


class ImpatientServer:
    """Echoes what one client sends; closes the `drips` sockets that come before it, and all that come after it, at once."""

    def __init__(self, drips):
        self._drips = drips
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(DEADLINE)
        self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}/echo"
        self.came_again = 0

    def __enter__(self):
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)  # ends accept
        self._thread.join()
        self._listener.close()

    def _serve(self):
        for _ in range(self._drips):
            self._listener.accept()[0].close()
        echoing = threading.Thread(target=self._echo, args=(self._listener.accept()[0],))
        echoing.start()
        with contextlib.suppress(OSError):
            while True:
                self._listener.accept()[0].close()
                self.came_again += 1
        echoing.join()

    def _echo(self, client):
        with client, client.makefile("rb") as stream, contextlib.suppress(OSError):
            client.settimeout(DEADLINE)
            upgrade(client, stream)
            while payload := read_payload(stream):
                client.sendall(b"\x81" + bytes([len(payload)]) + payload)


class WithAnImpatientServer(unittest.TestCase):
    def test_drips_that_are_closed_come_again(self):
        with ImpatientServer(3) as server:
            done = load("latency", server.url, "--clients", "1", "--rate", "100", "--drips", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(server.came_again, 0)
        self.assertLess(json.loads(done.stdout)["drips"], 3)


class WithWrongServers(unittest.TestCase):
    def failure(self, answer):
        with WrongServer(answer) as url:
            done = load("echo", url, "--clients", "1", "--size", "30")
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr

    def test_one_wrong_byte_fails(self):
        self.assertIn("wrong echo", self.failure(lambda payload: b"\x81\x1e" + payload[:-1] + b"?"))

    def test_a_missing_byte_fails(self):
        self.assertIn("29", self.failure(lambda payload: b"\x81\x1d" + payload[:-1]))

    def test_binary_for_text_fails(self):
        self.assertIn("binary", self.failure(lambda payload: b"\x82\x1e" + payload))

    def test_an_answer_too_many_fails(self):
        self.assertIn("wrong echo", self.failure(lambda payload: (b"\x81\x1e" + payload) * 2))

    def test_a_close_frame_fails(self):
        self.assertIn("1011", self.failure(lambda payload: b"\x88\x02\x03\xf3"))

    def test_a_masked_frame_fails(self):
        self.assertIn("masked", self.failure(lambda payload: b"\x81\x9e\x00\x00\x00\x00" + payload))


if __name__ == "__main__":
    unittest.main(verbosity=2)
