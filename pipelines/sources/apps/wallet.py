"""The CSV export of Wallet by BudgetBakers, in both its layouts.

Put here what Wallet's columns mean. The phone's layout (19 columns) signs its amounts and writes local times; the
web's (12 columns) writes unsigned amounts, whose sign is in `type`, and instants in UTC. Column names are English in
both, values are in the user's language (`wallet_words`). A transfer is two rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import polars as pl

from pipelines.sources.apps.account_names import AccountNames
from pipelines.sources.apps.wallet_words import KIND_OF_WORD, plain_word
from pipelines.sources.conventions import Clues, Conventions, look_ahead
from pipelines.sources.date_text import date_order_clues, parse_days, parse_instants
from pipelines.sources.delimited import Stretch, header_of, read_delimited
from pipelines.sources.kind_frames import currency_codes, json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import DecimalMark, decimal_mark_clues, parse_money
from pipelines.sources.parsed_column import ParsedColumn, all_read
from pipelines.sources.source import Batch, Decoded, Question
from warehouse.record_kinds import LEDGER_ENTRIES

_NEEDED = frozenset({"account", "category", "currency", "amount", "type", "payment_type", "note", "date", "transfer"})
_SIGNED_LAYOUT = "payment_type_local"
"""Only the phone's export has this column, and only there are amounts signed."""

_READ = (*_NEEDED - {"payment_type"}, "payee", "labels", "ref_currency_amount", "row_no")
_IDENTITY = ("account_id", "entry_date", "entry_at", "entry_amount", "currency_code", "payee_name", "note")
"""What people seldom edit afterwards; categories and labels they do."""

_ZONE = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})\s*$"
_TRUTHS = {"true": True, "false": False}


