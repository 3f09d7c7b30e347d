"""The workbook Hishebi makes of a person's books (`hisab fetch hishebi --format xlsx`), as a file to import.

Put here the way from its sheets to records. Keep out what a sheet means (`export_sheets`). The workbook names
properties, units and tenants without their ids, so their names serve as ids here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import polars as pl

from pipelines.sources.archive import whole_file
from pipelines.sources.hishebi import ledger
from pipelines.sources.hishebi.export_sheets import FORMS, TENANCY_ID, UNIT_ID, SheetForm, pieces
from pipelines.sources.kind_frames import json_of, set_aside, shaped
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded, Question, SourceError
from pipelines.sources.workbook import Sheet, is_workbook, sheet_of, sheets_of
from warehouse.planning_kinds import CASH_COUNTS
from warehouse.property_kinds import PROPERTIES, RENT_CHARGES, RENT_PAYMENTS, TENANCIES, UNITS

ENTRIES = "Entries"
_NEEDED = frozenset({"Date", "Kind", "Category", "Counterparty", "Amount", "Currency", "Id"})
_DENOMINATION = r"[0-9]{1,9}(\.[0-9]{1,4})?"
_RENT = frozenset({RENT_CHARGES.name, RENT_PAYMENTS.name})


class HishebiExport:
    """Reads the workbook; see docs/hishebi.md for the rules."""

    source = "hishebi_export"
    title = "Hishebi Online export (Excel)"
    kinds = (
        "accounts",
        *(form.kind.name for form in FORMS.values()),
        *(PROPERTIES.name, UNITS.name, TENANCIES.name),
    )

    def sniff(self, head: bytes) -> bool:  # noqa: ARG002 - a workbook is told by its sheets
        """Never: no text is a workbook."""
        return False

    def takes(self, body: BinaryIO) -> bool:
        """Whether a workbook has Hishebi's sheet of entries."""
        raw = whole_file(body)
        try:
            return is_workbook(raw) and set(_header(sheet_of(raw, ENTRIES))) >= _NEEDED
        except SourceError:
            return False

    def questions(self, body: BinaryIO) -> list[Question]:  # noqa: ARG002 - the workbook leaves nothing open
        """None."""
        return []

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:  # noqa: ARG002 - nothing is asked
        """Decode the workbook sheet by sheet. Raises SourceError."""
        for sheet in sheets_of(whole_file(body)):
            yield _decoded(sheet)


FORMAT = HishebiExport()


def _header(sheet: Sheet) -> list[str]:
    return [(cell or "").strip() for cell in sheet.cells.row(0)]


def _decoded(sheet: Sheet) -> Decoded:
    form = FORMS.get(sheet.name)
    if form is None:
        return _unknown(sheet)
    frame = _table(sheet)
    absent = {heading for heading, _ in form.read.values()} - set(frame.columns)
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(heading) for heading in sorted(absent))
    read = {name: (heading, parse(frame[heading])) for name, (heading, parse) in form.read.items()}
    if form.kind is CASH_COUNTS:
        return _counts(frame, form, read)
    whole, rejects = set_aside(form.kind.name, frame, read)
    batches = [Batch(form.kind.name, _shaped(whole, form, frozenset()))]
    if form.kind.name in _RENT:
        batches += _houses(whole)
    if sheet.name == ENTRIES:
        currencies = whole["currency_code"].unique().to_list()
        batches.append(Batch("accounts", ledger.account(currencies[0] if len(currencies) == 1 else None)))
    return Decoded(tuple(batches), rejects, {form.kind.name: frame.height})


def _unknown(sheet: Sheet) -> Decoded:
    """One reject that stands for a sheet that is not known, so that a person sees that it was not read."""
    reject = {
        "kind": "ledger_entries",
        "row_no": int(sheet.rows[0]),
        "column": "",
        "value": sheet.name[:200],
        "reason": "the sheet is not one that is known, and none of it was read",
        "cure": "update Hisab, or import the sheet as a file of its own",
    }
    return Decoded((), pl.DataFrame([reject], schema=REJECT_SCHEMA), {"ledger_entries": 1})


