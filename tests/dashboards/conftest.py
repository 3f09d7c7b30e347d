"""The browser the pages are tried in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a sandbox (tests run as root in containers), or a skip that says why."""
    path = Path(os.environ.get("HISAB_CHROMIUM") or "/usr/bin/chromium")
    if not path.exists():
        if os.environ.get("HISAB_REQUIRE_SERVICES") == "1":
            pytest.fail(f"HISAB_REQUIRE_SERVICES=1, and there is no Chromium at {path}")
        pytest.skip(f"no Chromium at {path}; HISAB_CHROMIUM may name one")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(path), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()
