# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Runs the cases, the servers in turn within each round, so that a slow moment of the machine meets all of them."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from report.cases import load_options
from report.servers import RunningServer


def cores():
    """The server's and the generator's; the same where there is one only."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def fits(case, server):
    if server.name == "harpia 2 loops" and not case.both_cores:
        return False
    return case.needs <= server.offers


@cache
def certificate():
    """The files of a certificate for this machine and of its key, made anew; they go with this program."""
    folder = tempfile.TemporaryDirectory()
    certificate.folder = folder  # which would go with its last reference
    paths = [str(Path(folder.name) / name) for name in ("certificate.pem", "key.pem")]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run([*command, "-subj", "/CN=localhost", "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


def server_options(case, server):
    options = server.compress if "compression" in case.needs else ()
    return (*options, *server.tls, *certificate()) if "tls" in case.needs else options


def measure_once(load, case, server, settings):
    server_core, load_core = cores()
    options = server_options(case, server)
    pinned = sorted({server_core, load_core}) if case.both_cores else [server_core]
    with RunningServer(server, pinned, options) as running:
        scheme = "wss" if "tls" in case.needs else "ws"
        url = f"{scheme}://127.0.0.1:{running.port}{case.path}"
        command = [str(load), case.mode, "--url", url, "--server-pid", str(running.pid), "--json"]
        command += ["--warm-up", str(settings["warm_up"]), "--duration", str(settings["seconds"]), *load_options(case, server)]
        if not case.both_cores:
            command += ["--cpu", str(load_core)]
        deadline = settings["seconds"] + 180
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=deadline, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "harpia-load failed")
    figures = json.loads(done.stdout)
    del figures["url"]  # the port was chance
    return figures


def measure_all(load, cases, servers, settings):
    """{case: {server: {"runs": [figures, ...], "errors": [text, ...]}}}"""
    results = {}
    for case in cases:
        taking_part = [server for server in servers if fits(case, server)]
        results[case.name] = {server.name: {"runs": [], "errors": []} for server in taking_part}
        for round_number in range(settings["rounds"]):
            turn = round_number % max(1, len(taking_part))
            for server in taking_part[turn:] + taking_part[:turn]:
                place = results[case.name][server.name]
                try:
                    figures = measure_once(load, case, server, settings)
                    place["runs"].append(figures)
                    note = f"{figures[case.metric.key]:.{case.metric.digits}f} {case.metric.unit}"
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    place["errors"].append(str(error).replace(str(load), "harpia-load"))
                    note = f"failed: {error}"
                print(f"{case.name}, round {round_number + 1}: {server.name}: {note}", file=sys.stderr, flush=True)
    return results


def machine():
    """What the figures depend on, without names or paths."""
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    server_core, load_core = cores()
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release().partition("-")[0],
        "own core for the generator": server_core != load_core,
        "load average before": round(os.getloadavg()[0], 2),
    }
