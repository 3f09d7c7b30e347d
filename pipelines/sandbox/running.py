"""Running a sandbox: in the foreground for `hisab sandbox`, or beside other work for the demo and the tests.

The pretend Hishebi, the two regions of the pretend Lean and the pretend YNAB share one port: Lean's stand below `/uae`
and `/ksa`, YNAB's below `/ynab`.

It listens on this computer's loopback address only: everybody may log in with the known password.
"""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from pipelines.sandbox.hishebi.server import make_app
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.lean.regions import REGIONS
from pipelines.sandbox.lean.server import make_lean_app
from pipelines.sandbox.lean.service import Service
from pipelines.sandbox.lean.settings import LeanTownSettings
from pipelines.sandbox.ynab.server import YnabService, make_ynab_app
from pipelines.sandbox.ynab.settings import YnabSettings

HOST = "127.0.0.1"
_START_SECONDS = 10.0


class SandboxProblem(Exception):
    """The sandbox cannot be started; the message says why and what to do."""


def serve(
    settings: SandboxSettings | None = None, *, port: int = 0, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until the process is interrupted; `ready` is told the base URL. Raises SandboxProblem.

    Without settings it is today there; `port` 0 takes a free one.
    """
    settings = settings or SandboxSettings(today=dt.datetime.now().astimezone().date())
    lean, ynab = LeanTownSettings(today=settings.today), YnabSettings(today=settings.today)
    listening = _listen(port)
    if ready is not None:
        ready(_address(listening))
    try:
        _server(settings, lean, ynab).run(sockets=[listening])
    except KeyboardInterrupt:
        return  # the ordinary end
    finally:
        listening.close()


@contextmanager
def running_sandbox(
    settings: SandboxSettings,
    *,
    lean: LeanTownSettings | None = None,
    ynab: YnabSettings | None = None,
    port: int = 0,
) -> Iterator[str]:
    """Serve in a thread while the block runs; gives the base URL. Raises SandboxProblem.

    Without settings of their own Lean and YNAB are ordinary ones on the same day.
    """
    listening = _listen(port)
    today = settings.today
    server = _server(settings, lean or LeanTownSettings(today=today), ynab or YnabSettings(today=today))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="sandbox", daemon=True)
    thread.start()
    try:
        end = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > end:
                raise SandboxProblem("The sandbox did not start; is the Python installation whole? Try `make setup`.")
            time.sleep(0.005)
        yield _address(listening)
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        listening.close()


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()  # from here on nobody is refused, even before the first answer
    except (OSError, OverflowError):
        listening.close()
        raise SandboxProblem(f"Port {port} of this computer is taken or not allowed: choose another one.") from None
    return listening


def _address(listening: socket.socket) -> str:
    return f"http://{HOST}:{listening.getsockname()[1]}"


def _app(settings: SandboxSettings, lean: LeanTownSettings, ynab: YnabSettings) -> FastAPI:
    regions = [Service(lean, region) for region in REGIONS]
    plans = YnabService(ynab)

    def step_beside(kind: str) -> None:
        for region in regions:
            region.town.step(kind)
        plans.town.step(kind)

    app = FastAPI(title="Sandbox", docs_url=None, redoc_url=None, openapi_url=None)
    for region in regions:
        app.mount(f"/{region.region.name}", make_lean_app(region))
    app.mount("/ynab", make_ynab_app(plans))
    app.mount("/", make_app(settings, step_beside))
    return app


def _server(settings: SandboxSettings, lean: LeanTownSettings, ynab: YnabSettings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            _app(settings, lean, ynab),
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            date_header=False,  # the application dates its answers, rightly or, on demand, wrongly
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
