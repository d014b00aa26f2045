#!/usr/bin/env python3
# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Pages, streams and WebSockets behind nginx, haproxy and Caddy: with the files of docs/deployment, and with the least that their manuals
ask for."""

import asyncio
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from example_server import ExampleServer, skip
import websocket_client

DEPLOYMENT = pathlib.Path(os.environ["DEPLOYMENT"])
SILENCE = 62  # seconds; many proxies cut a connection after 60
READY = 20  # seconds
CLIENT = "127.0.0.2"  # not one of the trusted proxies


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def placed(name, port, server):
    """A file of docs/deployment with other ports."""
    text = (DEPLOYMENT / name).read_text(encoding="utf-8")
    for line, other in (("listen 80;", f"listen 127.0.0.1:{port};"), ("bind :80", f"bind 127.0.0.1:{port}"),
                        (":80 {", f"http://127.0.0.1:{port} {{"), ("127.0.0.1:3000", f"127.0.0.1:{server.port}")):
        text = text.replace(line, other)
    return text


def nginx_with(folder, servers):
    """nginx's main file around `servers`."""
    return f"""
daemon off; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {servers}
}}
"""


class Proxy:
    """A running proxy, as a context manager."""

    def __init__(self, name, command, text, server):
        self.name = name
        self.port = free_port()
        self._folder = pathlib.Path(tempfile.mkdtemp())
        self._folder.chmod(0o755)  # nginx does not stay root
        self._file = self._folder / "configuration"
        self._file.write_text(text(self, server), encoding="utf-8")
        self.command = [part.replace("FILE", str(self._file)) for part in command]

    @property
    def folder(self):
        return self._folder

    def __enter__(self):
        environment = {**os.environ, "HOME": str(self._folder), "XDG_DATA_HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder)}
        self._output = open(self._folder / "output", "w+b")
        self.process = subprocess.Popen(self.command, stdout=self._output, stderr=self._output, env=environment)
        end = time.monotonic() + READY
        while self.status("/health") != 200:
            if time.monotonic() > end or self.process.poll() is not None:
                self.__exit__(AssertionError, None, None)
                raise AssertionError(f"{self.name} does not serve")
            time.sleep(0.05)
        return self

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        self.process.wait(10)
        if kind:
            self._output.seek(0)
            print(f"--- {self.name}\n{self._output.read().decode(errors='replace')}\n---", file=sys.stderr)
        self._output.close()
        shutil.rmtree(self._folder)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def curl(self, path, *options, data=None):
        return subprocess.run(["curl", "--silent", "--show-error", "--max-time", "10", "--interface", CLIENT, *options, self.url(path)], input=data,
                              capture_output=True, check=False).stdout

    def status(self, path, *options):
        return int(self.curl(path, "--output", "/dev/null", "--write-out", "%{http_code}", *options) or 0)

    def raw(self, text):
        """What comes back for bytes that no good client sends, until the end or a second of silence."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as one:
            one.sendall(text.encode())
            one.settimeout(1)
            answer = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                while piece := one.recv(65536):
                    answer += piece
            return answer.decode(errors="replace")


def nginx(server, servers=None):
    """With the file of docs/deployment, or with the least."""
    def text(proxy, behind):
        least = f"server {{ listen 127.0.0.1:{proxy.port}; location / {{ proxy_pass http://127.0.0.1:{behind.port}; }} }}"
        return nginx_with(proxy.folder, least if servers == "least" else placed("nginx.conf", proxy.port, behind))
    return Proxy("nginx" + (" (least)" if servers else ""), ["nginx", "-c", "FILE"], text, server)


def haproxy(server):
    return Proxy("haproxy", ["haproxy", "-db", "-f", "FILE"], lambda proxy, behind: placed("haproxy.cfg", proxy.port, behind), server)


def plain_haproxy(server):
    """With a health check as it is by default: OPTIONS / of HTTP/1.0."""
    text = lambda proxy, behind: f"""
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend web
  bind 127.0.0.1:{proxy.port}
  default_backend app
backend app
  option httpchk
  server app1 127.0.0.1:{behind.port} check inter 100ms
"""
    return Proxy("haproxy (least)", ["haproxy", "-db", "-f", "FILE"], text, server)


def caddy(server):
    return Proxy("caddy", ["caddy", "run", "--adapter", "caddyfile", "--config", "FILE"],
                 lambda proxy, behind: "{\n\tadmin off\n}\n" + placed("Caddyfile", proxy.port, behind), server)


def check_pages(proxy):
    assert proxy.curl("/health") == b"ok", proxy.name
    assert proxy.status("/nowhere") == 404, proxy.name
    assert proxy.status("/health", "--head") == 200, proxy.name
    assert proxy.status("/health", "--request", "DELETE") == 405, proxy.name
    large = os.urandom(200_000)
    assert proxy.curl("/echo", "--data-binary", "@-", data=large) == large, proxy.name
    assert proxy.curl("/echo", "--header", "Transfer-Encoding: chunked", "--data-binary", "@-", data=large) == large, proxy.name
    whole = proxy.curl("/files/large.bin")
    assert len(whole) == 3_000_000, (proxy.name, len(whole))
    assert proxy.curl("/files/large.bin", "--range", "1000-1999") == whole[1000:2000], proxy.name
    tag = next(line.split(b": ")[1].strip().decode() for line in proxy.curl("/files/large.bin", "--head").splitlines()
               if line.lower().startswith(b"etag:"))
    assert proxy.status("/files/large.bin", "--header", f"If-None-Match: {tag}") == 304, proxy.name


def check_address(proxy):
    """The client's address, whatever the client says of it."""
    assert proxy.curl("/who") == CLIENT.encode(), (proxy.name, proxy.curl("/who"))
    assert proxy.curl("/who", "--header", "X-Forwarded-For: 192.0.2.1") == CLIENT.encode(), proxy.name


def check_stream(proxy):
    """An event reaches the client while the response goes on."""
    with subprocess.Popen(["curl", "--silent", "--no-buffer", "--max-time", "20", proxy.url("/events")], stdout=subprocess.PIPE) as events:
        assert events.stdout.readline() == b"data: first\n", proxy.name
        assert events.stdout.readline() == b"\n", proxy.name
        assert proxy.status("/next") == 200, proxy.name
        assert events.stdout.readline() == b"data: second\n", proxy.name
        events.terminate()


def check_smuggling(proxy):
    """What two readers could read differently is answered once, or not at all; nobody's next request gets another's answer."""
    hidden = "GET /who HTTP/1.1\r\nHost: x\r\n\r\n"
    for fields in ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
                   "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
                   "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
                   f"Content-Length: 0\r\nContent-Length: {len(hidden)}\r\n\r\n" + hidden,
                   f"Content-Length : {len(hidden)}\r\n\r\n" + hidden):
        answer = proxy.raw("POST /echo HTTP/1.1\r\nHost: x\r\n" + fields)
        told = [line for line in answer.split("\r\n") if line in (CLIENT, "127.0.0.1")]
        assert len(told) <= 1, (proxy.name, fields, answer)  # a proxy that reads two requests passes two on
        assert proxy.curl("/health") == b"ok", (proxy.name, fields)


