# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""examples/04_ticker: a client that reads gets prices of every symbol; one that does not misses some, but never the newest."""

import asyncio
import json
import socket
import time
import unittest

import websocket_client
from example_server import ExampleServer

DEADLINE = 20  # seconds for one answer
SYMBOLS = 12
STALL = 8  # seconds of prices without reading: enough to fill what the system and the connection hold
ROUNDS = 2000  # of prices a second


async def ticks(client, count):
    return [json.loads(await asyncio.wait_for(client.recv(), DEADLINE)) for _ in range(count)]


class RawReader:
    """A client with a tiny window. The server's frames are short texts."""

    def __init__(self, server):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.sendall(
            b"GET /ticks HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        self.file = self.socket.makefile("rb")
        while self.file.readline() != b"\r\n":
            pass

    def next(self):
        first, size = self.file.read(2)
        assert first == 0x81 and size < 126, (first, size)
        return json.loads(self.file.read(size))

    def widen(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

    def close(self):
        self.file.close()
        self.socket.close()


class Ticker(unittest.IsolatedAsyncioTestCase):
    async def test_a_client_that_reads_sees_prices_of_every_symbol_in_their_order(self):
        with ExampleServer("--threads", "2") as server:
            async with websocket_client.connect(server.ws("/ticks"), max_queue=None) as client:
                seen = {}
                for tick in await ticks(client, 50 * SYMBOLS):
                    seen.setdefault(tick["symbol"], []).append(tick["number"])
                self.assertEqual(len(seen), SYMBOLS)
                for numbers in seen.values():  # two prices of one turn of the server are conflated, too
                    self.assertEqual(numbers, sorted(set(numbers)))

    async def test_the_slow_reader_is_switched_on_and_off(self):
        with ExampleServer("--threads", "2") as server:
            async with websocket_client.connect(server.ws("/slow"), max_queue=None) as control:
                await control.send("on")
                while len((report := (await ticks(control, 1))[0])["symbols"]) < SYMBOLS:
                    pass
                self.assertTrue(report["on"])
                await control.send("off")
                while (await ticks(control, 1))[0]["on"]:
                    pass


class Conflation(unittest.TestCase):
    def test_a_stalled_reader_misses_prices_but_not_the_newest(self):
        with ExampleServer("--threads", "2", "--rounds", str(ROUNDS)) as server:
            reader = RawReader(server)
            first = reader.next()
            live = RawReader(server)
            live.widen()
            while live.next()["number"] < first["number"] + STALL * ROUNDS:
                pass
            live.close()
            reader.widen()
            resumed = time.time() * 1000
            received = 0
            newest = {}
            while len(newest) < SYMBOLS or min(each["at"] for each in newest.values()) < resumed:
                tick = reader.next()
                self.assertGreater(tick["number"], newest.get(tick["symbol"], {"number": 0})["number"])  # never back in time
                newest[tick["symbol"]] = tick
                received += 1
            published = SYMBOLS * (min(each["number"] for each in newest.values()) - first["number"])
            print(f"{received} of {published} received")
            self.assertLess(received, published * 2 / 3)
            numbers = [each["number"] for each in newest.values()]
            self.assertLessEqual(max(numbers) - min(numbers), published / SYMBOLS / 4)
            reader.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
