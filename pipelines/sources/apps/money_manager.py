"""The table Money Manager (Realbyte) exports, as a workbook, CSV or TSV, and the one it imports.

Put here what their columns mean. Two columns of the export are called alike and one is named after the main currency,
so columns are known by their place. Amounts are unsigned; the type says where the money went. What becomes of the two
rows of a transfer is in `money_manager_legs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO, ClassVar

import polars as pl

from pipelines.sources.apps.app_table import AppTable, EntryReader
from pipelines.sources.apps.money_manager_legs import Legs
from pipelines.sources.apps.wallet_words import KIND_OF_WORD, plain_word
from pipelines.sources.conventions import CURRENCY, Conventions, look_ahead
from pipelines.sources.currency_words import sure_currency
from pipelines.sources.date_text import parse_days
from pipelines.sources.delimited import Stretch, header_of, read_delimited
from pipelines.sources.kind_frames import currency_codes, json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.serial_days import written_out
from pipelines.sources.source import Batch, Decoded, Question, SourceError
from warehouse.fields import CURRENCY_PATTERN
from warehouse.record_kinds import LEDGER_ENTRIES

_EXPORT = (
    *("date", "account", "category", "subcategory", "note", "main_amount", "type", "description", "amount"),
    *("currency", "account_amount"),
)
_LEAST_COLUMNS = 10
"""Some versions leave the last column out."""
_TEMPLATE = ("date", "account", "category", "subcategory", "note", "main_amount", "type", "description")
_TEMPLATE_NAMES = ("date", "account", "main category", "subcategory", "contents", "amount", "income/expense", "details")
_TYPE_NAME = "income/expense"
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "note")

_TYPES: Mapping[str, tuple[str, int]] = {
    "exp.": ("expense", -1),
    "exp": ("expense", -1),
    "transferout": ("transfer", -1),
    "transferin": ("transfer", 1),
    "incomebalance": ("adjustment", 1),
    "expensebalance": ("adjustment", -1),
}
"""entry_kind and sign of the app's own words, without spaces and hyphens; plain words are `wallet_words`'."""
_TIME_OF_DAY = r"(?i)\s*[ap]\.?m\.?\s*$"
_SHORT_YEAR = r"^\s*([0-9]{2})[./-]([0-9]{1,2})[./-]([0-9]{1,2})\s*$"
_DAY_LENGTH = 10


class _MoneyManagerTable(AppTable):
    """What the export and the import table share."""

    amounts: ClassVar[tuple[str, ...]] = ("main_amount", "amount")
    date = "date"
    needed = frozenset()

    def questions(self, body: BinaryIO) -> list[Question]:
        """What the conventions leave open, and the currency where no header names it. Raises SourceError."""
        clues, stretches = look_ahead(self.stretches(body), self._clues)
        asked = clues.questions()
        if "main_currency" not in next(stretches).frame.columns:
            text = "Which currency are the amounts in (three letters, such as USD)? The file does not say."
            asked.append(Question(CURRENCY, text, pattern=CURRENCY_PATTERN))
        return asked

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file; transfers with one row and the accounts come last. Raises SourceError."""
        clues, stretches = look_ahead(self.stretches(body), self._clues)
        currency = pl.Series([answers.get(CURRENCY, "")])
        if currency_codes(currency).refusals.height:
            raise SourceError(f"The answer currency={currency[0]!r} is not a three-letter code such as USD.")
        reader = self.begin(clues.settle(answers), currency[0])
        for stretch in stretches:
            yield reader.decoded(stretch)
        yield from reader.ending()

    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""
        return _Reader(conventions, currency)


class MoneyManagerFormat(_MoneyManagerTable):
    """Reads the export in every language; see docs/formats.md for the rules."""

    source = "money_manager"
    title = "Money Manager by Realbyte (Excel, CSV or TSV)"

    def sniff(self, head: bytes) -> bool:
        """Whether the header is the export's, by the places of its columns."""
        cells = [cell.casefold() for cell in header_of(head)[0]]
        if not _LEAST_COLUMNS <= len(cells) <= len(_EXPORT):
            return False
        is_doubled = len(cells) == len(_EXPORT) and cells[1] == cells[10]
        is_english = cells[1] in {"account", "accounts"} and cells[6] == _TYPE_NAME
        return (is_english and cells[9] == "currency") or (is_doubled and bool(_header_currency(cells[5])))

    def stretches(self, body: BinaryIO) -> Iterator[Stretch]:
        """The rows as text, their columns named by place. Raises SourceError."""
        for stretch in read_delimited(body, kind=LEDGER_ENTRIES.name, needed=frozenset()):
            names = stretch.frame.columns[1:]
            if not _LEAST_COLUMNS <= len(names) <= len(_EXPORT):
                raise SourceError("The file's header is not that of a Money Manager export; export it again.")
            frame = stretch.frame.rename(dict(zip(names, _EXPORT, strict=False)))
            code = _header_currency(names[5])
            if code:
                frame = frame.with_columns(main_currency=pl.lit(code))
            yield Stretch(frame.with_columns(date=_plain_days(frame["date"])), stretch.rejects)


