# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""examples/01_chat without its page."""

import asyncio
import json
import unittest
import urllib.request
from urllib.parse import quote

import websocket_client
from example_server import ExampleServer

DEADLINE = 20  # seconds for one answer


class Visitor:
    """Somebody in a room."""

    def __init__(self, server, room, name):
        query = "" if name is None else f"?name={quote(name)}"
        # Without max_queue a visitor that does not read what comes would not see the answer to its close frame either.
        self._connecting = websocket_client.connect(
            server.ws(f"/chat/{room}{query}"), open_timeout=DEADLINE, ping_interval=None, max_queue=None
        )

    async def __aenter__(self):
        self.socket = await self._connecting
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, message):
        await self.socket.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    async def say(self, text):
        await self.send({"type": "say", "text": text})

    async def next(self):
        return json.loads(await asyncio.wait_for(self.socket.recv(), DEADLINE))

    async def next_of(self, kind):
        """The next message of that type; what comes before it is passed over."""
        while True:
            message = await self.next()
            if message["type"] == kind:
                return message

    async def until_here(self, *names):
        while (await self.next_of("here"))["names"] != sorted(names):
            pass

    async def close_code(self):
        await asyncio.wait_for(self.socket.wait_closed(), DEADLINE)
        return self.socket.close_code


class Greeting(unittest.IsolatedAsyncioTestCase):
    async def test_the_plain_route_greets_and_logs(self):
        with ExampleServer() as server:
            async with websocket_client.connect(server.ws("/chat")) as client:
                self.assertEqual(await asyncio.wait_for(client.recv(), DEADLINE), "Welcome to the chat, Alice!")
                await client.send("hello there")
                await asyncio.wait_for(await client.ping(), DEADLINE)  # it has been handled
            server.stop()
            self.assertIn("Message received from Alice: hello there", server.lines)


class Rooms(unittest.IsolatedAsyncioTestCase):
    async def test_a_visitor_is_welcomed_and_told_who_is_here(self):
        with ExampleServer() as server:
            async with Visitor(server, "tea", "Ann") as ann:
                welcome = await ann.next()
                self.assertEqual((welcome["type"], welcome["room"], welcome["name"]), ("welcome", "tea", "Ann"))
                self.assertEqual(await ann.next(), {"type": "here", "names": ["Ann"]})

    async def test_what_is_said_reaches_the_whole_room_and_the_speaker(self):
        with ExampleServer("--threads", "2") as server:
            async with Visitor(server, "tea", "Ann") as ann, Visitor(server, "tea", "Bob") as bob:
                user = (await ann.next_of("welcome"))["user"]
                await ann.say("  Grüße 🦅 <b>not bold</b>\n\"quoted\"  ")
                for visitor in (ann, bob):
                    said = await visitor.next_of("said")
                    self.assertEqual((said["user"], said["name"]), (user, "Ann"))
                    self.assertEqual(said["text"], 'Grüße 🦅 <b>not bold</b>\n"quoted"')
                    self.assertGreater(said["at"], 1_600_000_000_000)

    async def test_rooms_do_not_hear_one_another(self):
        with ExampleServer("--threads", "2") as server:
            async with Visitor(server, "tea", "Ann") as ann, Visitor(server, "coffee", "Bob") as bob:
                await bob.until_here("Bob")
                await ann.say("in the tea room")
                await ann.next_of("said")
                await bob.say("in the coffee room")
                said = await bob.next()
                self.assertEqual((said["type"], said["text"]), ("said", "in the coffee room"))

    async def test_everyone_sees_who_comes_and_goes(self):
        with ExampleServer("--threads", "2") as server:
            async with Visitor(server, "tea", "Ann") as ann:
                async with Visitor(server, "tea", "Bob"):
                    self.assertEqual((await ann.next_of("joined"))["name"], "Bob")
                    await ann.until_here("Ann", "Bob")
                self.assertEqual((await ann.next_of("left"))["name"], "Bob")
                await ann.until_here("Ann")

    async def test_a_visitor_who_vanishes_has_left(self):
        with ExampleServer() as server:
            async with Visitor(server, "tea", "Ann") as ann, Visitor(server, "tea", "Bob") as bob:
                await ann.until_here("Ann", "Bob")
                bob.socket.transport.abort()
                await ann.until_here("Ann")

    async def test_a_name_that_two_have_is_here_until_both_left(self):
        with ExampleServer() as server:
            async with Visitor(server, "tea", "Ann") as first:
                await first.until_here("Ann")
                async with Visitor(server, "tea", "Ann"):
                    self.assertEqual(await first.next(), {"type": "here", "names": ["Ann"]})
                self.assertEqual(await first.next(), {"type": "here", "names": ["Ann"]})

    async def test_after_many_came_and_went_the_last_list_is_right(self):
        with ExampleServer("--threads", "2") as server:
            async with Visitor(server, "tea", "Ann") as ann:

                async def visit(number):
                    async with Visitor(server, "tea", f"Guest {number}") as guest:
                        await guest.next_of("here")

                await asyncio.gather(*(visit(number) for number in range(40)))
                async with Visitor(server, "tea", "Last"):
                    await ann.until_here("Ann", "Last")
                await ann.until_here("Ann")


