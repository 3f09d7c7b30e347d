"""The format of ledgers that are read by a profile: apps that publish no format of their own.

Put here what the columns of such a profile become. The app is part of what names an account, because the files of
several apps come under this one source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from pipelines.sources.apps.account_names import account_kind
from pipelines.sources.apps.described_accounts import DescribedAccounts, Facts, Row
from pipelines.sources.apps.paired_legs import with_partners
from pipelines.sources.bank_csv.accounts import shortened, without_ibans
from pipelines.sources.bank_csv.matching import Layout
from pipelines.sources.bank_csv.profile_format import ACCOUNT, ProfileFormat
from pipelines.sources.bank_csv.row_currencies import AMOUNT_FIELDS, RowCurrencies, foreign_amounts
from pipelines.sources.bank_csv.rows import IS_EXCLUDED, parted
from pipelines.sources.bank_csv.signs import amounts, signed_amounts
from pipelines.sources.bank_csv.written_days import plain_days
from pipelines.sources.conventions import CURRENCY, Conventions
from pipelines.sources.date_text import parse_days
from pipelines.sources.delimited import Stretch
from pipelines.sources.kind_frames import currency_codes, joined_text, json_of, required_text, set_aside, shaped
from pipelines.sources.parsed_column import ParsedColumn, all_read
from pipelines.sources.source import Batch, Decoded, SourceError
from warehouse.record_kinds import LEDGER_ENTRIES

_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "payee_name", "note")
_IN_COLUMNS = frozenset(
    {
        *(*AMOUNT_FIELDS, "currency", "account", "account_name", "id", "payee", "category", "category_group"),
        *("subcategory", "transfer_account", "note", "description", "labels", "original_amount", "original_currency"),
    }
)
"""Fields whose text is kept in a column of the record, so not in `extra`."""
_DAY_LENGTH = 11
"""Characters from which a date says more than a day."""
_NUMBER = r"[0-9]{4,}([0-9]{4})"
"""Account numbers in an account's name, of which the last four characters stay."""


class LedgerCsvFormat(ProfileFormat):
    """Reads ledgers by profiles; see docs/bank-csv.md."""

    source = "ledger_csv"
    title = "Ledger of an app, by a profile (CSV)"
    kinds = ("accounts", "ledger_entries")
    family = "ledger"

    def records(
        self, layout: Layout, conventions: Conventions, answers: Mapping[str, str], stretches: Iterator[Stretch]
    ) -> Iterator[Decoded]:
        """The entries of a file, then its accounts. Raises SourceError when it holds no row."""
        reading = _Reading(layout, conventions, answers)
        held = 0
        for stretch in stretches:
            decoded = reading.decoded(stretch)
            held += sum(decoded.rows_read.values())
            yield decoded
        if not held:
            raise SourceError("The file holds no entries; export it again with the period you want.")
        yield reading.accounts.decoded()


