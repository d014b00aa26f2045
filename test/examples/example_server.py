# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Runs an example server for a test: starts it, knows its address, and sees that it ends as it should."""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading

START_DEADLINE = 20  # seconds; a build with sanitizers is slow
STOP_DEADLINE = 10
SKIPPED = 77  # ctest's SKIP_RETURN_CODE for these tests


def skip(reason):
    """Ends the test as skipped; where nothing may be missing (CI=true) as failed."""
    print(f"skipped: {reason}", file=sys.stderr)
    sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)


class ExampleServer:
    """A running example, as a context manager. The program comes from the environment, from EXAMPLE_PROGRAM if no variable is named.

    Leaving the context stops it with SIGTERM and requires exit status 0. Its standard error is shown if anything went wrong.
    """

    def __init__(self, *options, port=0, program="EXAMPLE_PROGRAM"):
        self._command = [os.environ[program], *options]
        if "--unix" not in options:
            self._command += ["--port", str(port), "--host", "127.0.0.1"]
        self.address = ""
        self.port = 0
        self.lines = []  # of standard output, complete once it has stopped

    def __enter__(self):
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=self._errors, encoding="utf-8")
        self._address_found = queue.Queue()
        self._reader = threading.Thread(target=self._read_output)
        self._reader.start()
        try:
            self.address = self._address_found.get(timeout=START_DEADLINE)
            if not self.address:
                raise AssertionError("the server ended before it listened")
        except BaseException:
            self._process.kill()
            self._finish()
            self._show_errors()
            raise
        host, _, port = self.address.rpartition(":")
        if host:
            self.port = int(port)
        return self

    def __exit__(self, kind, error, trace):
        try:
            self.stop()
        except BaseException:
            self._show_errors()
            raise
        if kind:
            self._show_errors()
        self._errors.close()

    def resident(self):
        """Bytes of memory that the server has."""
        with open(f"/proc/{self._process.pid}/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        """SIGTERM, as an init system would; the exit status must be 0."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_DEADLINE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                raise AssertionError(f"the server did not stop within {STOP_DEADLINE} s of SIGTERM") from None
            finally:
                self._finish()
        if self._process.returncode != 0:
            raise AssertionError(f"the server's exit status is {self._process.returncode}, not 0")

    def http(self, path="/"):
        return f"http://{self.address}{path}"

    def ws(self, path):
        return f"ws://{self.address}{path}"

    def _read_output(self):
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            start, found, address = self.lines[-1].partition("listening on ")
            if found and not start:
                self._address_found.put(address)
        self._address_found.put("")

    def _finish(self):
        self._process.wait(STOP_DEADLINE)
        self._reader.join()
        self._process.stdout.close()

    def _show_errors(self):
        self._errors.seek(0)
        text = self._errors.read().decode(errors="replace")
        print(f"--- standard error of {' '.join(self._command)}\n{text or '(nothing)'}\n---", file=sys.stderr)
