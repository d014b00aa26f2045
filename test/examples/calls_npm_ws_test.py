# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Runs calls_with_npm_ws.cjs with its server. NPM_PACKAGES is the folder where its packages are installed, DOCUMENT docs/calls.md."""

import os
import shutil
import subprocess
import sys

from example_server import ExampleServer, skip

DEADLINE = 60  # seconds for all of it


def main():
    modules = os.path.join(os.environ["NPM_PACKAGES"], "node_modules")
    node = shutil.which("node")
    if not node:
        skip("there is no node")
    if not os.path.isdir(os.path.join(modules, "ws")):
        skip("npm's ws is not installed; scripts/install-npm-packages does that")

    with ExampleServer() as server:
        environment = {**os.environ, "NODE_PATH": modules, "URL": server.ws("/")}
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "calls_with_npm_ws.cjs")
        if subprocess.run([node, script], env=environment, timeout=DEADLINE).returncode != 0:
            raise AssertionError("a test failed, see above")


if __name__ == "__main__":
    sys.exit(main())
