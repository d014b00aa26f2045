# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Python's websockets under one set of names: those of Debian 12 (10.4) and of Debian 13 (15.0.1) differ."""

import inspect

from example_server import skip

try:
    import websockets
    from websockets import exceptions
except ImportError as missing:
    skip(str(missing))

_OPTIONS = inspect.signature(websockets.connect).parameters
_NEW = "additional_headers" in _OPTIONS
# The tests' servers are never behind a proxy; 10.4 knows none, 15 takes one from the environment.
_DIRECTLY = {"proxy": None} if "proxy" in _OPTIONS else {}

ConnectionClosed = exceptions.ConnectionClosed
Refused = exceptions.InvalidStatus if _NEW else exceptions.InvalidStatusCode  # another answer than an upgrade


def connect(uri, headers=None, **options):
    """To be awaited, or an asynchronous context manager. The request has these headers, too."""
    return websockets.connect(uri, **{"additional_headers" if _NEW else "extra_headers": headers}, **_DIRECTLY, **options)


def unix_connect(path, uri, **options):
    return websockets.unix_connect(path, uri, **options)


def status_of(refused):
    return refused.response.status_code if _NEW else refused.status_code


def response_headers(client):
    return client.response.headers if _NEW else client.response_headers
