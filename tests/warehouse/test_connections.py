"""Connections are the same however often they are made, sealed, and end when people say so."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.sources.home_records import SOURCE
from pipelines.sources.source import Page, SourceError
from warehouse import connections
from warehouse.connection_files import ConnectionFiles, ConnectionProblem
from warehouse.connections import Connection, Consent, connection_facts, party_id_of, state_of
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.record_kinds import CONSENTS, PARTIES
from warehouse.schema_renderings import polars_schema
from warehouse.tokens import Tokens, TokenStore

NOW = dt.datetime(2026, 11, 20, 12, 30, 0, 123456, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LOGIN = Consent(("ledger.read",), "to see it all", NOW, NOW + 90 * DAY)
FILES = Consent((), "handed over", NOW)
TOKENS = Tokens("canary-access", "canary-refresh", "canary-device", NOW + DAY)

Make = Callable[..., Connection]


@pytest.fixture
def make(home: Home, keyring: Keyring) -> Make:
    def connect(**more: object) -> Connection:
        given = {"party_label": "আয়েশা রহমান", "source": "hishebi", "user_name": "u_1", "consent": LOGIN, **more}
        return connections.connect(home, keyring, **given)  # type: ignore[arg-type]

    return connect


def test_a_connection_comes_back_as_it_was_made(home: Home, keyring: Keyring, make: Make) -> None:
    made = make(base_url="https://hishebi.example/", label="Hishebi Online", tokens=TOKENS)
    assert connections.load(home, keyring, made.connection_id) == made
    assert (made.base_url, made.party_kind, made.consent) == ("https://hishebi.example", "person", LOGIN)
    assert TokenStore(home, keyring, made.connection_id).load() == replace(TOKENS, version=1)


def test_connections_may_share_a_login_that_outlives_each_of_them(home: Home, keyring: Keyring, make: Make) -> None:
    store = TokenStore(home, keyring, "a_shared")
    with store.locked():
        store.swap(TOKENS, 0)
    one, other = make(base_url="https://x.example", login_id="a_shared"), make(user_name="u_2", login_id="a_shared")
    assert {one.tokens_id, other.tokens_id} == {"a_shared"}
    assert connections.load(home, keyring, one.connection_id).user_name == "u_1"
    connections.end(home, keyring, one.connection_id, NOW + DAY)
    assert store.load() == replace(TOKENS, version=1)


def test_a_file_from_before_there_were_shared_logins_still_loads(home: Home, keyring: Keyring, make: Make) -> None:
    made, files = make(), ConnectionFiles(home, keyring)
    document = files.read(made.connection_id, "connection")
    assert document is not None
    del document["user_name"], document["login_id"]
    files.write(made.connection_id, "connection", document)
    assert connections.load(home, keyring, made.connection_id) == replace(made, user_name="")
    assert made.tokens_id == made.connection_id


def test_a_damaged_file_hides_no_other_connection(home: Home, keyring: Keyring, make: Make) -> None:
    one, other = make(), make(user_name="u_2")
    (home.connections / f"{one.connection_id}.connection").write_bytes(b"x" * 64)
    known = connections.register(home, keyring)
    assert known.connections == [other]
    assert list(known.problems) == [one.connection_id]
    assert "damaged" in known.problems[one.connection_id]
    with pytest.raises(ConnectionProblem, match="damaged"):
        connections.all_connections(home, keyring)


def test_the_same_consent_once_more_changes_nothing(make: Make) -> None:
    assert make() == make()


def test_nothing_of_a_connection_stands_in_clear(home: Home, make: Make) -> None:
    make(base_url="https://hishebi.example", label="canary-label", tokens=TOKENS)
    files = [path for path in home.root.rglob("*") if path.is_file()]
    stored = b"".join(path.read_bytes() for path in files)
    for word in ("canary", "আয়েশা", "hishebi", "ledger.read"):
        assert word.encode() not in stored
        assert not [path for path in files if word in path.name]
    assert {path.stat().st_mode & 0o777 for path in home.connections.iterdir()} == {0o600}


def test_a_repr_shows_neither_tokens_nor_people(home: Home, keyring: Keyring, make: Make) -> None:
    made = make(label="canary-label", tokens=TOKENS)
    store = TokenStore(home, keyring, made.connection_id)
    shown = f"{made!r} {made} {store!r} {store.load()!r} {TOKENS}"
    assert "canary" not in shown
    assert "আয়েশা" not in shown


def test_connecting_twice_is_the_same_connection_with_a_new_consent(home: Home, keyring: Keyring, make: Make) -> None:
    first = make(tokens=TOKENS)
    again = make(consent=replace(LOGIN, granted_at=NOW + DAY, expires_at=NOW + 91 * DAY), tokens=TOKENS)
    assert again.connection_id == first.connection_id
    assert again.created_at == NOW
    assert [consent.ended_at for consent in again.consents] == [NOW + DAY, None]
    assert [c.connection_id for c in connections.all_connections(home, keyring)] == [first.connection_id]
    tokens = TokenStore(home, keyring, first.connection_id).load()
    assert tokens is not None
    assert tokens.version == 2


def test_handing_over_more_files_keeps_the_consent_and_writes_nothing(home: Home, make: Make) -> None:
    first = make(source="ynab_register", consent=FILES)
    path = home.connections / f"{first.connection_id}.connection"
    before = path.read_bytes()
    assert make(source="ynab_register", consent=replace(FILES, granted_at=NOW + DAY)) == first
    assert path.read_bytes() == before


@pytest.mark.parametrize("label", ["Rahim", " rahim ", "RAHIM"])
def test_a_party_is_known_by_its_label_whatever_the_case(keyring: Keyring, label: str) -> None:
    assert party_id_of(keyring, label) == party_id_of(keyring, "Rahim")


def test_a_party_is_known_in_either_unicode_form(keyring: Keyring) -> None:
    assert party_id_of(keyring, "Ren\u00e9") == party_id_of(keyring, "Rene\u0301")
    assert party_id_of(keyring, "Ren\u00e9") != party_id_of(keyring, "Rene")


def test_other_parties_users_and_sources_are_other_connections(make: Make) -> None:
    made = [make(), make(user_name="u_2"), make(source="ynab"), make(party_label="Rahim")]
    assert len({c.connection_id for c in made}) == 4
    assert len({c.party_id for c in made}) == 2


@pytest.mark.parametrize("label", ["", "  ", "\n"])
def test_a_connection_needs_a_party(make: Make, label: str) -> None:
    with pytest.raises(ConnectionProblem, match="whose money"):
        make(party_label=label)


def test_connections_are_listed_by_party_then_source(home: Home, keyring: Keyring, make: Make) -> None:
    for party, source in (("Rahim", "b"), ("ayesha", "b"), ("Rahim", "a"), ("Ayesha", "a")):
        make(party_label=party, source=source, tokens=TOKENS)
    listed = connections.all_connections(home, keyring)
    assert [(c.party_label.casefold(), c.source) for c in listed] == [
        ("ayesha", "a"),
        ("ayesha", "b"),
        ("rahim", "a"),
        ("rahim", "b"),
    ]


def test_ending_a_connection_forgets_its_tokens_and_keeps_its_history(home: Home, keyring: Keyring, make: Make) -> None:
    made = make(tokens=TOKENS)
    ended = connections.end(home, keyring, made.connection_id, NOW + DAY)
    assert ended.consent.ended_at == NOW + DAY
    assert connections.end(home, keyring, made.connection_id, NOW + 2 * DAY) == ended
    assert TokenStore(home, keyring, made.connection_id).load() is None
    assert not (home.connections / f"{made.connection_id}.tokens").exists()
    again = make(consent=replace(LOGIN, granted_at=NOW + 3 * DAY, expires_at=None), tokens=TOKENS)
    assert [c.ended_at for c in again.consents] == [NOW + DAY, None]


def test_the_state_is_one_word(make: Make) -> None:
    made, file = make(base_url="https://h.example"), make(source="ynab_register", consent=FILES)
    assert state_of(made, TOKENS, NOW) == "active"
    assert state_of(made, None, NOW) == "needs login"
    assert state_of(made, replace(TOKENS, needs_login=True), NOW) == "needs login"
    assert state_of(made, TOKENS, NOW + 90 * DAY) == "expired"
    assert state_of(made, TOKENS, NOW + 90 * DAY - dt.timedelta(seconds=1)) == "active"
    assert state_of(file, None, NOW + 10_000 * DAY) == "active"
    ended = replace(made, consents=(replace(LOGIN, ended_at=NOW),))
    assert state_of(ended, TOKENS, NOW) == "ended"


def test_answers_are_remembered_per_layout_and_kept_when_connecting_again(
    home: Home, keyring: Keyring, make: Make
) -> None:
    made = make(source="ynab_register", consent=FILES)
    connections.remember_answers(home, keyring, made.connection_id, "a", {"currency": "BDT"}, NOW)
    connections.remember_answers(home, keyring, made.connection_id, "b", {"currency": "AED"}, NOW)
    connections.remember_answers(home, keyring, made.connection_id, "a", {"date_order": "dmy"}, NOW + DAY)
    assert make(source="ynab_register", consent=FILES).answers == {
        "a": {"currency": "BDT", "date_order": "dmy"},
        "b": {"currency": "AED"},
    }
    assert connections.load(home, keyring, made.connection_id).updated_at == NOW + DAY


def test_answers_given_at_the_same_time_are_all_kept(home: Home, keyring: Keyring, make: Make) -> None:
    made = make(source="ynab_register", consent=FILES)

    def answer(number: int) -> None:
        connections.remember_answers(home, keyring, made.connection_id, f"l{number}", {"currency": "BDT"}, NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer, range(24)))
    assert len(connections.load(home, keyring, made.connection_id).answers) == 24


def test_an_unknown_connection_is_named(home: Home, keyring: Keyring) -> None:
    for use in (
        lambda: connections.load(home, keyring, "c_none"),
        lambda: connections.end(home, keyring, "c_none", NOW),
        lambda: connections.remember_answers(home, keyring, "c_none", "a", {}, NOW),
    ):
        with pytest.raises(ConnectionProblem, match="no connection c_none; `hisab connections` lists them"):
            use()
    assert list(home.connections.iterdir()) == []


def test_every_damage_to_a_connection_is_found(home: Home, keyring: Keyring, make: Make) -> None:
    made = make()
    path = home.connections / f"{made.connection_id}.connection"
    good = path.read_bytes()
    for bad in (b"", good[:11], good[:-1], good + b"x", *(_flipped(good, place) for place in range(len(good)))):
        path.write_bytes(bad)
        with pytest.raises(ConnectionProblem, match="damaged"):
            connections.load(home, keyring, made.connection_id)


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_one_connections_file_cannot_stand_in_for_anothers(home: Home, keyring: Keyring, make: Make) -> None:
    one, other = make(tokens=TOKENS), make(user_name="u_2", tokens=TOKENS)
    for suffix in ("connection", "tokens"):
        stolen = home.connections / f"{one.connection_id}.{suffix}"
        (home.connections / f"{other.connection_id}.{suffix}").write_bytes(stolen.read_bytes())
    with pytest.raises(ConnectionProblem):
        connections.load(home, keyring, other.connection_id)
    with pytest.raises(ConnectionProblem):
        TokenStore(home, keyring, other.connection_id).load()


def test_a_pair_is_swapped_only_for_the_version_that_was_read(home: Home, keyring: Keyring, make: Make) -> None:
    store = TokenStore(home, keyring, make().connection_id)
    with store.locked():
        assert store.swap(TOKENS, 0).version == 1
        for wrong in (0, 2):
            with pytest.raises(ConnectionProblem, match="changed by another process"):
                store.swap(replace(TOKENS, access="other"), wrong)
        assert store.load() == replace(TOKENS, version=1)


def _add_one(home: Home, keyring: Keyring, connection_id: str, times: int) -> None:
    store = TokenStore(home, keyring, connection_id)
    for _ in range(times):
        with store.locked():
            tokens = store.load()
            assert tokens is not None
            store.swap(replace(tokens, access=str(int(tokens.access) + 1)), tokens.version)


def test_processes_take_turns(home: Home, keyring: Keyring, make: Make) -> None:
    made = make(tokens=replace(TOKENS, access="0"))
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_add_one, args=(home, keyring, made.connection_id, 20)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    tokens = TokenStore(home, keyring, made.connection_id).load()
    assert tokens is not None
    assert (tokens.access, tokens.version) == ("80", 81)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=5), st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
def test_any_text_comes_back_from_a_sealed_file(home: Home, keyring: Keyring, document: dict[str, str]) -> None:
    files = ConnectionFiles(home, keyring)
    files.write("c_x", "answers", document)
    assert files.read("c_x", "answers") == document


def test_the_facts_for_landing_become_the_party_and_its_consents(home: Home, keyring: Keyring, make: Make) -> None:
    make(tokens=TOKENS)
    made = make(consent=replace(LOGIN, granted_at=NOW + DAY, expires_at=None), tokens=TOKENS)
    body = json.dumps(connection_facts(made)).encode()
    assert b"canary" not in body
    decoded = SOURCE.decode(Page("connection", body, {}))
    parties, consents = (batch.frame for batch in decoded.batches)
    assert dict(parties.schema) == polars_schema(PARTIES)
    assert dict(consents.schema) == polars_schema(CONSENTS)
    assert parties.drop("extra").rows() == [(1, made.party_id, made.party_id, "আয়েশা রহমান", "person")]
    assert consents["record_id"].n_unique() == 2
    names = ("party_id", "source_name", "connection_label", "scopes", "granted_at", "expires_at", "ended_at")
    assert consents.select(names).rows() == [
        (made.party_id, "hishebi", "hishebi", "ledger.read", NOW, NOW + 90 * DAY, NOW + DAY),
        (made.party_id, "hishebi", "hishebi", "ledger.read", NOW + DAY, None, None),
    ]
    assert decoded.rows_read == {"parties": 1, "consents": 2}


def test_the_facts_stay_equal_while_neither_party_nor_consent_changes(home: Home, keyring: Keyring, make: Make) -> None:
    made = make(source="ynab_register", consent=FILES)
    later = connections.remember_answers(home, keyring, made.connection_id, "a", {"currency": "BDT"}, NOW + DAY)
    assert connection_facts(later) == connection_facts(made)


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda x: (
            st.lists(x, max_size=2)
            | st.dictionaries(st.sampled_from(["party_id", "party_label", "party_kind", "consents", "source"]), x)
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_facts_of_any_form_are_decoded_or_refused(body: bytes) -> None:
    with contextlib.suppress(SourceError):
        SOURCE.decode(Page("connection", body, {}))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"consents": [{}]}', b"\xff"])
def test_damaged_facts_are_told_as_such(body: bytes) -> None:
    with pytest.raises(SourceError, match="damaged"):
        SOURCE.decode(Page("connection", body, {}))
