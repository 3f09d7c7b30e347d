"""Whose rows they are: the accounts a file names in a column or above its header, or the person names.

Put here how an account's text becomes an account. A text with four digits or more is a number, of which only the
last four characters and a digest leave; any other text is the account's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from pipelines.sources.account_numbers import masked_number
from pipelines.sources.bank_csv.matching import Layout
from pipelines.sources.parsed_column import ParsedColumn, all_read
from pipelines.sources.statements.statement_frames import Account

_LEAST_DIGITS = 4
_LONG = 8
"""Characters from which a number is looked for in the bank's texts."""

_IBAN = r"\b([A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?)\b"


class Accounts:
    """The accounts of one file, stretch by stretch; memory grows with accounts, not with rows."""

    def __init__(self, source: str, layout: Layout, answered: str) -> None:
        """Begin without accounts; `answered` is what the person calls the account, where the file does not say."""
        self._source = source
        self._layout = layout
        self._one = layout.above.get("account") or answered
        self._column = layout.column("account") or layout.column("account_name")
        self._known: dict[str, Account] = {}
        self._first_rows: dict[str, int] = {}
        self._currencies: dict[str, set[str]] = {}

    def ids(self, frame: pl.DataFrame) -> tuple[str, ParsedColumn]:
        """The column the accounts come from, and each row's account."""
        if not self._column:
            text = pl.repeat(self._one or None, frame.height, dtype=pl.String, eager=True)
            column = self._layout.column("booked_date")
        else:
            text, column = frame[self._column].str.strip_chars().replace("", self._one or None), self._column
            text = text.fill_null(self._one) if self._one else text
        names = self._names(frame)
        for written in text.drop_nulls().unique():
            if written not in self._known:
                self._known[written] = self._account(written, names.get(written, ""))
        table = {written: account.record_id for written, account in self._known.items()}
        values = text.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
        return column, all_read(values).requiring("account")

    def _names(self, frame: pl.DataFrame) -> dict[str, str]:
        number, name = self._layout.column("account"), self._layout.column("account_name")
        if not number or not name:
            return {}
        pairs = frame.select(pl.col(number).str.strip_chars(), pl.col(name).str.strip_chars()).drop_nulls()
        return dict(pairs.unique(number, keep="first").rows())

    def _account(self, written: str, label: str) -> Account:
        profile = self._layout.profile
        is_number = sum(character.isdigit() for character in written) >= _LEAST_DIGITS
        key = re.sub(r"\W", "", written).upper() if is_number else written
        return Account(
            source=self._source,
            naming=(profile.institution, key),
            number=written if is_number else "",
            kind=profile.account_kind,
            label=label or ("" if is_number else written),
            institution=profile.institution,
        )

    def saw(self, transactions: pl.DataFrame) -> None:
        """Take note of the accounts and currencies in a frame of bank transactions."""
        seen = transactions.group_by("account_id", "currency_code").agg(pl.col("row_no").min())
        for account, currency, row in seen.iter_rows():
            self._first_rows[account] = min(row, self._first_rows.get(account, row))
            self._currencies.setdefault(account, set()).add(currency)

    def found(self) -> list[tuple[int, Account]]:
        """Row and account of everything that has transactions; a currency only where there is one."""
        made = []
        for account in {each.record_id: each for each in self._known.values()}.values():
            codes = self._currencies.get(account.record_id, set())
            if codes:
                account.currency = next(iter(codes)) if len(codes) == 1 else ""
                made.append((self._first_rows[account.record_id], account))
        return sorted(made, key=lambda pair: pair[0])

    def hide(self, text: pl.Expr) -> pl.Expr:
        """The text with the accounts' own numbers cut to their last characters."""
        numbers = [number for number in self._known if len(number) >= _LONG and self._known[number].number]
        return text.str.replace_many(numbers, [f"…{masked_number(number)}" for number in numbers]) if numbers else text


def shortened(text: pl.Expr) -> pl.Expr:
    """A column of account numbers, of which only the last four characters stay."""
    bare = text.str.replace_all(r"[^\p{L}\p{N}]", "")
    tail = pl.concat_str(pl.lit("…"), bare.str.tail(4))
    return pl.when(bare.str.len_chars() > _LEAST_DIGITS).then(tail).when(bare != "").then(pl.lit("…"))


def without_ibans(text: pl.Expr) -> pl.Expr:
    """Texts without the IBANs in them."""
    return text.str.replace_all(_IBAN, "…").fill_null(text)


def is_named(layout: Layout) -> bool:
    """Whether the file itself says whose rows they are."""
    return bool(layout.column("account") or layout.column("account_name") or layout.above.get("account"))


def codes_of(texts: Iterable[str]) -> set[str]:
    """Currency codes that stand alone among texts."""
    return {text.strip().upper() for text in texts if re.fullmatch(r"\s*[A-Za-z]{3}\s*", text)}