class WalletFormat:
    """Reads both layouts; see docs/formats.md for the rules."""

    source = "wallet"
    title = "Wallet by BudgetBakers (CSV)"
    kinds = ("accounts", "ledger_entries")

    def sniff(self, head: bytes) -> bool:
        """Whether the header names Wallet's columns."""
        return set(header_of(head)[0]) >= _NEEDED

    def questions(self, body: BinaryIO) -> list[Question]:
        """The decimal mark or the date order, when the file leaves them open. Raises SourceError."""
        clues, _ = look_ahead(_stretches(body), _clues)
        return clues.questions()

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file; the accounts come last. Raises SourceError."""
        clues, stretches = look_ahead(_stretches(body), _clues)
        conventions = clues.settle(answers)
        accounts = AccountNames()
        for stretch in stretches:
            decoded = _decoded(stretch, conventions)
            accounts.add(decoded.batches[0].frame)
            yield decoded
        yield accounts.decoded()


def _stretches(body: BinaryIO) -> Iterator[Stretch]:
    return read_delimited(body, kind=LEDGER_ENTRIES.name, needed=_NEEDED)


def _clues(stretch: Stretch) -> Clues:
    frame = stretch.frame
    marks = decimal_mark_clues(frame["amount"])
    if "ref_currency_amount" in frame.columns:
        marks += decimal_mark_clues(frame["ref_currency_amount"])
    return Clues(marks, date_order_clues(frame["date"]))


def _decoded(stretch: Stretch, conventions: Conventions) -> Decoded:
    frame = stretch.frame
    signed = _SIGNED_LAYOUT in frame.columns
    date = frame["date"]
    zoned = date.str.contains(_ZONE).fill_null(value=False)
    instants = date.zip_with(zoned, pl.Series([None], dtype=pl.String))
    kinds = _entry_kinds(frame["type"], signed=signed)
    amounts = parse_money(frame["amount"], conventions.mark).requiring("amount")
    read = {
        "account_id": ("account", required_text(frame["account"], "account")),
        "entry_date": ("date", parse_days(date, conventions.order).requiring("date")),
        "entry_at": ("date", parse_instants(instants)),
        "currency_code": ("currency", currency_codes(frame["currency"]).requiring("currency")),
        "entry_amount": ("amount", amounts if signed else _unsigned(amounts, kinds.values)),
        "word kind": ("type", kinds),
        "is_transfer": ("transfer", _truths(frame["transfer"])),
    }
    whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
    whole = whole.with_columns(transfer_account=_other_accounts(whole, conventions.mark))
    batch = Batch(LEDGER_ENTRIES.name, shaped(LEDGER_ENTRIES, whole, _columns(whole)), _IDENTITY)
    return stretch.read_as(batch, rejects)


def _mapped(text: pl.Series, table: Mapping[str, str | bool], dtype: pl.DataType) -> pl.Series:
    """Each cell looked up by its plain word; null where the table has none."""
    found = {cell: table.get(plain_word(cell)) for cell in text.unique().drop_nulls()}
    return text.replace_strict(list(found), list(found.values()), default=None, return_dtype=dtype)


def _entry_kinds(words: pl.Series, *, signed: bool) -> ParsedColumn:
    """Income or expense by the word; an unknown word matters only where amounts are unsigned."""
    values = _mapped(words, KIND_OF_WORD, pl.String())
    if signed or not values.null_count():
        return all_read(values)
    unknown = values.is_null().arg_true().cast(pl.UInt32).alias("position").to_frame()
    return ParsedColumn(
        values,
        unknown.with_columns(
            reason=pl.lit("the type is no word for income or expense that Hisab knows, so the amount has no sign"),
            cure=pl.lit("set Wallet's language to English, export again and import that file"),
        ),
    )


def _unsigned(amounts: ParsedColumn, kinds: pl.Series) -> ParsedColumn:
    """Amounts signed by their kind; one that bears a minus although it is income is refused."""
    out = kinds == "expense"
    negative = amounts.values < 0
    wrong = (negative & ~out).fill_null(value=False).arg_true().cast(pl.UInt32).alias("position").to_frame()
    refusals = wrong.with_columns(
        reason=pl.lit("the amount is negative although the row's type is income"),
        cure=pl.lit("correct the type or the amount in Wallet and export again"),
    )
    signed = pl.select(pl.when(out & ~negative).then(-amounts.values).otherwise(amounts.values)).to_series()
    return ParsedColumn(signed, pl.concat([amounts.refusals, refusals]))


def _truths(text: pl.Series) -> ParsedColumn:
    values = _mapped(text, _TRUTHS, pl.Boolean())
    unknown = (values.is_null() & text.is_not_null()).arg_true().cast(pl.UInt32).alias("position").to_frame()
    refusals = unknown.with_columns(
        reason=pl.lit("transfer is neither true nor false"), cure=pl.lit("write true or false, as Wallet does")
    )
    return ParsedColumn(values.fill_null(value=False), refusals)


def _other_accounts(frame: pl.DataFrame, mark: DecimalMark) -> pl.Series:
    """For each transfer leg the account of its other leg: same time, same worth in the base currency, other sign.

    Only pairs that are beyond doubt (one leg each way) are named; currencies may differ, so the worth decides.
    """
    nothing = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    places = frame["is_transfer"].arg_true()
    if places.is_empty() or "ref_currency_amount" not in frame.columns:
        return nothing
    legs = frame[places].select("date", "account_id", out=pl.col("entry_amount") < 0)
    worth = parse_money(frame["ref_currency_amount"].gather(places), mark).values.abs()
    legs = legs.with_columns(worth=worth)
    pairs = (
        legs.group_by("date", "worth")
        .agg(
            pl.len(),
            from_account=pl.col("account_id").filter("out").first(),
            to_account=pl.col("account_id").filter(~pl.col("out")).first(),
        )
        .filter(pl.col("len") == 2)  # noqa: PLR2004 - a pair; legs of one direction find no other side
    )
    other = legs.join(pairs, on=["date", "worth"], how="left", maintain_order="left").select(
        pl.when("out").then("to_account").otherwise("from_account")
    )
    return nothing.scatter(places, other.to_series())


def _columns(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    by_sign = pl.when(pl.col("entry_amount") > 0).then(pl.lit("income")).otherwise(pl.lit("expense"))
    signed = _SIGNED_LAYOUT in frame.columns
    plain_kind = by_sign if signed else pl.col("word kind")
    named = {"category_name": "category", "payee_name": "payee", "note": "note", "labels": "labels"}
    read = ("account_id", "entry_date", "entry_at", "entry_amount", "currency_code", "transfer_account")
    return {
        **{name: pl.col(name) for name in read},
        **{name: pl.col(column) for name, column in named.items() if column in frame.columns},
        "entry_kind": pl.when("is_transfer").then(pl.lit("transfer")).otherwise(plain_kind),
        "extra": json_of(_left_over(frame)),
    }


def _left_over(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """What has no column of its own, by the name Wallet gives it."""
    read = {"word kind", "is_transfer", "account_id", "entry_date", "entry_at", "entry_amount", "currency_code"}
    taken = {*_READ, *read, "transfer_account"}
    cells = {name: pl.col(name) for name in frame.columns if name not in taken and frame[name].count()}
    if frame["entry_at"].null_count():
        # A time without its zone is no instant; it is kept as written.
        cells["date"] = pl.when(pl.col("entry_at").is_null() & (pl.col("date").str.len_bytes() > 10)).then("date")  # noqa: PLR2004
    if "ref_currency_amount" in frame.columns:
        reference = pl.col("ref_currency_amount")
        cells["ref_currency_amount"] = pl.when(reference != pl.col("amount")).then(reference)
    return cells


FORMAT = WalletFormat()
