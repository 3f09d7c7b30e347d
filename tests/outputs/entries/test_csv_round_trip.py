"""Hisab's own layout gives any ledger back, to the last letter."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from ledgers import Entry, bag, groups, ledgers, round_trip

from warehouse.keys import Keyring


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(ledger=ledgers())
def test_any_ledger_comes_back_whole(keyring: Keyring, ledger: list[Entry]) -> None:
    trip = round_trip(ledger, "csv", keyring)
    assert trip.rejects == 0
    assert trip.report.lines == []
    assert bag(trip.entries) == bag(ledger)
    for of in (lambda entry: entry.split, lambda entry: entry.transfer_group):
        assert groups(trip.entries, of) == groups(ledger, of)
    assert trip.body.count(b"\n") == len(ledger) + 1
