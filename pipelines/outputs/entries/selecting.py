"""Which entries leave, and what their accounts are called in a file that tells accounts by name alone.

Put here what is asked of the warehouse before the entries themselves: parties, accounts, currencies. Keep out the
entries (`reading`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

import duckdb

from warehouse.connections import party_id_of
from warehouse.keys import Keyring


class ExportProblem(Exception):
    """Nothing can be exported as asked; one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for.

    Attributes:
        party: The party's label; empty for every party.
        first: First day, or None.
        last: Last day, or None.
        accounts: Names of accounts; empty for all.
        currency: The one currency to write, where the target holds one only; empty for the commonest.
    """

    party: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    accounts: tuple[str, ...] = ()
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What leaves.

    Attributes:
        total: Entries that are written.
        currency: The one currency they are in, or empty.
        other_currencies: Entries per currency that stay behind because the target holds one.
        is_one_connection: Whether all are of one connection, so that its own ids are unique.
        budget_lines: Budget lines of the same connections, which no file of entries holds.
    """

    total: int
    currency: str
    other_currencies: dict[str, int]
    is_one_connection: bool
    budget_lines: int


def choose(con: duckdb.DuckDBPyConnection, keyring: Keyring, wanted: Wanted, *, one_currency: bool) -> Chosen:
    """Note in `temp.export_accounts` whose entries are wanted; raises ExportProblem when there are none.

    The table has `connection_id, account_id, account` (the name in the file, unique), `account_name` (as the source
    has it), `party_label, source_name` and `is_wanted`.
    """
    con.execute(
        "create or replace temp table export_span as select ?::date as first_date, ?::date as last_date",
        [wanted.first or dt.date(1, 1, 1), wanted.last or dt.date(9999, 12, 31)],
    )
    party_id = party_id_of(keyring, wanted.party) if wanted.party else ""
    rows = con.execute(_ACCOUNTS, {"party": party_id}).fetchall()
    names = _unique_names([(name.strip(), party, source) for _, _, name, party, source in rows])
    asked = {name.strip().casefold() for name in wanted.accounts}
    con.execute(
        "create or replace temp table export_accounts (connection_id varchar, account_id varchar, account varchar, "
        "account_name varchar, party_label varchar, source_name varchar, is_wanted boolean)"
    )
    for (connection, account, name, party, source), unique in zip(rows, names, strict=True):
        is_wanted = not asked or bool({name.strip().casefold(), unique.casefold()} & asked)
        con.execute(
            "insert into export_accounts values (?, ?, ?, ?, ?, ?, ?)",
            [connection, account, unique, name.strip(), party, source, is_wanted],
        )
    counts: dict[str, int] = dict(con.execute(_CURRENCIES).fetchall())
    if not counts:
        raise ExportProblem(_why_none(con, wanted, party_id))
    return _counted(con, wanted, counts, one_currency=one_currency)


def _unique_names(accounts: list[tuple[str, str, str]]) -> list[str]:
    """A name for each account (name, party, source): its own; with its party, source or a number where two share it."""
    names = [name for name, _, _ in accounts]
    for forms in (
        [f"{name} ({party})" for name, party, _ in accounts],
        [f"{name} ({party}, {source})" for name, party, source in accounts],
        [f"{name} ({party}, {source}, {number})" for number, (name, party, source) in enumerate(accounts, 1)],
    ):
        counts = Counter(name.casefold() for name in names)
        names = [form if counts[name.casefold()] > 1 else name for name, form in zip(names, forms, strict=True)]
    return names


def _counted(con: duckdb.DuckDBPyConnection, wanted: Wanted, counts: dict[str, int], *, one_currency: bool) -> Chosen:
    currency = wanted.currency.strip().upper()
    if currency and currency not in counts:
        raise ExportProblem(f"There are no entries in {currency}; there are some in {', '.join(sorted(counts))}.")
    if one_currency and not currency:
        currency = min(counts, key=lambda code: (-counts[code], code))
    if currency:
        others = {code: count for code, count in sorted(counts.items()) if code != currency}
        total = counts[currency]
    else:
        others, total = {}, sum(counts.values())
    connections = con.execute("select count(distinct connection_id) from export_accounts where is_wanted").fetchone()
    budgets = con.execute(_BUDGETS).fetchone()
    return Chosen(total, currency, others, connections == (1,), int(budgets[0]) if budgets else 0)


def _why_none(con: duckdb.DuckDBPyConnection, wanted: Wanted, party_id: str) -> str:
    """Which of the choices leaves nothing, and what could be chosen instead."""
    parties: dict[str, str] = dict(con.execute(_PARTIES).fetchall())
    if party_id and party_id not in parties:
        known = f"the parties are {', '.join(sorted(parties.values()))}" if parties else "nothing was read yet"
        return f"There is no party called {wanted.party!r}; {known}."
    accounts = [name for (name,) in con.execute("select account from export_accounts order by all").fetchall()]
    if accounts:
        return f"There is no account of that name with entries to export; there are {', '.join(accounts)}."
    found = con.execute(_BANK_TRANSACTIONS, {"party": party_id}).fetchone()
    if found and found[0]:
        return (
            f"There are no ledger entries to export; what was read with these choices is {found[0]:,} bank "
            "transactions. Those are taken out with "
            '`hisab query "select * from core.fct_transactions" --format csv`.'
        )
    return "There are no entries to export with these choices; `hisab connections` says what is read."


_WITHIN = "not entries.deleted and entries.entry_date between span.first_date and span.last_date"
_ACCOUNTS = f"""
    with owners as (
        select connection_id, max(party_id) as party_id, max(party_label) as party_label
        from raw.parties where not deleted group by connection_id
    ), sources as (
        select connection_id, max(source_name) as source from raw.loads group by connection_id
    ), used as (
        select distinct entries.connection_id, entries.account_id
        from raw.ledger_entries as entries, export_span as span where {_WITHIN}
    )
    select
        used.connection_id,
        used.account_id,
        coalesce(accounts.account_name, used.account_id),
        coalesce(owners.party_label, ''),
        coalesce(sources.source, '')
    from used
    left join raw.accounts as accounts
        on used.connection_id = accounts.connection_id and used.account_id = accounts.record_id
    left join owners on used.connection_id = owners.connection_id
    left join sources on used.connection_id = sources.connection_id
    where $party = '' or owners.party_id = $party
    order by all
"""
_PARTIES = "select party_id, max(party_label) from raw.parties where not deleted group by party_id"
_BANK_TRANSACTIONS = """
    select count(*)
    from raw.bank_transactions as transactions, export_span as span
    where
        not transactions.deleted
        and transactions.booked_date between span.first_date and span.last_date
        and (
            $party = ''
            or transactions.connection_id in (
                select connection_id from raw.parties where not deleted and party_id = $party
            )
        )
"""
CHOSEN = f"""
    from raw.ledger_entries as entries
    inner join export_accounts as accounts
        on entries.connection_id = accounts.connection_id and entries.account_id = accounts.account_id
    cross join export_span as span
    where {_WITHIN} and accounts.is_wanted
"""
"""The entries that are wanted, in every currency: aliases `entries` and `accounts`."""
_CURRENCIES = f"select entries.currency_code, count(*) {CHOSEN} group by entries.currency_code"
_BUDGETS = (
    "select count(*) from raw.budgets where not deleted "
    "and connection_id in (select connection_id from export_accounts where is_wanted)"
)
