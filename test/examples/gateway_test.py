# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""examples/07_gateway in front of examples/02_echo."""

import asyncio
import unittest

import websocket_client
from example_server import ExampleServer

DEADLINE = 20  # seconds for one answer


def connect(server, path):
    return websocket_client.connect(server.ws(path), open_timeout=DEADLINE, ping_interval=None, max_size=None, max_queue=4)


def echo(**options):
    return ExampleServer(program="SERVER_PROGRAM", **options)


def gateway(to):
    return ExampleServer("--threads", "2", "--to", to)


async def until(client, text):
    while await asyncio.wait_for(client.recv(), DEADLINE) != text:
        pass


class Gateway(unittest.IsolatedAsyncioTestCase):
    async def test_messages_pass_in_both_directions(self):
        with echo() as server, gateway(server.ws("")) as bridge:
            async with connect(bridge, "/echo") as client:
                for message in ("hello", b"\x00\xff", "x" * (1 << 20)):
                    await client.send(message)
                    self.assertEqual(await asyncio.wait_for(client.recv(), DEADLINE), message)

    async def test_what_is_said_before_the_other_server_answers_waits(self):
        with echo() as server, gateway(server.ws("")) as bridge:
            async with connect(bridge, "/echo") as client:
                for number in range(100):
                    await client.send(str(number))
                for number in range(100):
                    self.assertEqual(await asyncio.wait_for(client.recv(), DEADLINE), str(number))

    async def test_a_client_that_reads_late_gets_everything_in_order(self):
        count, size = 2000, 16 << 10  # more than the buffers on the way hold
        with echo() as server, gateway(server.ws("")) as bridge:
            async with connect(bridge, "/echo") as client:

                async def write():
                    for number in range(count):
                        await client.send(str(number).ljust(size))

                writing = asyncio.create_task(write())
                for number in range(count):
                    message = await asyncio.wait_for(client.recv(), DEADLINE)
                    self.assertEqual(message, str(number).ljust(size))
                await writing

    async def test_each_client_has_a_connection_of_its_own(self):
        with echo() as server, gateway(server.ws("")) as bridge:
            async with connect(bridge, "/broadcast") as one, connect(bridge, "/broadcast") as two:
                for each, text in ((one, "one is there"), (two, "two is there"), (one, "to both")):
                    await each.send(text)
                    await until(each, text)
                await until(two, "to both")

    async def test_a_server_that_stops_closes_its_clients_with_its_code(self):
        with echo() as server:
            with gateway(server.ws("")) as bridge:
                async with connect(bridge, "/echo") as client:
                    await client.send("hello")
                    await asyncio.wait_for(client.recv(), DEADLINE)
                    await asyncio.to_thread(server.stop)
                    with self.assertRaises(websocket_client.ConnectionClosed):
                        await asyncio.wait_for(client.recv(), DEADLINE)
                    self.assertEqual(client.close_code, 1001)

    async def test_a_server_that_refuses_or_is_not_there_closes_with_1014(self):
        with echo() as server:
            port_of_nobody = "ws://127.0.0.1:1"
            for to in (server.ws("/no/such/path"), port_of_nobody):
                with gateway(to) as bridge:
                    async with connect(bridge, "/echo") as client:
                        with self.assertRaises(websocket_client.ConnectionClosed):
                            await asyncio.wait_for(client.recv(), DEADLINE)
                        self.assertEqual(client.close_code, 1014)


if __name__ == "__main__":
    unittest.main(verbosity=2)
