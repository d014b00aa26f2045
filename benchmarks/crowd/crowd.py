#!/usr/bin/env python3
# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""A crowd on one machine: how much memory a connection at rest costs, and how long a broadcast to all takes.

Several servers share a port of the loopback interface, and several processes of clients connect to it, since a process may open
only so many files. They connect from several addresses, since an address has only so many ports.

  crowd.py [--connections 150000] [--programs build/release/benchmarks/crowd] [--json]

Text goes to standard output; with --json it goes to standard error and the figures to standard output. The status is 0 if all
connections were made and every broadcast came to all, otherwise 1, and standard error tells why.
"""
import argparse
import json
import math
import os
import resource
import select
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Descriptors that a process needs for other things.
SPARE_FILES = 100
# The kernel shares connections out by a hash, so some servers get more than others.
EVEN_SHARE = 0.9
# Linux finds a free port at once in one half of an address's ports, and searches for one from then on.
PORTS_WITHOUT_SEARCH = 0.4
# Stop before the machine is out of memory.
LEAST_AVAILABLE = 1 << 30
MILLION = 1_000_000


class Failure(Exception):
    pass


class Process:
    """A program that is told lines and tells lines. It ends when its standard input does."""

    def __init__(self, *command):
        self.name = os.path.basename(command[0]) + " " + " ".join(command[1:])
        self.running = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.unread = b""

    def tell(self, line):
        self.running.stdin.write(line.encode() + b"\n")

    def line(self, deadline):
        """The next line's words."""
        while b"\n" not in self.unread:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Failure(f"{self.name}: no answer in time")
            if available_memory() < LEAST_AVAILABLE:
                raise Failure("the machine is nearly out of memory: ask for fewer connections")
            if select.select([self.running.stdout], [], [], min(left, 1))[0]:
                piece = os.read(self.running.stdout.fileno(), 65536)
                if not piece:
                    raise Failure(f"{self.name}: ended with status {self.running.wait()}")
                self.unread += piece
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode().split()

    def expect(self, word, deadline):
        """The numbers of the next line, which begins with `word`."""
        got = self.line(deadline)
        if not got or got[0] != word:
            raise Failure(f"{self.name}: said {got} instead of '{word}'")
        return [int(number) for number in got[1:]]

    def end(self):
        self.running.stdin.close()

    def wait(self, deadline):
        try:
            self.running.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()

    def resident(self):
        with open(f"/proc/{self.running.pid}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()


def meminfo(name):
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(name + ":"))


def available_memory():
    return meminfo("MemAvailable")


def kernel_memory():
    """Bytes of the kernel's objects and of socket buffers, of the whole machine."""
    with open("/proc/net/sockstat") as file:
        tcp = next(line.split() for line in file if line.startswith("TCP:"))
    return {"slab": meminfo("Slab"), "tcp_buffers": int(tcp[tcp.index("mem") + 1]) * resource.getpagesize()}


def ephemeral_ports():
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first, last = map(int, file.read().split())
    return last - first + 1


