"""Serving the receiver until the process is ended; kept apart from the application, which knows no sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

_QUEUE = 1024
"""Connections the kernel may hold while all requests so far are being answered."""


class ServeProblem(Exception):
    """The receiver cannot be started; the message says why and what to do."""


def serve(app: FastAPI, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` is told the address. `port` 0 takes a free one. Raises ServeProblem."""
    listening = _listen(host, port)
    ready(f"http://{host}:{listening.getsockname()[1]}")
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        return  # the ordinary end
    finally:
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        listening = socket.socket(found[0][0], socket.SOCK_STREAM)
    except (OSError, OverflowError):
        raise ServeProblem(f"{host} is no address of this computer.") from None
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_QUEUE)
    except (OSError, OverflowError):
        listening.close()
        raise ServeProblem(f"Port {port} of {host} is taken or not allowed: choose another one with --port.") from None
    return listening
