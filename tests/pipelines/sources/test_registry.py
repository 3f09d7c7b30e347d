"""The registry finds every source and recognises files by content."""

from __future__ import annotations

import subprocess
import sys

import pytest
from file_reading import FIXTURES

from pipelines.sources import registry
from pipelines.sources.source import SourceError

WANTED = {
    "ynab": "ynab_register",
    **{name: name for name in ("wallet", "ofx", "mt940", "camt", "qif", "bank_csv", "ecb_rates", "fx_rates_csv")},
    **{name: name for name in ("goodbudget", "spendee", "money_lover", "money_manager")},
    **{name: name for name in ("rocket_money", "mint", "firefly", "actual", "hisab_csv")},
}
"""Source of the files in each folder of fixtures."""


@pytest.mark.parametrize("path", sorted(p for p in FIXTURES.rglob("*.*") if p.parent.name in WANTED))
def test_every_fixture_is_recognised_as_what_its_folder_says(path: object) -> None:
    from pathlib import Path

    fixture = Path(str(path))
    assert registry.recognise(fixture.read_bytes()[:65536]).source == WANTED[fixture.parent.name]


def test_no_two_formats_claim_the_same_file() -> None:
    for path in FIXTURES.rglob("*.*"):
        claims = [each.source for each in registry.file_formats() if each.sniff(path.read_bytes()[:65536])]
        assert len(claims) <= 1


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"", "empty"),
        (b"PK\x03\x04", "ZIP"),
        (b"one;two\n1;2\n", "YNAB register"),
        (b"<html><body>Sign in</body></html>", "OFX"),
    ],
)
def test_a_file_of_no_known_format_is_refused_in_one_line(head: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        registry.recognise(head)
    assert "\n" not in str(caught.value)


def test_naming_the_package_imports_nothing_heavy() -> None:
    code = "import sys, pipelines.sources; print([m for m in ('polars', 'pyarrow', 'httpx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
