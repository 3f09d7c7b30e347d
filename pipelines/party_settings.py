"""What hisab.toml says of parties, brought into the warehouse: their household and the currency of their sums."""

from __future__ import annotations

from pipelines.settings import Settings
from pipelines.workplace import Workplace
from warehouse.connections import household_id_of, party_id_of, plain_label


def record_party_settings(workplace: Workplace) -> None:
    """Make `raw.party_settings` say what hisab.toml says now, in one transaction. Raises Locked."""
    settings, keyring = workplace.settings, workplace.keyring
    households = {
        party_id_of(keyring, member): (household_id_of(keyring, label), label)
        for label, members in settings.households.items()
        for member in members
    }
    currencies = {party_id_of(keyring, label): code for label, code in settings.base_currencies.items()}
    nowhere = (None, None)
    with workplace.warehouse("recording what hisab.toml says of parties") as con:
        parties = [party_id for (party_id,) in con.execute("select distinct party_id from raw.parties").fetchall()]
        rows = [
            (
                party_id,
                *households.get(party_id, nowhere),
                currencies.get(party_id, settings.base_currency) or None,
            )
            for party_id in sorted(parties)
        ]
        if con.execute("select * from raw.party_settings order by party_id").fetchall() == rows:
            return
        con.execute("begin transaction")
        con.execute("delete from raw.party_settings")
        columns = [list(column) for column in zip(*rows, strict=True)]  # one statement: there may be thousands
        if columns:
            con.execute("insert into raw.party_settings select unnest(?), unnest(?), unnest(?), unnest(?)", columns)
        con.execute("commit")


def unknown_labels(settings: Settings, known: set[str]) -> list[str]:
    """Labels hisab.toml names that no party has; `known` are the parties' labels."""
    plain = set(map(plain_label, known))
    named = [*(member for members in settings.households.values() for member in members), *settings.base_currencies]
    return sorted({label for label in named if plain_label(label) not in plain})
