# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Runs echo_with_npm_ws.cjs with the servers it needs. NPM_PACKAGES is the folder where its packages are installed."""

import os
import shutil
import subprocess
import sys
import tempfile

from example_server import ExampleServer, skip

DEADLINE = 90  # seconds for all of it
MAX_PAYLOAD = 2 << 20


def main():
    modules = os.path.join(os.environ["NPM_PACKAGES"], "node_modules")
    node = shutil.which("node")
    if not node:
        skip("there is no node")
    if not os.path.isdir(os.path.join(modules, "ws")):
        skip("npm's ws is not installed; scripts/install-npm-packages does that")

    with tempfile.TemporaryDirectory() as folder:
        unix_path = os.path.join(folder, "echo.sock")
        options = ["--compress", "--max-payload", str(MAX_PAYLOAD)]
        with (
            ExampleServer() as plain,
            ExampleServer(*options) as compressing,
            ExampleServer(*options, "--context-takeover") as taking_over,
            ExampleServer("--unix", unix_path),
        ):
            environment = {
                **os.environ,
                "NODE_PATH": modules,
                "PLAIN_URL": plain.ws(""),
                "COMPRESSING_URL": compressing.ws(""),
                "TAKEOVER_URL": taking_over.ws(""),
                "MAX_PAYLOAD": str(MAX_PAYLOAD),
                "UNIX_PATH": unix_path,
            }
            script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "echo_with_npm_ws.cjs")
            if subprocess.run([node, script], env=environment, timeout=DEADLINE).returncode != 0:
                raise AssertionError("a test failed, see above")


if __name__ == "__main__":
    sys.exit(main())