class MoneyManagerImportFormat(_MoneyManagerTable):
    """Reads the table people fill in for the app's own import; see docs/formats.md for the rules."""

    source = "money_manager_import"
    title = "Money Manager import table (text or Excel)"

    def sniff(self, head: bytes) -> bool:
        """Whether the header is the published template's."""
        cells = [
            " ".join(cell.casefold().split()).replace("sub category", "subcategory") for cell in header_of(head)[0]
        ]
        return [*cells, *_TEMPLATE_NAMES[len(cells) :]] == list(_TEMPLATE_NAMES) and len(cells) > len(_TEMPLATE) - 2

    def stretches(self, body: BinaryIO) -> Iterator[Stretch]:
        """The rows as text; a year of two digits is of this century, as the app's help says. Raises SourceError."""
        for stretch in read_delimited(body, kind=LEDGER_ENTRIES.name, needed=frozenset()):
            names = stretch.frame.columns[1:]
            if not len(_TEMPLATE) - 1 <= len(names) <= len(_TEMPLATE):
                raise SourceError("The file's header is not that of Money Manager's import table.")
            frame = stretch.frame.rename(dict(zip(names, _TEMPLATE, strict=False)))
            days = frame["date"].str.replace(_SHORT_YEAR, "20${1}-${2}-${3}")
            yield Stretch(frame.with_columns(date=_plain_days(days)), stretch.rejects)


def _header_currency(name: str) -> str:
    return sure_currency({name.strip().upper()}) or sure_currency({name.strip()})


def _plain_days(text: pl.Series) -> pl.Series:
    """Days as `date_text` reads them: `3/2/2022, 10:11 AM` without its comma and its half of the day."""
    return written_out(text).str.replace(", ", " ", literal=True).str.replace(_TIME_OF_DAY, "").alias(text.name)


class _Reader(EntryReader):
    def __init__(self, conventions: Conventions, currency: str) -> None:
        super().__init__(conventions, currency)
        self._legs = Legs()

    def decoded(self, stretch: Stretch) -> Decoded:
        frame = self._with_currency(stretch.frame)
        mark = self.conventions.mark
        words = _types(frame["type"])
        read = {
            "account_id": ("account", required_text(frame["account"], "account")),
            "entry_date": ("date", parse_days(frame["date"], self.conventions.order).requiring("date")),
            "value": ("main_amount", parse_money(frame["main_amount"], mark).requiring("amount")),
            "type_place": ("type", words),
        }
        if "amount" in frame.columns:
            read["other_value"] = ("amount", parse_money(frame["amount"], mark))
        whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
        whole = _with_kinds(whole)
        is_transfer = pl.col("entry_kind") == "transfer"
        waiting = self._legs.waiting
        legs = self._legs.matched(whole.filter(is_transfer))
        entries = self._shaped([whole.filter(~is_transfer), legs])
        return Decoded(
            (Batch(LEDGER_ENTRIES.name, entries, _IDENTITY),),
            pl.concat([stretch.rejects, rejects]).sort("row_no"),
            # A transfer row without its partner waits for the stretch that has it.
            {LEDGER_ENTRIES.name: stretch.row_count + waiting - self._legs.waiting},
        )

    def ending(self) -> Iterator[Decoded]:
        """The transfers that have one row, each with the leg the file lacks; then the accounts."""
        waiting = self._legs.waiting
        if waiting:
            legs, made = self._legs.ending()
            entries = self._shaped([legs])
            yield Decoded(
                (Batch(LEDGER_ENTRIES.name, entries, _IDENTITY),), rows_read={LEDGER_ENTRIES.name: waiting + made}
            )
        yield from super().ending()

    def _with_currency(self, frame: pl.DataFrame) -> pl.DataFrame:
        if "main_currency" in frame.columns:
            return frame
        if not self.currency:
            raise SourceError(
                "The file leaves open which currency its amounts are in; answer currency, for example currency=USD."
            )
        return frame.with_columns(main_currency=pl.lit(self.currency))

    def _shaped(self, parts: list[pl.DataFrame]) -> pl.DataFrame:
        rows = pl.concat([part for part in parts if part.height] or parts[:1], how="diagonal").sort("row_no")
        entries = shaped(LEDGER_ENTRIES, rows, _columns(rows))
        self.accounts.add(entries)
        return entries


