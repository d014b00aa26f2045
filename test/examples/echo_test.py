# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""examples/02_echo, spoken to by Python's websockets."""

import asyncio
import os
import ssl
import tempfile
import unittest

import websocket_client
from example_server import ExampleServer
from websockets.extensions import permessage_deflate

DEADLINE = 20  # seconds for one answer


def connect(uri, compression=None, **options):
    return websocket_client.connect(
        uri, compression=compression, max_size=None, open_timeout=DEADLINE, ping_interval=None, **options
    )


def certificate(name):
    return os.path.join(os.environ["CERTIFICATES"], name)


async def echo(client, message):
    await client.send(message)
    return await asyncio.wait_for(client.recv(), DEADLINE)


async def close_code(client):
    await asyncio.wait_for(client.wait_closed(), DEADLINE)
    return client.close_code


class Echo(unittest.IsolatedAsyncioTestCase):
    async def test_text_comes_back_as_text(self):
        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                for message in ["hello", "", "Grüße, 世界, 🦅", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536]:
                    self.assertEqual(await echo(client, message), message)

    async def test_binary_comes_back_as_binary(self):
        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                for message in [b"", b"\x00\xff\xfe", bytes(range(256)) * 100]:
                    self.assertEqual(await echo(client, message), message)

    async def test_a_mebibyte_comes_back_whole(self):
        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                binary = os.urandom(1 << 20)
                self.assertEqual(await echo(client, binary), binary)
                text = "0123456789abcdef" * (1 << 16)
                self.assertEqual(await echo(client, text), text)

    async def test_tls_is_spoken_if_a_certificate_is_given(self):
        trusting = ssl.create_default_context(cafile=certificate("ca.pem"))
        with ExampleServer("--tls", certificate("server.pem"), certificate("server.key")) as server:
            async with connect(f"wss://localhost:{server.port}/echo", ssl=trusting, host="127.0.0.1") as client:
                for message in ["hello", b"\x00\xff", os.urandom(5 << 20)]:
                    self.assertEqual(await echo(client, message), message)
                await client.close(4000, "enough")
            self.assertEqual(client.close_code, 4000)

    @unittest.skipIf(os.environ.get("HARPIA_SANITIZED"), "a sanitizer keeps what was freed")
    async def test_memory_of_large_messages_returns_to_the_system(self):
        async def burst(uri):
            async with connect(uri) as client:
                for size in (5 << 20, 100 << 10, 1 << 20):
                    message = os.urandom(size)
                    self.assertEqual(await echo(client, message), message)

        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                await echo(client, "warm")
                before = server.resident()
                await asyncio.gather(*(burst(server.ws("/echo")) for _ in range(8)))
                for _ in range(DEADLINE * 10):
                    await asyncio.sleep(0.1)
                    if server.resident() < before + (4 << 20):
                        break
                self.assertLess(server.resident(), before + (4 << 20))

    async def test_a_message_that_is_only_announced_takes_no_memory(self):
        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                await echo(client, "warm")
                before = server.resident()
                sockets = []
                for _ in range(100):
                    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                    writer.write(
                        b"GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                    )
                    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), DEADLINE)
                    writer.write(b"\x82\xff\x00\x00\x00\x00\x00\xff\xff\xff" + b"mask" + b"ten bytes.")
                    sockets.append(writer)
                await echo(client, "the server has read them")
                self.assertLess(server.resident(), before + (2 << 20))
                for writer in sockets:
                    writer.close()

    async def test_many_messages_come_back_in_order(self):
        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                sent = [f"message {number}" for number in range(1000)]
                for message in sent:
                    await client.send(message)
                self.assertEqual([await asyncio.wait_for(client.recv(), DEADLINE) for _ in sent], sent)

    async def test_fragments_come_back_as_one_message(self):
        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                self.assertEqual(await echo(client, ["one ", "two ", "three"]), "one two three")

    async def test_pings_are_answered(self):
        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                await asyncio.wait_for(await client.ping(b"are you there"), DEADLINE)

    async def test_a_message_over_the_limit_closes_with_1009(self):
        with ExampleServer("--max-payload", "100") as server:
            async with connect(server.ws("/echo")) as client:
                self.assertEqual(await echo(client, "x" * 100), "x" * 100)
                await client.send("x" * 101)
                self.assertEqual(await close_code(client), 1009)

    async def test_a_compressed_message_counts_as_what_it_unpacks_to(self):
        with ExampleServer("--max-payload", "1000", "--compress") as server:
            async with connect(server.ws("/echo"), compression="deflate") as client:
                await client.send("x" * 1001)
                self.assertEqual(await close_code(client), 1009)

    async def test_compression_is_negotiated_when_both_want_it(self):
        text = "all work and no play " * 1000
        with ExampleServer("--compress") as server:
            async with connect(server.ws("/echo"), compression="deflate") as client:
                self.assertIn("permessage-deflate", websocket_client.response_headers(client)["Sec-WebSocket-Extensions"])
                self.assertEqual(await echo(client, text), text)
                self.assertEqual(await echo(client, text.encode()), text.encode())
                self.assertEqual(await echo(client, "short"), "short")
            async with connect(server.ws("/echo")) as client:
                self.assertNotIn("Sec-WebSocket-Extensions", websocket_client.response_headers(client))
                self.assertEqual(await echo(client, text), text)
        with ExampleServer() as server:
            async with connect(server.ws("/echo"), compression="deflate") as client:
                self.assertNotIn("Sec-WebSocket-Extensions", websocket_client.response_headers(client))
                self.assertEqual(await echo(client, text), text)

    async def test_compressed_messages_may_refer_to_those_before(self):
        text = "".join(chr(33 + i * i % 89) for i in range(1000))
        with ExampleServer("--compress", "--context-takeover") as server:
            for window in (9, 15):
                offer = permessage_deflate.ClientPerMessageDeflateFactory(
                    server_max_window_bits=window, client_max_window_bits=window
                )
                async with connect(server.ws("/echo"), extensions=[offer]) as client:
                    answer = websocket_client.response_headers(client)["Sec-WebSocket-Extensions"]
                    self.assertNotIn("no_context_takeover", answer)
                    self.assertIn(f"server_max_window_bits={window}", answer)
                    for turn in range(20):
                        self.assertEqual(await echo(client, f"{text} {turn}"), f"{text} {turn}")

    async def test_a_unix_socket_serves_as_well(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "echo.sock")
            with ExampleServer("--unix", path) as server:
                self.assertEqual(server.address, path)
                async with websocket_client.unix_connect(path, "ws://localhost/echo", open_timeout=DEADLINE) as client:
                    self.assertEqual(await echo(client, "hello"), "hello")
            self.assertFalse(os.path.exists(path), "the socket's file is left behind")

    async def test_an_unknown_path_is_refused_before_the_upgrade(self):
        with ExampleServer() as server:
            with self.assertRaises(websocket_client.Refused) as refused:
                await connect(server.ws("/nowhere"))
            self.assertEqual(websocket_client.status_of(refused.exception), 404)

    async def test_clients_on_several_threads_do_not_disturb_one_another(self):
        with ExampleServer("--threads", "2") as server:

            async def talk(number):
                async with connect(server.ws("/echo")) as client:
                    for turn in range(50):
                        self.assertEqual(await echo(client, f"{number}:{turn}"), f"{number}:{turn}")

            await asyncio.gather(*(talk(number) for number in range(20)))

    async def test_a_stop_closes_with_1001(self):
        with ExampleServer() as server:
            async with connect(server.ws("/echo")) as client:
                self.assertEqual(await echo(client, "hello"), "hello")
                await asyncio.get_running_loop().run_in_executor(None, server.stop)
                self.assertEqual(await close_code(client), 1001)