class _Reading:
    """Reads the stretches of one file, in order."""

    def __init__(self, layout: Layout, conventions: Conventions, answers: Mapping[str, str]) -> None:
        self._layout = layout
        self._conventions = conventions
        self._currencies = RowCurrencies(layout, answers.get(CURRENCY, ""))
        self._account = layout.above.get("account") or answers.get(ACCOUNT, "")
        self.accounts = DescribedAccounts()

    def decoded(self, stretch: Stretch) -> Decoded:
        """The entries of a stretch. Raises SourceError when it leaves their currency open."""
        rows = parted(stretch, self._layout)
        whole, refused = set_aside(LEDGER_ENTRIES.name, rows.transactions, self._read(rows.transactions))
        whole = self._with_accounts(whole)
        made = shaped(LEDGER_ENTRIES, whole, self._columns(whole))
        self.accounts.add(made)
        rejects = pl.concat([rows.rejects, refused]).sort("row_no")
        has_id = pl.col("record_id").is_not_null()
        batches = [
            Batch(LEDGER_ENTRIES.name, made.filter(has_id)),
            Batch(LEDGER_ENTRIES.name, made.filter(~has_id), _IDENTITY),
        ]
        filled = tuple(batch for batch in batches if batch.frame.height)
        return Decoded(filled, rejects, {LEDGER_ENTRIES.name: made.height + rejects.height})

    def _read(self, frame: pl.DataFrame) -> dict[str, tuple[str, ParsedColumn]]:
        layout, mark = self._layout, self._conventions.mark
        codes, code_column = self._currencies.of(frame)
        booked = layout.column("booked_date")
        days = parse_days(plain_days(frame[booked], layout.profile), self._conventions.order)
        column = layout.column("account") or layout.column("account_name")
        names = frame[column] if column else pl.repeat(self._account or None, frame.height, dtype=pl.String, eager=True)
        read = {
            "entry_date": (booked, days.requiring("date")),
            **signed_amounts(frame, layout, mark),
            "currency_code": (code_column, currency_codes(codes).requiring("currency")),
            "account": (column or booked, required_text(names.str.replace_all(_NUMBER, "…${1}"), "account")),
        }
        original, code = layout.column("original_amount"), layout.column("original_currency")
        if original and code:
            # Neither decides what happened to the account: what cannot be read stays in `extra` only.
            read["original_amount"] = (original, all_read(amounts(frame[original], mark).values))
            read["original_currency_code"] = (code, all_read(currency_codes(frame[code]).values))
        return {f"= {name}": parsed for name, parsed in read.items()}

    def _with_accounts(self, whole: pl.DataFrame) -> pl.DataFrame:
        profile = self._layout.profile
        app = profile.institution or profile.title
        whole = whole.with_columns(
            pl.concat_str(pl.lit(app), "= account", separator=" | ").alias("= account_id"),
            (pl.col("= booking_status") == "transfer").alias("= is_transfer"),
        )
        names = whole.select(account_id="= account_id", account_name="= account", institution_name=pl.lit(app))
        self.accounts.describe(names, _described)
        return pl.concat([whole, self._partners(whole)], how="horizontal")

    def _partners(self, whole: pl.DataFrame) -> pl.DataFrame:
        """Of transfers the other account: as the file says, else the only one that can be it."""
        said = pl.when("= is_transfer").then(self._text("transfer_account"))
        told = whole.select(
            *("row_no", said.alias("said"), pl.col("= account_id", "= account").name.replace("= ", "", literal=True)),
            entry_date="= entry_date",
            entry_amount="= transaction_amount",
            currency_code="= currency_code",
            is_transfer=pl.col("= is_transfer") & said.is_null(),
        )
        found = with_partners(told, "row_no", name="account")
        return found.select(
            pl.coalesce("said", "transfer_account").alias("= transfer_account"),
            pl.col("transfer_group").alias("= transfer_group"),
        )

    def _columns(self, whole: pl.DataFrame) -> dict[str, pl.Expr]:
        """The kind's columns from the read ones."""
        amount = pl.col("= transaction_amount")
        status = pl.col("= booking_status")
        group, category = self._categories()
        same = ("entry_date", "currency_code", "account_id", "transfer_account", "transfer_group")
        return {
            **{name: pl.col(f"= {name}") for name in same},
            "record_id": self._text("id"),
            "entry_amount": amount,
            "entry_kind": pl.when(status.is_in(["transfer", "opening_balance"]))
            .then(status)
            .when(amount > 0)
            .then(pl.lit("income"))
            .otherwise(pl.lit("expense")),
            "category_group": group,
            "category_name": category,
            "payee_name": without_ibans(self._text("payee")),
            "note": without_ibans(
                pl.concat_str(self._text("description"), self._text("note"), separator=" ", ignore_nulls=True).replace(
                    "", None
                )
            ),
            "labels": self._text("labels").str.replace_all(r"\s*[,;]\s*", ", "),
            "excluded_from": pl.when(pl.col(IS_EXCLUDED)).then(pl.lit("reports")),
            "extra": json_of(self._left_over(whole)),
            **foreign_amounts(whole),
        }

    def _categories(self) -> tuple[pl.Expr, pl.Expr]:
        """Group and category; a category alone has no group."""
        group, category, below = (self._text(field) for field in ("category_group", "category", "subcategory"))
        separator = self._layout.profile.category_separator
        if self._layout.column("subcategory"):
            above = pl.coalesce(group, pl.when(below.is_not_null()).then(category))
            return above, pl.coalesce(below, category)
        if separator:
            parts = category.str.splitn(separator, 2).struct
            has_both = parts["field_1"].is_not_null()
            return (
                pl.coalesce(group, pl.when(has_both).then(parts["field_0"].str.strip_chars())),
                pl.coalesce(parts["field_1"].str.strip_chars(), category),
            )
        return group, category

    def _text(self, field: str) -> pl.Expr:
        return joined_text(self._layout.columns.get(field, ()))

    def _left_over(self, whole: pl.DataFrame) -> dict[str, pl.Expr]:
        """What has no column of its own, by the name the app gives it."""
        columns = self._layout.columns
        in_columns = {name for field in _IN_COLUMNS for name in columns.get(field, ())}
        days, numbers = set(columns["booked_date"]), set(columns.get("numbers", ()))
        cells = {}
        for name in self._layout.shape.names:
            text = pl.col(name).str.strip_chars().replace("", None)
            if name in numbers:
                cells[name] = shortened(text)
            elif name in days:
                cells[name] = pl.when(text.str.len_chars() > _DAY_LENGTH).then(text)
            elif name not in in_columns and whole[name].count():
                cells[name] = without_ibans(text)
        return cells


def _described(said: Row) -> Facts:
    return {**said, "account_kind": account_kind(said["account_name"] or "")}


FORMAT = LedgerCsvFormat()