def process_counts(options):
    """How many servers and client processes there have to be."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    usable = files - SPARE_FILES
    servers = options.servers or math.ceil(options.connections / (usable * EVEN_SHARE))
    clients = options.clients or math.ceil(options.connections / usable)
    for what, processes, most in (("servers", servers, usable * EVEN_SHARE), ("client processes", clients, usable)):
        if options.connections / processes > most:
            raise Failure(f"{options.connections} connections are too many for {processes} {what}: {int(most)} each at most")
    return servers, clients


def source_addresses():
    for number in range(250 * 250):
        yield f"127.1.{number // 250}.{number % 250 + 1}"
    raise Failure("too many connections for the loopback network")


def share(total, parts, index):
    return total // parts + (1 if index < total % parts else 0)


class Crowd:
    def __init__(self, options, say):
        self.options = options
        self.say = say
        self.server_count, self.client_count = process_counts(options)
        self.deadline = time.monotonic() + options.timeout
        self.servers = []
        self.clients = []
        self.rounds = 0

    def program(self, name):
        path = os.path.join(self.options.programs, name)
        if not os.access(path, os.X_OK):
            raise Failure(f"{path} is not there: build it, or name its folder with --programs")
        return path

    def start_servers(self):
        port = "0"
        for number in range(self.server_count):
            server = Process(self.program("crowd_server"), str(number), port)
            self.servers.append(server)
            port = str(server.expect("listening", self.deadline)[0])
        return port

    def connect(self, port):
        """@return seconds until all were connected"""
        began = time.monotonic()
        addresses = source_addresses()
        for index in range(self.client_count):
            count = share(self.options.connections, self.client_count, index)
            sources = [next(addresses) for _ in range(math.ceil(count / (ephemeral_ports() * PORTS_WITHOUT_SEARCH)))]
            self.clients.append(Process(self.program("crowd_clients"), port, str(count), *sources))
        for client in self.clients:
            while client.line(self.deadline)[0] != "connected":
                pass
        return time.monotonic() - began

    def learn_members(self):
        """Which client processes have members with which servers."""
        self.audience = {number: [] for number in range(self.server_count)}
        held = 0
        for client in self.clients:
            own = int(client.name.split()[2])
            while own > 0:
                server, count = client.expect("members", self.deadline)
                self.audience[server].append(client)
                own -= count
                held += count
        shares = []
        for server in self.servers:
            server.tell("connections")
            shares += server.expect("connections", self.deadline)
        if sum(shares) != held or held != self.options.connections:
            raise Failure(f"clients hold {held} connections, servers {sum(shares)}")
        return shares

    def broadcast(self, numbers):
        """Has servers publish to all of their clients. @return seconds until the last client had it, from the first publish"""
        self.rounds += 1
        for number in numbers:
            self.servers[number].tell(f"publish {self.rounds}")
        began, ended, members, delivered = [], [], 0, 0
        for number in numbers:
            _, size, when = self.servers[number].expect("published", self.deadline)
            members += size
            began.append(when)
        # Each client process writes a line for each server that it has clients with, in any order.
        for client in self.clients:
            for _ in [number for number in numbers if client in self.audience[number]]:
                _, _, count, when = client.expect("delivered", self.deadline)
                delivered += count
                ended.append(when)
        if delivered != members:
            raise Failure(f"a broadcast to {members} members came to {delivered}")
        return (max(ended) - min(began)) / 1e9

    def measure(self):
        port = self.start_servers()
        user_before = sum(server.resident() for server in self.servers)
        kernel_before = kernel_memory()
        self.say(f"{self.server_count} servers and {self.client_count} client processes, {self.options.connections} connections")
        connecting = self.connect(port)
        self.say(f"connected in {connecting:.1f} s")
        shares = self.learn_members()
        kernel = {name: after - kernel_before[name] for name, after in kernel_memory().items()}
        user = sum(server.resident() for server in self.servers) - user_before
        occupied = [number for number in range(self.server_count) if shares[number] > 0]
        each = [[self.broadcast([number]) for number in occupied] for _ in range(self.options.rounds)]
        everybody = [self.broadcast(occupied) for _ in range(self.options.rounds)]
        after_broadcasts = sum(server.resident() for server in self.servers) - user_before
        return figures(self, user_before, user, after_broadcasts, kernel, connecting, shares, each, everybody)

    def end(self):
        everyone = self.clients + self.servers
        for process in everyone:
            process.end()
        deadline = time.monotonic() + 20
        for process in everyone:
            process.wait(deadline)


def median(values):
    return sorted(values)[len(values) // 2]


def figures(crowd, user_before, user, user_after_broadcasts, kernel, connecting, shares, each, everybody):
    connections = crowd.options.connections
    servers = crowd.server_count
    user_each = user / connections
    user_each_after_broadcasts = user_after_broadcasts / connections
    # Both ends of every connection are on this machine, and cost the kernel the same.
    kernel_each = sum(kernel.values()) / connections / 2
    all_at_once = median(everybody)
    one_server = median([seconds for round_ in each for seconds in round_])
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return {
        "connections": connections,
        "servers": servers,
        "client_processes": crowd.client_count,
        "processors": len(os.sched_getaffinity(0)),
        "connections_of_a_server": {"least": min(shares), "most": max(shares)},
        "connect_seconds": connecting,
        "connects_per_second": connections / connecting,
        "user_bytes_per_connection": user_each,
        "user_bytes_per_connection_after_broadcasts": user_each_after_broadcasts,
        "user_bytes_of_a_server_without_connections": user_before / servers,
        "kernel_bytes_per_connection": kernel_each,
        "kernel_bytes_of_both_ends": kernel,
        "broadcast_seconds_one_server": {"median": one_server, "worst": max(max(round_) for round_ in each)},
        "broadcast_seconds_all_servers": {"median": all_at_once, "worst": max(everybody)},
        "deliveries_per_second": connections / all_at_once,
        "million": {
            "user_bytes": user_each_after_broadcasts * MILLION + user_before,
            "kernel_bytes": kernel_each * MILLION,
            "servers_at_this_limit_of_files": math.ceil(MILLION / ((files - SPARE_FILES) * EVEN_SHARE)),
            "broadcast_seconds": all_at_once / connections * MILLION,
            "connect_seconds": connecting / connections * MILLION,
        },
    }


def text(result):
    million = result["million"]
    gib = 1 << 30
    shares = result["connections_of_a_server"]
    one, everybody = result["broadcast_seconds_one_server"], result["broadcast_seconds_all_servers"]
    return f"""
