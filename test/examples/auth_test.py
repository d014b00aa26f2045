# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""examples/05_auth over real sockets."""

import asyncio
import unittest

import websocket_client
from example_server import ExampleServer

DEADLINE = 20  # seconds for one answer


async def next_of(client):
    return await asyncio.wait_for(client.recv(), DEADLINE)


class Auth(unittest.IsolatedAsyncioTestCase):
    async def test_a_token_is_checked_before_the_upgrade(self):
        with ExampleServer("--threads", "2") as server:
            known = {"Authorization": "Bearer token-of-ann"}
            async with websocket_client.connect(server.ws("/token"), headers=known, open_timeout=DEADLINE) as ann:
                self.assertEqual(await next_of(ann), "welcome, ann")
            with self.assertRaises(websocket_client.Refused) as refused:
                await websocket_client.connect(server.ws("/token"), open_timeout=DEADLINE)
            self.assertEqual(websocket_client.status_of(refused.exception), 401)

    async def test_a_login_leads_to_the_next_phase(self):
        with ExampleServer("--threads", "2") as server:
            async with websocket_client.connect(server.ws("/login"), open_timeout=DEADLINE) as bob:
                self.assertEqual(await next_of(bob), "say: login NAME PASSWORD")
                await bob.send("login bob apple")
                self.assertEqual(await next_of(bob), "no such name and password")
                await bob.send("login bob bicycle")
                self.assertEqual(await next_of(bob), "welcome, bob")
                await bob.send("hello")
                self.assertEqual(await next_of(bob), "bob: hello")

    async def test_three_failed_attempts_close(self):
        with ExampleServer("--threads", "2") as server:
            async with websocket_client.connect(server.ws("/login"), open_timeout=DEADLINE) as eve:
                for _ in range(3):
                    await eve.send("login ann 1234")
                await asyncio.wait_for(eve.wait_closed(), DEADLINE)
                self.assertEqual((eve.close_code, eve.close_reason), (1008, "too many attempts"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