_KINDS = tuple(dict.fromkeys([*_TYPES.values(), ("expense", -1), ("income", 1)]))
"""What the types come to; a row's is its place in here."""


def _types(text: pl.Series) -> ParsedColumn:
    """Each row's place in `_KINDS`; a word that is not known is refused, as amounts bear no sign."""
    places = {}
    for word in text.unique().drop_nulls():
        plain = plain_word(word)
        known = _TYPES.get(plain.replace(" ", "").replace("-", "").replace("_", ""))
        kind = KIND_OF_WORD.get(plain)
        found = known or ((kind, 1 if kind == "income" else -1) if kind else None)
        places[word] = _KINDS.index(found) if found else None
    values = text.replace_strict(list(places), list(places.values()), default=None, return_dtype=pl.Int64)
    unknown = values.is_null().arg_true().cast(pl.UInt32).alias("position").to_frame()
    return ParsedColumn(
        values,
        unknown.with_columns(
            reason=pl.lit("the type is no word for income, expense or transfer that Hisab knows"),
            cure=pl.lit("set the app's language to English and export again"),
        ),
    )


def _with_kinds(whole: pl.DataFrame) -> pl.DataFrame:
    """The rows with their kind, sign and what was paid in another currency."""
    kinds = pl.Series([kind for kind, _ in _KINDS])
    signs = pl.Series([sign for _, sign in _KINDS])
    places = whole["type_place"]
    sign = pl.lit(signs.gather(places)) if whole.height else pl.lit(1)
    rows = whole.with_columns(
        entry_kind=kinds.gather(places) if whole.height else pl.lit(None, dtype=pl.String),
        entry_amount=(pl.col("value") * sign).cast(whole["value"].dtype),
        currency_code=pl.col("main_currency"),
        name=pl.col("category").str.strip_chars().replace("", None),
    )
    if "other_value" not in whole.columns or "currency" not in whole.columns:
        return rows.with_columns(
            original_amount=pl.lit(None, dtype=whole["value"].dtype), original_currency=pl.lit(None, dtype=pl.String)
        )
    codes = currency_codes(whole["currency"]).values
    foreign = pl.lit(codes) != pl.col("main_currency")
    return rows.with_columns(
        original_amount=pl.when(foreign).then((pl.col("other_value") * sign).cast(whole["value"].dtype)),
        original_currency=pl.when(foreign & pl.col("other_value").is_not_null()).then(pl.lit(codes)),
    )


def _columns(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    read = ("account_id", "entry_date", "entry_kind", "entry_amount", "currency_code")
    moves = pl.col("entry_kind") == "transfer"
    below = pl.col("subcategory").str.strip_chars().replace("", None)
    found = {
        name: pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String)
        for name in ("transfer_account", "transfer_group")
    }
    return {
        **{name: pl.col(name) for name in read},
        "category_group": pl.when(~moves & below.is_not_null()).then("name"),
        "category_name": pl.when(~moves).then(pl.coalesce(below, "name")),
        **found,
        "note": pl.col("note"),
        "original_amount": pl.col("original_amount"),
        "original_currency_code": pl.col("original_currency"),
        "extra": json_of(_left_over(frame)),
    }


def _left_over(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """What has no column of its own."""
    cells = {
        "date": pl.when(pl.col("date").str.len_bytes() > _DAY_LENGTH).then("date"),
        "description": pl.col("description"),
    }
    if "description" not in frame.columns:
        del cells["description"]
    stated = pl.col("main_amount")
    if "amount" in frame.columns:
        same = pl.col("original_currency").is_null()
        cells["amount"] = pl.when(same & (pl.col("other_value") != pl.col("value"))).then("amount")
        cells["currency"] = pl.when(same & (pl.col("currency") != pl.col("main_currency"))).then("currency")
        stated = pl.col("amount")
    if "account_amount" in frame.columns:
        number = pl.col("account_amount")
        cells["account_amount"] = pl.when((number != stated) & (number != pl.col("main_amount"))).then(number)
    moves = pl.col("entry_kind") == "transfer"
    cells["subcategory"] = pl.when(moves).then("subcategory")
    return cells


FORMAT = MoneyManagerFormat()