connections           {result['connections']}, all open at once; a server has {shares['least']} to {shares['most']}
time to connect       {result['connect_seconds']:.1f} s, {result['connects_per_second']:.0f} per second
memory per connection
  user                {result['user_bytes_per_connection']:.0f} bytes of the servers' resident memory\
 ({result['user_bytes_per_connection_after_broadcasts']:.0f} after broadcasts)
  kernel              {result['kernel_bytes_per_connection']:.0f} bytes, half of what both ends take
broadcast of 32 bytes, from publish until the last client has read it
  one server          {one['median'] * 1e3:.0f} ms to its clients (worst {one['worst'] * 1e3:.0f} ms)
  all servers         {everybody['median'] * 1e3:.0f} ms to everybody (worst {everybody['worst'] * 1e3:.0f} ms),\
 {result['deliveries_per_second']:.0f} deliveries per second
Servers and clients share {result['processors']} processors.

A million connections that have had broadcasts would need, in proportion:
  memory              {million['user_bytes'] / gib:.1f} GiB for the servers,\
 {million['kernel_bytes'] / gib:.1f} GiB for their kernel; as much of the latter for clients on the same machine
  files               one server that may open so many, or {million['servers_at_this_limit_of_files']} with this machine's limit
  time                {million['connect_seconds']:.0f} s to connect, {million['broadcast_seconds']:.1f} s for a broadcast,\
 with these processors"""


def parse_command_line():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=150_000)
    parser.add_argument("--servers", type=int, help="processes; by default as many as the limit of open files asks for")
    parser.add_argument("--clients", type=int, help="processes; by default as many as the limits of files and ports ask for")
    parser.add_argument("--rounds", type=int, default=5, help="broadcasts of each kind")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for everything")
    parser.add_argument("--programs", default=os.path.join(HERE, "../../build/release/benchmarks/crowd"), help="their folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for name in ("connections", "servers", "clients", "rounds"):
        value = getattr(options, name)
        if value is not None and value < 1:
            parser.error(f"--{name} must be at least 1")
    return options


def main():
    options = parse_command_line()
    crowd = None

    def say(what):
        print(what, file=sys.stderr if options.json else sys.stdout, flush=True)

    try:
        crowd = Crowd(options, say)
        result = crowd.measure()
    except (Failure, OSError) as failure:
        print(f"crowd: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if crowd:
            crowd.end()
    say(text(result))
    if options.json:
        print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