class Broadcast(unittest.IsolatedAsyncioTestCase):
    async def receive(self, client):
        return await asyncio.wait_for(client.recv(), DEADLINE)

    async def test_a_message_reaches_everyone_and_its_sender(self):
        with ExampleServer("--threads", "2") as server:
            clients = [await connect(server.ws("/broadcast")) for _ in range(8)]
            bystander = await connect(server.ws("/echo"))
            await clients[0].send("to all")
            await clients[0].send(b"bytes to all")
            for client in clients:
                self.assertEqual(await self.receive(client), "to all")
                self.assertEqual(await self.receive(client), b"bytes to all")
            self.assertEqual(await echo(bystander, "only mine"), "only mine")
            for client in [*clients, bystander]:
                await client.close()

    async def test_everyone_sees_one_order(self):
        with ExampleServer("--threads", "2") as server:
            clients = [await connect(server.ws("/broadcast")) for _ in range(6)]
            await asyncio.gather(*(self.send_many(client, number) for number, client in enumerate(clients)))
            seen = [[await self.receive(client) for _ in range(6 * 50)] for client in clients]
            for each in seen:
                self.assertEqual(each, seen[0])
            for client in clients:
                await client.close()

    async def send_many(self, client, number):
        for turn in range(50):
            await client.send(f"{number}:{turn}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
