"""What a person does with connections: make one, list them, name one, end one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.connecting import connection_rows, disconnect, named
from pipelines.sources.source import SourceError
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Connection, all_connections
from warehouse.home import Home
from warehouse.keys import Keyring

Join = Callable[..., Connection]
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def test_a_connection_asks_only_for_what_is_read_and_ends_by_itself(
    server: Any, join: Join, home: Home, keyring: Keyring
) -> None:
    made = join(server, now=NOW, days=90, purpose="a loan")
    (row,) = connection_rows(home, keyring, NOW + dt.timedelta(days=89))
    assert (row.party_label, row.source, row.label, row.state) == ("Ayesha", "hishebi", "Hishebi Online", "active")
    assert row.scopes == "ledger.read property.read"
    assert (row.granted_at, row.expires_at) == (NOW, NOW + dt.timedelta(days=90))
    assert (row.connection_id, made.consent.purpose) == (made.connection_id, "a loan")
    assert connection_rows(home, keyring, NOW + dt.timedelta(days=90))[0].state == "expired"


def test_what_a_person_allows_beyond_reading_stands_in_the_consent(
    server: Any, join: Join, home: Home, keyring: Keyring
) -> None:
    made = join(server, more_scopes=["notes.write", "ledger.read"])
    assert made.consent.scopes == ("ledger.read", "property.read", "notes.write")
    assert connection_rows(home, keyring)[0].scopes == "ledger.read property.read notes.write"


def test_a_wrong_password_makes_no_connection(server: Any, join: Join, home: Home, keyring: Keyring) -> None:
    with pytest.raises(SourceError, match="does not know this e-mail address"):
        join(server, password="wrong")
    assert all_connections(home, keyring) == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ({"party_label": " "}, "whose money"),
        ({"days": 0}, "within 1 to 3650 days"),
        ({"days": 4000}, "within 1 to 3650 days"),
        ({"purpose": " "}, "needs a purpose"),
        ({"base_url": "http://hishebi.example"}, "https://"),
    ],
)
def test_words_that_make_no_connection_are_told_before_anyone_is_asked(
    server: Any, join: Join, words: dict[str, Any], line: str
) -> None:
    with pytest.raises((ConnectionProblem, SourceError), match=line):
        join(server, **words)
    assert server.requests("token") == 0


def test_connecting_again_is_the_same_connection_and_the_same_device(
    server: Any, join: Join, home: Home, keyring: Keyring
) -> None:
    first = join(server)
    again = join(server, email=" Ayesha@Example.com ", party_label="AYESHA")
    assert again.connection_id == first.connection_id
    assert len(all_connections(home, keyring)) == 1


def test_a_connection_is_named_by_id_party_label_or_the_beginning_of_its_id(
    server: Any, join: Join, home: Home, keyring: Keyring
) -> None:
    ayesha = join(server)
    tanvir = join(server, party_label="তানভীর", email="tanvir@example.com", label="Mine")
    for name in (ayesha.connection_id, "ayesha", " AYESHA ", ayesha.connection_id[:8]):
        assert named(home, keyring, name) == ayesha
    for name in ("mine", "তানভীর"):
        assert named(home, keyring, name) == tanvir
    with pytest.raises(ConnectionProblem, match="names 2 connections"):
        named(home, keyring, "c_")
    for name in ("nobody", "", " "):
        with pytest.raises(ConnectionProblem, match="No connection is called"):
            named(home, keyring, name)


def test_disconnecting_ends_the_consent_and_shows_in_the_list(
    server: Any, join: Join, home: Home, keyring: Keyring
) -> None:
    join(server)
    ended = disconnect(home, keyring, "Ayesha", NOW).connection
    assert ended.consent.ended_at == NOW
    assert [row.state for row in connection_rows(home, keyring)] == ["ended"]
    assert connection_rows(home, keyring, NOW)[0].connection_id == ended.connection_id