async def check_websocket(proxy):
    """An echo, and whoever comes from another page is refused."""
    own, other = f"http://127.0.0.1:{proxy.port}", "http://evil.example"
    async with websocket_client.connect(f"ws://127.0.0.1:{proxy.port}/ws", headers={"Origin": own}) as client:
        assert await client.recv() == "127.0.0.1", proxy.name
        for text in ("hello", "x" * 100_000):
            await client.send(text)
            assert await client.recv() == text, proxy.name
    try:
        async with websocket_client.connect(f"ws://127.0.0.1:{proxy.port}/ws", headers={"Origin": other}):
            raise AssertionError(f"{proxy.name}: another page was let in")
    except websocket_client.Refused as refused:
        assert websocket_client.status_of(refused) == 403, proxy.name


async def check_silence(proxies):
    """A connection that says nothing for a minute is still there, as harpia sends pings."""
    async def silent(proxy):
        async with websocket_client.connect(f"ws://127.0.0.1:{proxy.port}/ws", ping_interval=None) as client:
            await client.recv()
            await asyncio.sleep(SILENCE)
            await client.send("still there?")
            assert await asyncio.wait_for(client.recv(), 10) == "still there?", proxy.name
    await asyncio.gather(*(silent(proxy) for proxy in proxies))


async def check_reload(proxy):
    """nginx reads its file again: who is connected stays, and whoever comes is served."""
    async with websocket_client.connect(f"ws://127.0.0.1:{proxy.port}/ws") as client:
        await client.recv()
        proxy.process.send_signal(signal.SIGHUP)
        for _ in range(20):
            assert proxy.curl("/health") == b"ok"
            await client.send("still there?")
            assert await client.recv() == "still there?"


def main():
    for program in ("nginx", "haproxy", "caddy", "curl"):
        if not shutil.which(program):
            skip(f"no {program} found")
    with tempfile.TemporaryDirectory() as files, contextlib.ExitStack() as running:
        (pathlib.Path(files) / "large.bin").write_bytes(os.urandom(3_000_000))
        server = running.enter_context(ExampleServer("--files", files))
        behind_header = running.enter_context(ExampleServer("--files", files, "--proxy-protocol"))
        full = [running.enter_context(one) for one in (nginx(server), haproxy(behind_header), caddy(server))]
        least = [running.enter_context(one) for one in (nginx(server, "least"), plain_haproxy(server))]
        for proxy in full + least:
            check_pages(proxy)
            check_smuggling(proxy)
        for proxy in full:
            check_address(proxy)
            check_stream(proxy)
            asyncio.run(check_websocket(proxy))
        asyncio.run(check_reload(full[0]))
        asyncio.run(check_silence(full))


main()
