# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""examples/03_rooms: who is here, and receipts."""

import asyncio
import json
import unittest

import websocket_client
from example_server import ExampleServer

DEADLINE = 20  # seconds for one answer


def visit(server, room, name):
    return websocket_client.connect(
        server.ws(f"/rooms/{room}?name={name}"), open_timeout=DEADLINE, ping_interval=None, max_queue=None
    )


async def next_of(client, kind):
    """The next message of that type; what comes before it is passed over."""
    while True:
        message = json.loads(await asyncio.wait_for(client.recv(), DEADLINE))
        if message["type"] == kind:
            return message


async def until_here(client, count):
    while (await next_of(client, "here"))["count"] != count:
        pass


class Rooms(unittest.IsolatedAsyncioTestCase):
    async def test_everyone_hears_how_many_are_here(self):
        with ExampleServer("--threads", "2") as server:
            async with visit(server, "tea", "Ann") as ann:
                await until_here(ann, 1)
                async with visit(server, "tea", "Bob") as bob, visit(server, "coffee", "Cid") as cid:
                    await until_here(ann, 2)
                    await until_here(bob, 2)
                    await until_here(cid, 1)
                await until_here(ann, 1)

    async def test_the_sender_gets_a_receipt_and_the_others_the_message(self):
        with ExampleServer("--threads", "2") as server:
            async with visit(server, "tea", "Ann") as ann, visit(server, "tea", "Bob") as bob, visit(server, "tea", "Cid") as cid:
                await ann.send("hello")
                self.assertEqual(await next_of(ann, "receipt"), {"type": "receipt", "accepted": 2, "buffered": 0, "dropped": 0})
                for each in (bob, cid):
                    self.assertEqual(await next_of(each, "said"), {"type": "said", "name": "Ann", "text": "hello"})

    async def test_an_empty_room_can_be_entered_again(self):
        with ExampleServer("--threads", "2") as server:
            for _ in range(50):
                async with visit(server, "tea", "Ann") as ann:
                    await until_here(ann, 1)

    async def test_a_name_is_needed(self):
        with ExampleServer() as server:
            for name in ("", "%ff"):
                with self.assertRaises(websocket_client.Refused) as refused:
                    await visit(server, "tea", name)
                self.assertEqual(websocket_client.status_of(refused.exception), 400)


if __name__ == "__main__":
    unittest.main(verbosity=2)
