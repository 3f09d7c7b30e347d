"""What a source last said of a connection is kept sealed, with the instant it began, until all is well."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from warehouse.connection_files import ConnectionProblem
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.standings import Standing, StandingStore

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
RECONNECT = Standing("needs reconnect", "The bank wants you to log in again.", NOW, "canary-id")


@pytest.fixture
def store(home: Home, keyring: Keyring) -> StandingStore:
    return StandingStore(home, keyring)


def test_a_standing_is_kept_until_it_is_cleared(store: StandingStore) -> None:
    assert store.load("c_1") is None
    store.keep("c_1", RECONNECT)
    assert store.load("c_1") == RECONNECT
    store.clear("c_1")
    store.clear("c_1")
    assert store.load("c_1") is None


def test_it_remembers_when_the_state_began(store: StandingStore) -> None:
    store.keep("c_1", RECONNECT)
    later = replace(RECONNECT, since=NOW + dt.timedelta(days=1), reference="another")
    assert store.keep("c_1", later) == replace(later, since=NOW)
    other = replace(later, state="preparing")
    assert store.keep("c_1", other) == other


def test_nothing_of_it_stands_in_clear_and_damage_is_told_and_mended(home: Home, store: StandingStore) -> None:
    store.keep("c_1", RECONNECT)
    path = home.connections / "c_1.standing"
    assert b"canary" not in path.read_bytes()
    assert "canary" not in repr(RECONNECT)
    path.write_bytes(b"x" * 64)
    with pytest.raises(ConnectionProblem, match="damaged"):
        store.load("c_1")
    assert store.keep("c_1", RECONNECT) == RECONNECT
