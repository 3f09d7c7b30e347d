r"""Hisab's own CSV of entries: every column of the record kind, its account's facts, and where it came from.

Put here the layout, for `outputs.entries` writes it and this module reads it back. One line per record: line ends and
backslashes inside a text are written `\n`, `\r`, `\\`, so that no tool that works by lines takes a record apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import polars as pl

from pipelines.sources.apps.described_accounts import DescribedAccounts
from pipelines.sources.conventions import Conventions
from pipelines.sources.date_text import DateOrder, parse_days, parse_instants
from pipelines.sources.delimited import Stretch, header_of, read_delimited
from pipelines.sources.kind_frames import currency_codes, json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import DecimalMark, parse_money
from pipelines.sources.parsed_column import ParsedColumn, all_read
from pipelines.sources.source import Batch, Decoded, Question
from warehouse.kinds import FieldType
from warehouse.record_kinds import ACCOUNTS, LEDGER_ENTRIES

ACCOUNT_COLUMNS = {
    f"account_{name.removeprefix('account_')}": name for name in (field.name for field in ACCOUNTS.fields)
}
"""Facts of the account on every entry: column of the file to column of the record kind."""
ENTRY_COLUMNS = tuple(field.name for field in LEDGER_ENTRIES.fields)
ORIGIN_COLUMNS = ("record_id", "party_label", "source_name", "extra")
"""Where the entry was read, and what its source kept beside."""
COLUMNS = ("entry_id", *ENTRY_COLUMNS, *ACCOUNT_COLUMNS, *ORIGIN_COLUMNS)
_CONVENTIONS = Conventions(DecimalMark.POINT, DateOrder.DAY_FIRST)
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0"}
_FIELDS = {field.name: field for field in LEDGER_ENTRIES.fields}


def escaped(text: pl.Expr) -> pl.Expr:
    """Text on one line."""
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def unescaped(text: pl.Expr) -> pl.Expr:
    """Text as it was before `escaped`."""
    return text.str.replace_many(list(_ESCAPES.values()), list(_ESCAPES))


class HisabCsvFormat:
    """Reads what `hisab export entries --format csv` writes."""

    source = "hisab_csv"
    title = "Hisab entries (CSV)"
    kinds = ("accounts", "ledger_entries")

    def sniff(self, head: bytes) -> bool:
        """Whether the header is Hisab's own."""
        return set(header_of(head)[0]) >= set(COLUMNS)

    def questions(self, body: BinaryIO) -> list[Question]:  # noqa: ARG002 - the layout leaves nothing open
        """None."""
        return []

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:  # noqa: ARG002 - nothing is asked
        """Decode the file; the accounts come last. Raises SourceError."""
        accounts = DescribedAccounts()
        for stretch in read_delimited(body, kind=LEDGER_ENTRIES.name, needed=frozenset(COLUMNS)):
            yield _decoded(stretch, accounts)
        yield accounts.decoded()


FORMAT = HisabCsvFormat()


def _decoded(stretch: Stretch, accounts: DescribedAccounts) -> Decoded:
    frame = stretch.frame.with_columns(unescaped(pl.col(name)) for name in stretch.frame.columns if name != "row_no")
    read = {f"read {name}": (name, _read(name, frame[name])) for name in ENTRY_COLUMNS if _is_parsed(name)}
    read["read entry_id"] = ("entry_id", required_text(frame["entry_id"], "entry's id"))
    whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
    own = {name: pl.col(f"read {name}" if _is_parsed(name) else name) for name in ENTRY_COLUMNS}
    entries = shaped(
        LEDGER_ENTRIES, whole, {**own, "record_id": pl.col("read entry_id"), "extra": json_of(_left_over(whole))}
    )
    accounts.add(entries)
    accounts.describe(whole.select("account_id", **{name: pl.col(column) for column, name in ACCOUNT_COLUMNS.items()}))
    return stretch.read_as(Batch(LEDGER_ENTRIES.name, entries), rejects)


def _is_parsed(name: str) -> bool:
    """Whether a cell can be refused, so that it is more than a text as it stands."""
    field = _FIELDS[name]
    return field.required or bool(field.allowed or field.pattern) or field.type is not FieldType.TEXT


def _read(name: str, text: pl.Series) -> ParsedColumn:
    field = _FIELDS[name]
    if name.endswith("currency_code"):
        read = currency_codes(text)
    elif field.type is FieldType.AMOUNT:
        read = parse_money(text, _CONVENTIONS.mark)
    elif field.type is FieldType.DATE:
        read = parse_days(text, _CONVENTIONS.order)
    elif field.type is FieldType.INSTANT:
        read = parse_instants(text)
    else:
        read = all_read(text)
    return read.requiring(name.replace("_", " ")) if field.required else read


def _left_over(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """Where the entry was read first, and columns that the layout does not know."""
    known = {*COLUMNS, "row_no"}
    more = [name for name in frame.columns if name not in known and not name.startswith("read ")]
    return {name: pl.col(name) for name in (*ORIGIN_COLUMNS, *more) if frame[name].count()}
