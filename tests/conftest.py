"""Fixtures every room shares: a home of its own per test, and what the machine offers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse.home import Home
from warehouse.keys import Keyring, make_keyring

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the person who runs the tests reaches a test."""
    for name in list(os.environ):
        if name.startswith(("HISAB_", "DBT_", "DAGSTER_")) and name not in {
            "HISAB_CORPUS",
            "HISAB_CHROMIUM",
            "HISAB_REQUIRE_SERVICES",
        }:
            monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home with its folders."""
    made = Home(tmp_path / "home")
    made.make_folders()
    return made


@pytest.fixture
def keyring(home: Home) -> Keyring:
    """The keys of that home."""
    return make_keyring(home)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real sample files, or a skip that says why."""
    folder = os.environ.get("HISAB_CORPUS")
    if not folder:
        pytest.skip("HISAB_CORPUS names no folder of real sample files")
    return Path(folder)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a sandbox (tests run as root in containers), or a skip that says why."""
    from playwright.sync_api import sync_playwright

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
