"""Serving an application of ours: until it is ended (webhooks, the sandbox), or beside other work (pages, the demo)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

LOOPBACK = "127.0.0.1"
_QUEUE = 1024
"""Connections the kernel may hold while all requests so far are being answered."""
_START_SECONDS = 10.0


class ServeProblem(Exception):
    """The server cannot be started; the message says why and what to do."""


def serve(app: FastAPI, *, host: str, port: int, ready: Callable[[str], None], dated: bool = True) -> None:
    """Serve until interrupted; `ready` is told the address. `port` 0 takes a free one. Raises ServeProblem.

    `dated` answers bear the server's Date header; an application that dates its own wants none.
    """
    listening = _listen(host, port)
    ready(_address(host, listening))
    try:
        _server(app, graceful_seconds=5, dated=dated).run(sockets=[listening])
    except KeyboardInterrupt:
        return  # the ordinary end
    finally:
        listening.close()


@contextmanager
def serving(make_app: Callable[[str], FastAPI], *, port: int = 0, dated: bool = True) -> Iterator[str]:
    """Serve to this computer alone while the block runs; gives the address. Raises ServeProblem.

    The application is made once its address is known, so that it can refuse to answer under any other name. `port` 0
    takes a free one; `dated` as for `serve`.
    """
    listening = _listen(LOOPBACK, port)
    address = _address(LOOPBACK, listening)
    server = _server(make_app(address), graceful_seconds=1, dated=dated)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server", daemon=True)
    thread.start()
    try:
        end = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > end:
                raise ServeProblem("Nothing was served: is the Python installation whole? Try `make setup`.")
            time.sleep(0.005)
        yield address
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        listening.close()


def free_port(wanted: int) -> int:
    """The wanted port of this computer, or another that is free right now. Raises ServeProblem when none is."""
    try:
        listening = _listen(LOOPBACK, wanted)
    except ServeProblem:
        listening = _listen(LOOPBACK, 0)
    with listening:
        port: int = listening.getsockname()[1]
        return port


def _server(app: FastAPI, *, graceful_seconds: int, dated: bool) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            date_header=dated,
            server_header=False,
            timeout_graceful_shutdown=graceful_seconds,
        )
    )


def _address(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except (OSError, OverflowError):
        raise ServeProblem(f"{host} is no address of this computer.") from None
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_QUEUE)
    except (OSError, OverflowError):
        listening.close()
        raise ServeProblem(f"Port {port} of {host} is taken or not allowed: choose another one with --port.") from None
    return listening
