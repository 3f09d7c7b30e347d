"""Each app's layout gives back what the app can hold, and the report names what it cannot.

What is held is written down here a second time, entry by entry, in plain Python; the writers do it in columns.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from ledgers import UTC, Entry, Trip, bag, groups, ledgers, round_trip

from warehouse.keys import Keyring

BESIDE = {"counterparty": None, "transfer_group": None, "excluded": None}
NO_ORIGINAL = {"original": None, "original_currency": None}
CLEARED = {"Cleared": "cleared", "Not cleared": "uncleared", "reconciled": "reconciled"}
any_ledger = given(ledger=ledgers())
at_length = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


def main_currency(ledger: list[Entry]) -> list[Entry]:
    """The entries in the commonest currency; the first by name where two are as common."""
    counts = Counter(entry.currency for entry in ledger)
    chosen = min(counts, key=lambda code: (-counts[code], code))
    return [entry for entry in ledger if entry.currency == chosen]


def without(ledger: list[Entry], *patterns: str) -> bool:
    """Whether no text of a ledger has a meaning in the app's own words."""
    texts = [text for entry in ledger for text in (entry.payee, entry.note, entry.category, entry.counterparty) if text]
    return not any(re.search(pattern, text) for pattern in patterns for text in texts)


def whole_splits(ledger: list[Entry]) -> list[Entry]:
    """The entries, a split of which only one part is left being none."""
    counts = Counter(entry.split for entry in ledger)
    return [replace(entry, split=entry.split if counts[entry.split] > 1 else None) for entry in ledger]


def compared(trip: Trip, held: list[Entry], ledger: list[Entry]) -> None:
    """What came back is what the target holds; where that is less than what went in, the report says so."""
    own_words = {"Starting Balance", *(f"Transfer : {name}" for name in _accounts(ledger)), *_accounts(ledger)}
    assert trip.rejects == 0
    assert bag(trip.entries) == bag(held)
    assert groups(trip.entries, lambda entry: entry.split) == groups(held, lambda entry: entry.split)
    # An app's own words where nobody wrote any are no loss.
    payees = {(entry.kind, entry.transfer_account): entry.payee for entry in held if entry.payee in own_words}
    inflow = {"income": ("Inflow", "Ready to Assign")} if trip.report.title == "YNAB" else {}
    said = []
    for entry in ledger:
        group, category = inflow.get(entry.kind, (None, None))
        payee = entry.payee or payees.get((entry.kind, entry.transfer_account))
        said.append(replace(entry, payee=payee, group=entry.group or group, category=entry.category or category))
    if bag(map(meant, held)) != bag(map(meant, said)):
        assert trip.report.lines


def meant(entry: Entry) -> Entry:
    """The entry with its word for cleared in one app's words for all."""
    words = {**CLEARED, "Uncleared": "uncleared", "Reconciled": "reconciled"}
    return replace(entry, cleared=words.get(entry.cleared or "", entry.cleared))


def _accounts(ledger: list[Entry]) -> set[str]:
    return {entry.account for entry in ledger} | {"Elsewhere"}


def ynab_holds(entry: Entry) -> Entry:
    named = entry.kind == "transfer" and entry.transfer_account
    opening, income = entry.kind == "opening_balance", entry.kind == "income"
    payee = f"Transfer : {entry.transfer_account}" if named else "Starting Balance" if opening else None
    words = {"cleared": "Cleared", "uncleared": "Uncleared", "reconciled": "Reconciled"}
    return replace(
        entry,
        **BESIDE,  # type: ignore[arg-type]
        **NO_ORIGINAL,  # type: ignore[arg-type]
        at=None,
        labels=None,
        kind=entry.kind if named or opening or income else "expense" if entry.category else entry.by_sign,
        group="Inflow" if income else entry.group,
        category=entry.category or ("Ready to Assign" if income else None),
        payee=payee or entry.payee or entry.counterparty,
        cleared=words.get(CLEARED.get(entry.cleared or "", "")),
    )


@at_length
@any_ledger
def test_ynab_gives_back_what_it_holds(keyring: Keyring, ledger: list[Entry]) -> None:
    assume(without(ledger, r"^Split \(", r"^Transfer : ", "^Inflow$"))
    held = [ynab_holds(entry) for entry in whole_splits(main_currency(ledger))]
    compared(round_trip(ledger, "ynab", keyring), held, ledger)


def actual_holds(entry: Entry) -> Entry:
    transfer, opening = entry.kind == "transfer", entry.kind == "opening_balance"
    named = transfer and entry.transfer_account
    words = {"cleared": "Cleared", "uncleared": "Not cleared", "reconciled": "Reconciled"}
    own = "Starting Balances" if opening else None if named else "Transfer" if transfer else entry.category
    return replace(
        entry,
        **BESIDE,  # type: ignore[arg-type]
        **NO_ORIGINAL,  # type: ignore[arg-type]
        at=None,
        labels=None,
        kind=entry.kind if transfer or opening else entry.by_sign,
        payee=entry.transfer_account if named else entry.payee or entry.counterparty,
        group=None if transfer or opening else entry.group,
        category=own,
        cleared=words.get(CLEARED.get(entry.cleared or "", "")),
    )