class Refusals(unittest.IsolatedAsyncioTestCase):
    async def assert_refused(self, visitor, word):
        error = await visitor.next_of("error")
        self.assertIn(word, error["message"])

    async def test_a_bad_message_gets_an_answer_and_the_talk_goes_on(self):
        bad = [
            ("{", "JSON"),
            ("", "JSON"),
            ("[" * 10000, "JSON"),
            ("[1, 2]", "JSON object"),
            (b"\x00\xff", "JSON"),
            ('{"type":"say","text":"\\ud800"}', "JSON"),
            ({}, "type"),
            ({"type": "shout", "text": "hi"}, "type"),
            ({"type": 7}, "type"),
            ({"type": "say"}, "text"),
            ({"type": "say", "text": ["hi"]}, "text"),
            ({"type": "say", "text": " \n "}, "empty"),
            ({"type": "say", "text": "x" * 2001}, "2000"),
        ]
        with ExampleServer() as server:
            async with Visitor(server, "tea", "Ann") as ann:
                for message, word in bad:
                    with self.subTest(message=message[:40] if isinstance(message, (str, bytes)) else str(message)[:40]):
                        await ann.send(message)
                        await self.assert_refused(ann, word)
                await ann.say("still here")
                self.assertEqual((await ann.next_of("said"))["text"], "still here")

    async def test_limits_count_characters_not_bytes(self):
        with ExampleServer() as server:
            async with Visitor(server, "tea", "🦅" * 32) as ann:
                self.assertEqual((await ann.next_of("welcome"))["name"], "🦅" * 32)
                await ann.say("🦅" * 2000)
                self.assertEqual((await ann.next_of("said"))["text"], "🦅" * 2000)

    async def test_a_bad_name_is_refused_with_a_reason(self):
        with ExampleServer() as server:
            for name, word in [("x" * 33, "32"), ("", "needed"), ("   ", "needed"), (None, "needed"), ("a\x00b", "printable")]:
                with self.subTest(name=name):
                    async with Visitor(server, "tea", name) as visitor:
                        await self.assert_refused(visitor, word)
                        self.assertEqual(await visitor.close_code(), 1008)

    async def test_a_name_that_is_no_utf8_is_refused(self):
        with ExampleServer() as server:
            for query in ["%ff", "%c0%80", "%ed%a0%80", "%f4%90%80%80", "%e2%82", "ab%e2"]:
                with self.subTest(query=query):
                    async with websocket_client.connect(server.ws(f"/chat/tea?name={query}")) as client:
                        error = json.loads(await asyncio.wait_for(client.recv(), DEADLINE))
                        self.assertEqual(error["type"], "error")

    async def test_a_bad_room_is_refused_with_a_reason(self):
        with ExampleServer() as server:
            for room, word in [("x" * 33, "32"), ("a%20b", "letters"), ("%C3%A9", "letters")]:
                with self.subTest(room=room):
                    async with Visitor(server, room, "Ann") as visitor:
                        await self.assert_refused(visitor, word)
                        self.assertEqual(await visitor.close_code(), 1008)


class Page(unittest.TestCase):
    def get(self, server, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(server.http(path), timeout=DEADLINE) as answer:
            return answer.headers["Content-Type"], answer.read().decode()

    def test_every_room_has_the_page(self):
        with ExampleServer() as server:
            kind, lobby = self.get(server, "/")
            self.assertEqual(kind, "text/html; charset=utf-8")
            self.assertIn("<title>harpia chat</title>", lobby)
            self.assertEqual(self.get(server, "/room/tea"), (kind, lobby))
            self.assertEqual(self.get(server, "/chat.js")[0], "text/javascript; charset=utf-8")
            self.assertEqual(self.get(server, "/chat.css")[0], "text/css; charset=utf-8")


if __name__ == "__main__":
    unittest.main(verbosity=2)