def _table(sheet: Sheet) -> pl.DataFrame:
    """The rows below the header under their headings, and `row_no`. Raises SourceError."""
    names = [name or f"column {place}" for place, name in enumerate(_header(sheet), 1)]
    if len(set(names)) < len(names):
        raise SourceError(f"The sheet {sheet.name!r} has two columns of one name; export the workbook again.")
    cells = sheet.cells[1:]
    cells.columns = names
    return cells.with_columns(row_no=sheet.rows[1:])


def _shaped(whole: pl.DataFrame, form: SheetForm, known: frozenset[str]) -> pl.DataFrame:
    """The kind's frame; what no column holds is kept in `extra`."""
    own = {name: pl.col(name) for name in form.read if name not in form.only_read}
    taken = {heading for heading, _ in form.read.values()} | set(form.read) | known | {"row_no"}
    moments = {heading for name, (heading, _) in form.read.items() if name in {"counted_at", "noted_at"}}
    left = {name: pl.col(name) for name in whole.columns if name not in taken or name in moments}
    return shaped(form.kind, whole, {**own, **form.made, "extra": json_of(left)})


def _houses(whole: pl.DataFrame) -> list[Batch]:
    """The properties, units and tenancies that rows of the rent books name, each once."""
    first = whole.unique(["property_id", "unit", "tenant"], keep="first", maintain_order=True)
    tenancies = {
        "record_id": TENANCY_ID,
        "property_id": pl.col("property_id"),
        "unit_id": UNIT_ID,
        "tenant_name": pl.col("tenant"),
        "currency_code": pl.col("currency_code"),
    }
    units = {"record_id": UNIT_ID, "property_id": pl.col("property_id"), "unit_name": pl.col("unit")}
    houses = {"record_id": pl.col("property_id"), "property_name": pl.col("property_id")}
    with_unit = first.filter(pl.col("unit").is_not_null()).unique(["property_id", "unit"], maintain_order=True)
    return [
        Batch(TENANCIES.name, shaped(TENANCIES, first, tenancies)),
        Batch(UNITS.name, shaped(UNITS, with_unit, units)),
        Batch(PROPERTIES.name, shaped(PROPERTIES, first.unique("property_id", maintain_order=True), houses)),
    ]


def _counts(frame: pl.DataFrame, form: SheetForm, read: Mapping[str, tuple[str, ParsedColumn]]) -> Decoded:
    """The totals, and for each filled cell under a denomination a line of its own.

    A row whose total cannot be read is set aside whole, with its denominations.
    """
    values = [name for name in frame.columns if re.fullmatch(_DENOMINATION, name)]
    whole, rejects = set_aside(form.kind.name, frame, read)
    lines = whole.unpivot(values, index=["row_no", *_SHARED], variable_name="denomination", value_name="Pieces")
    lines = lines.filter(pl.col("Pieces").is_not_null())
    good, bad = set_aside(form.kind.name, lines, {"pieces_count": ("Pieces", pieces(lines["Pieces"]))})
    batches = (
        Batch(form.kind.name, _shaped(whole, form, frozenset(values))),
        Batch(form.kind.name, shaped(CASH_COUNTS, good, _LINE)),
    )
    return Decoded(batches, pl.concat([rejects, bad]), {form.kind.name: frame.height + lines.height})


_SHARED = ("record_id", "count_date", "counted_at", "till_name", "currency_code")
_VALUE = pl.col("denomination").cast(pl.Decimal(18, 4))
_LINE: Mapping[str, pl.Expr] = {
    "record_id": pl.concat_str("record_id", "denomination", separator="/"),
    "session_id": pl.col("record_id"),
    "line_kind": pl.lit("denomination"),
    "count_date": pl.col("count_date"),
    "counted_at": pl.col("counted_at"),
    "till_name": pl.col("till_name"),
    "denomination_amount": _VALUE,
    "pieces_count": pl.col("pieces_count"),
    "counted_amount": _VALUE * pl.col("pieces_count"),
    "currency_code": pl.col("currency_code"),
}