@at_length
@any_ledger
def test_actual_gives_back_what_it_holds(keyring: Keyring, ledger: list[Entry]) -> None:
    chosen = main_currency(ledger)
    # Who is paid by an account's name, without a category, was sent a transfer, says Actual.
    names = {re.escape(entry.account) for entry in chosen}
    assume(without(ledger, r"^\(SPLIT", *(rf"^\s*{name}\s*$" for name in names)))
    # A leg to an account the file does not list is no transfer to Actual's reader; that is tried apart.
    assume(
        all(entry.transfer_account in {other.account for other in chosen} for entry in chosen if entry.transfer_account)
    )
    held = [actual_holds(entry) for entry in whole_splits(chosen)]
    trip = round_trip(ledger, "actual", keyring)
    unnamed = [entry for entry in held if entry.kind == "transfer" and not entry.transfer_account]
    if len(unnamed) > 1:  # the reader may find that two of them are one transfer
        held = [replace(entry, transfer_account=None) for entry in held]
        read = [replace(entry, transfer_account=None) for entry in trip.entries]
        trip = replace(trip, entries=read)
    compared(trip, held, ledger)


def stamp(entry: Entry) -> dt.datetime:
    """The instant Wallet shows: to the millisecond, on the person's own day."""
    if entry.at is None or entry.at.date() != entry.date:
        return dt.datetime.combine(entry.date, dt.time(), UTC)
    return entry.at.replace(microsecond=entry.at.microsecond // 1000 * 1000)


def wallet_holds(ledger: list[Entry]) -> list[Entry]:
    """Transfers are paired anew by time and worth, as Wallet does."""
    leaving = {entry.pair: abs(entry.amount) for entry in ledger if entry.pair and entry.amount < 0}
    places: dict[tuple[dt.datetime, Decimal], list[Entry]] = {}
    for entry in ledger:
        if entry.kind == "transfer":
            places.setdefault((stamp(entry), leaving.get(entry.pair, abs(entry.amount))), []).append(entry)
    held = []
    for entry in ledger:
        other = None
        legs = (
            places.get((stamp(entry), leaving.get(entry.pair, abs(entry.amount))), [])
            if entry.kind == "transfer"
            else []
        )
        if len(legs) == 2:
            sides = [leg.account for leg in legs if (leg.amount > 0) != (entry.amount > 0)]
            other = sides[0] if sides else None
        plain = entry.kind if entry.kind == "transfer" else entry.by_sign
        kept = replace(entry, **BESIDE, **NO_ORIGINAL, at=stamp(entry), group=None, cleared=None, split=None)  # type: ignore[arg-type]
        held.append(replace(kept, kind=plain, payee=entry.payee or entry.counterparty, transfer_account=other))
    return held


@at_length
@any_ledger
def test_wallet_gives_back_what_it_holds(keyring: Keyring, ledger: list[Entry]) -> None:
    compared(round_trip(ledger, "wallet", keyring), wallet_holds(ledger), ledger)


def stripped(text: str | None) -> str | None:
    return (text or "").strip() or None


def firefly_holds(ledger: list[Entry]) -> list[Entry]:
    """A transfer's legs are one journal, which tells of both what the leaving leg told."""
    leaving = {entry.pair: entry for entry in ledger if entry.pair and entry.amount < 0}
    one_way = {
        name
        for name in {entry.split for entry in ledger if entry.split}
        if len({entry.amount > 0 for entry in ledger if entry.split == name}) == 1
    }
    held = []
    for entry in ledger:
        first = leaving.get(entry.pair, entry)
        named = entry.kind == "transfer" and entry.transfer_account
        at = first.at.replace(microsecond=0) if first.at and first.at.date() == first.date else None
        kept = replace(
            entry,
            **BESIDE,  # type: ignore[arg-type]
            date=first.date,
            at=at if at and at.time() != dt.time() else None,
            kind=entry.kind if named or entry.kind in {"opening_balance", "adjustment"} else entry.by_sign,
            group=None,
            category=stripped(first.category),
            payee=None if named else stripped(entry.payee or entry.counterparty),
            note=stripped(first.note),
            cleared="reconciled" if first.cleared == "reconciled" else None,
            split=entry.split if entry.split in one_way else None,
        )
        if named and entry.transfer_account == "Elsewhere":  # Firefly has no transfer with one side
            held.append(replace(kept, account="Elsewhere", amount=-entry.amount, transfer_account=entry.account))
        held.append(kept)
    return held


@at_length
@any_ledger
def test_firefly_gives_back_what_it_holds(keyring: Keyring, ledger: list[Entry]) -> None:
    trip = round_trip(ledger, "firefly", keyring)
    # Of a transfer between currencies both amounts are told on both legs.
    read = [replace(entry, **NO_ORIGINAL) if entry.kind == "transfer" else entry for entry in trip.entries]  # type: ignore[arg-type]
    compared(replace(trip, entries=read), firefly_holds(ledger), ledger)
    legs = groups(trip.entries, lambda entry: entry.transfer_group)
    assert all(sum(count for _, count in leg) == 2 for leg in legs)


@pytest.mark.parametrize("form", ["ynab", "actual", "firefly", "wallet", "csv"])
@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_text_like_a_formula_stays_as_it_is(keyring: Keyring, form: str, text: str) -> None:
    entry = Entry("Cash", dt.date(2026, 5, 1), Decimal("-1.50"), payee=text, note=text)
    read = round_trip([entry], form, keyring).entries[0]
    wanted = text.strip() if form == "firefly" else text
    assert (read.payee, read.note) == (wanted, wanted)
    assert read.amount == entry.amount
