"""What hisab.toml says of parties reaches the warehouse, and a change of it is a reason to build."""

from __future__ import annotations

import datetime as dt

import pytest

from pipelines import marts
from pipelines.doctor import State, examine
from pipelines.marts import build_need
from pipelines.party_settings import record_party_settings
from pipelines.settings import load_settings
from pipelines.workplace import Workplace, open_workplace
from warehouse.connections import Consent, connect, household_id_of, party_id_of
from warehouse.home import HomeError
from warehouse.snapshots import Published

HOUSEHOLD = """
base_currency = "BDT"

[households]
"রহমান পরিবার" = ["Ayesha", " karim "]

[base_currencies]
"Karim" = "AED"
"""


def said(workplace: Workplace, toml: str) -> Workplace:
    """The same home after a person edited hisab.toml and a night wrote it down."""
    workplace.home.settings_file.write_text(toml, encoding="utf-8")
    again = open_workplace(workplace.home)
    record_party_settings(again)
    return again


def party(workplace: Workplace, label: str) -> str:
    """A party that a load told of; its id."""
    party_id = party_id_of(workplace.keyring, label)
    with workplace.warehouse("test") as con:
        con.execute(
            "insert into raw.parties by name select uuid() as _key, 'c' || ? as connection_id, ? as record_id, "
            "? as party_id, ? as party_label, 'person' as party_kind, 1 as version, false as deleted, 'l' as _load_id, "
            "'s' as _landed_sha256, now() as _loaded_at",
            [label, party_id, party_id, label],
        )
    return party_id


def rows(workplace: Workplace) -> set[tuple[str | None, ...]]:
    """The table as it stands."""
    with workplace.warehouse("test") as con:
        return set(con.execute("select * from raw.party_settings").fetchall())


def test_households_and_currencies_reach_the_warehouse_and_leave_it_again(workplace: Workplace) -> None:
    ayesha, karim, nila = (party(workplace, label) for label in ("Ayesha", "Karim", "Nila"))
    home = household_id_of(workplace.keyring, "রহমান পরিবার")
    expected = {
        (ayesha, home, "রহমান পরিবার", "BDT"),
        (karim, home, "রহমান পরিবার", "AED"),
        (nila, None, None, "BDT"),
    }
    assert rows(said(workplace, HOUSEHOLD)) == expected
    assert rows(said(workplace, HOUSEHOLD)) == expected
    assert rows(said(workplace, "")) == {(each, None, None, None) for each in (ayesha, karim, nila)}


def test_a_change_in_the_file_is_a_reason_to_build_anew(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    party(workplace, "Ayesha")
    workplace = said(workplace, "")
    facts = {"load_seq": 0, "project_hash": marts.dbt.project_hash()}
    published = Published("v1", "", 0, "run", "key", "2026-01-01T00:00:00+00:00", {}, facts)
    monkeypatch.setattr(marts.snapshots, "current", lambda _home: published)
    assert build_need(workplace).reason == ""
    need = build_need(said(workplace, HOUSEHOLD))
    assert need.reason == "households or base currencies changed"
    assert need.full_refresh


def test_nobody_is_in_two_households(workplace: Workplace) -> None:
    workplace.home.settings_file.write_text('[households]\na = ["Ayesha"]\nb = ["ayesha"]\n', encoding="utf-8")
    with pytest.raises(HomeError, match="'ayesha' is in 'a' and in 'b'; name it once"):
        load_settings(workplace.home)


def test_the_doctor_tells_of_a_name_that_is_nobodys(workplace: Workplace) -> None:
    workplace.home.settings_file.write_text(HOUSEHOLD, encoding="utf-8")
    consent = Consent((), "test", dt.datetime.now(dt.UTC))
    connect(
        workplace.home,
        workplace.keyring,
        party_label="Ayesha",
        source="wallet",
        user_name="",
        consent=consent,
        label="w",
    )
    found = next(finding for finding in examine(workplace.home) if finding.what == "parties")
    assert found.state is State.WARN
    assert "Karim" in found.seen
    assert "Ayesha" not in found.seen
