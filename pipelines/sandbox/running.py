"""Running a sandbox: in the foreground for `hisab sandbox`, or beside other work for the demo and the tests.

The pretend Hishebi, the two regions of the pretend Lean and the pretend YNAB share one port: Lean's stand below `/uae`
and `/ksa`, YNAB's below `/ynab`.

It listens on this computer's loopback address only: everybody may log in with the known password.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

from fastapi import FastAPI

from pipelines import local_server
from pipelines.sandbox.hishebi.server import make_app
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.lean.regions import REGIONS
from pipelines.sandbox.lean.server import make_lean_app
from pipelines.sandbox.lean.service import Service
from pipelines.sandbox.lean.settings import LeanTownSettings
from pipelines.sandbox.ynab.server import YnabService, make_ynab_app
from pipelines.sandbox.ynab.settings import YnabSettings


def serve(*, port: int, ready: Callable[[str], None], settings: SandboxSettings | None = None) -> None:
    """Serve until the process is interrupted; `ready` is told the base URL. Raises ServeProblem.

    Without settings it is today there; `port` 0 takes a free one.
    """
    settings = settings or SandboxSettings(today=dt.datetime.now().astimezone().date())
    app = _app(settings, LeanTownSettings(today=settings.today), YnabSettings(today=settings.today))
    # the application dates its answers, rightly or, on demand, wrongly
    local_server.serve(app, host=local_server.LOOPBACK, port=port, ready=ready, dated=False)


def running_sandbox(
    settings: SandboxSettings,
    *,
    lean: LeanTownSettings | None = None,
    ynab: YnabSettings | None = None,
    port: int = 0,
) -> AbstractContextManager[str]:
    """Serve in a thread while a block runs; gives the base URL. Raises ServeProblem.

    Without settings of their own Lean and YNAB are ordinary ones on the same day.
    """
    today = settings.today
    app = _app(settings, lean or LeanTownSettings(today=today), ynab or YnabSettings(today=today))
    return local_server.serving(lambda _address: app, port=port, dated=False)


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
