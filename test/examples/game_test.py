# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""examples/06_game over real sockets, without its page."""

import asyncio
import json
import unittest

import websocket_client
from example_server import ExampleServer

DEADLINE = 20  # seconds for one answer


class Guest:
    """A player, or a spectator."""

    def __init__(self, server, path):
        self._connecting = websocket_client.connect(server.ws(path), open_timeout=DEADLINE, ping_interval=None, max_queue=None)

    async def __aenter__(self):
        self.socket = await self._connecting
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def play(self, cell):
        await self.socket.send(json.dumps({"cell": cell}))

    async def next_of(self, kind):
        """The next message of that type; what comes before it is passed over."""
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), DEADLINE))
            if message["type"] == kind:
                return message

    async def until_moves(self, count):
        """The next state after so many moves; one state may be told several times."""
        while sum(mark != "." for mark in (await self.next_of("state"))["board"]) != count:
            pass

    async def until(self, **expected):
        """The next state that is as expected."""
        while True:
            state = await self.next_of("state")
            if all(state[name] == value for name, value in expected.items()):
                return state

    async def close_code(self):
        await asyncio.wait_for(self.socket.wait_closed(), DEADLINE)
        return self.socket.close_code


class Game(unittest.IsolatedAsyncioTestCase):
    async def test_a_whole_match_with_a_spectator_and_a_lost_connection(self):
        with ExampleServer("--threads", "2") as server:
            async with Guest(server, "/play") as x:
                await x.next_of("waiting")
                o = Guest(server, "/play")
                async with o:
                    seat = await o.next_of("seated")
                    self.assertEqual(seat["mark"], "O")
                    match = (await x.next_of("seated"))["match"]
                    await o.play(0)
                    self.assertEqual((await o.next_of("problem"))["text"], "it is not your turn")
                    await x.play(4)
                    await o.until(board="....X....", turn="O")
                    o.socket.transport.abort()
                await x.until(away=["O"])
                async with Guest(server, f"/watch/{match}") as spectator, Guest(server, f"/play?seat={seat['seat']}") as o:
                    self.assertEqual(await o.next_of("seated"), seat)
                    await x.until(away=[], watching=1)
                    for player, moves, cell in ((o, 1, 0), (x, 2, 2), (o, 3, 8), (x, 4, 6)):
                        if moves > 1:
                            await player.until_moves(moves)
                        await player.play(cell)
                    for guest in (x, o, spectator):
                        end = await guest.until(outcome="won")
                        self.assertEqual((end["winner"], end["row"], end["board"]), ("X", [2, 4, 6], "O.X.X.X.O"))

    async def test_many_matches_at_once(self):
        with ExampleServer("--threads", "2") as server:

            async def play_one():
                async with Guest(server, "/play") as player:
                    mark = (await player.next_of("seated"))["mark"]
                    for moves, cell in ((0, 0), (2, 1), (4, 2)) if mark == "X" else ((1, 3), (3, 4)):
                        await player.until_moves(moves)
                        await player.play(cell)
                    self.assertEqual((await player.until(outcome="won"))["board"], "XXXOO....")

            await asyncio.gather(*(play_one() for _ in range(40)))

    async def test_what_is_not_there_is_refused(self):
        with ExampleServer() as server:
            for path in ("/play?seat=0123", "/watch/1"):
                async with Guest(server, path) as lost:
                    self.assertEqual(await lost.close_code(), 1008)

    async def test_a_stop_does_not_wait_for_a_match(self):
        with ExampleServer("--threads", "2") as server:
            async with Guest(server, "/play") as x, Guest(server, "/play") as o:
                await x.until(turn="X")
                o.socket.transport.abort()
                await x.until(away=["O"])
                await asyncio.to_thread(server.stop)


if __name__ == "__main__":
    unittest.main(verbosity=2)
