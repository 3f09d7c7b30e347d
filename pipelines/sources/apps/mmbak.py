"""The backup of Money Manager (Realbyte): `.mmbak`, a SQLite file, bare or in a ZIP.

Put here what the rows of its ledger mean. A transfer is a row of type 3 and its mirror of type 4, kept for the sum that
arrived: both legs are made of the first, and the mirror only lends its own account's amount. Rows the person deleted
are no rows; what an earlier backup told of them is taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import polars as pl

from pipelines.sources.apps.mmbak_accounts import accounts_of
from pipelines.sources.apps.mmbak_amounts import rounded, with_amounts, with_moments
from pipelines.sources.apps.mmbak_tables import SQLITE, Backup, database_of, is_backup, read_backup
from pipelines.sources.archive import whole_file
from pipelines.sources.conventions import CURRENCY
from pipelines.sources.date_text import DateOrder, parse_days
from pipelines.sources.kind_frames import json_of, set_aside, shaped
from pipelines.sources.money_text import DecimalMark, parse_money
from pipelines.sources.parsed_column import ParsedColumn, all_read
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded, Question, Restated, SourceError
from warehouse.fields import CURRENCY_PATTERN
from warehouse.record_kinds import LEDGER_ENTRIES

_KINDS = {
    "0": ("income", 1),
    "1": ("expense", -1),
    "3": ("transfer", -1),
    "7": ("adjustment", 1),
    "8": ("adjustment", -1),
}
_MIRROR, _TRANSFER = "4", "3"
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "note")
_IN_LEG = ":in"
"""Behind a transfer's own id: the leg of the account it went to."""
_DELETED = r"^\s*(?i:[1-9]|true)"
_CORRECTION = "-4"
"""The category the app gives a corrected balance that counts as income or expense; it has no name of its own."""


class MoneyManagerBackupFormat:
    """Reads the backup; see docs/formats.md for the rules."""

    source = "money_manager_backup"
    title = "Money Manager backup (.mmbak)"
    kinds = ("accounts", "ledger_entries")

    def sniff(self, head: bytes) -> bool:  # noqa: ARG002 - the protocol's signature
        """False: it is no text."""
        return False

    def takes(self, body: BinaryIO) -> bool:
        """Whether the file is such a backup, or a ZIP with one in it. Raises SourceError for a ZIP bomb."""
        start = body.read(len(SQLITE))
        if not start.startswith((SQLITE, b"PK\x03\x04")):
            return False
        return is_backup(database_of(start + whole_file(body)))

    def questions(self, body: BinaryIO) -> list[Question]:
        """The currency, when the backup names none for some rows. Raises SourceError."""
        entries = with_amounts(_read(body), "")
        if entries["currency_code"].null_count() == 0:
            return []
        text = (
            "Which currency are the amounts in (three letters, such as USD)? The backup does not say for all of them."
        )
        return [Question(CURRENCY, text, pattern=CURRENCY_PATTERN)]

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the backup; the accounts come last. Raises SourceError."""
        currency = answers.get(CURRENCY, "")
        if currency and not re.fullmatch(CURRENCY_PATTERN, currency):
            raise SourceError(f"The answer currency={currency!r} is not a three-letter code such as USD.")
        backup = _read(body)
        yield _ledger(backup, currency)
        yield accounts_of(backup)


def _read(body: BinaryIO) -> Backup:
    return read_backup(database_of(whole_file(body)))


def _ledger(backup: Backup, currency: str) -> Decoded:
    entries = with_moments(with_amounts(backup, currency)).with_columns(type=pl.col("type").str.strip_chars())
    is_deleted = pl.col("deleted").str.contains(_DELETED).fill_null(value=False)
    live, gone = entries.filter(~is_deleted), entries.filter(is_deleted)
    mirrors, rows = live.filter(pl.col("type") == _MIRROR), live.filter(~pl.col("type").eq_missing(_MIRROR))
    whole, rejects = set_aside(LEDGER_ENTRIES.name, rows, _parsed(rows))
    whole = _with_categories(whole, backup)
    is_transfer = pl.col("type") == _TRANSFER
    legs, alone, unsure = _legs(whole.filter(is_transfer), mirrors)
    names = dict(backup.assets.select("uid", pl.coalesce("name", "uid")).drop_nulls().rows())
    others = pl.col("other_asset").replace(list(names), list(names.values()))
    entries = pl.concat([whole.filter(~is_transfer), legs], how="diagonal").sort("row_no", maintain_order=True)
    entries = entries.with_columns(transfer_account=others)
    told = [_batch(entries.filter(has), named=named) for has, named in _by_id()]
    return Decoded(
        tuple(batch for batch in told if batch.frame.height) or tuple(told[:1]),
        pl.concat([rejects, alone, unsure]).sort("row_no"),
        # What was deleted is not there, and a mirror is the other leg of a row that is.
        {LEDGER_ENTRIES.name: rows.height + legs.filter("is_made").height + alone.height + unsure.height},
        restated=_taken_back(gone),
    )


def _parsed(rows: pl.DataFrame) -> dict[str, tuple[str, ParsedColumn]]:
    amounts = parse_money(rounded(rows["amount"]), DecimalMark.POINT).requiring("amount")
    assets = rows["asset"].replace("", None)
    return {
        "account_id": ("asset", all_read(assets).requiring("account")),
        "entry_date": ("day", parse_days(rows["day"], DateOrder.DAY_FIRST).requiring("date")),
        "value": ("amount", amounts),
        "original_value": ("entered_amount", parse_money(rounded(rows["entered_amount"]), DecimalMark.POINT)),
        "entry_kind": ("type", _kinds(rows["type"])),
        "currency": ("currency", all_read(rows["currency_code"]).requiring("currency")),
    }


def _kinds(types: pl.Series) -> ParsedColumn:
    names = {code: kind for code, (kind, _) in _KINDS.items()}
    values = types.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)
    unknown = values.is_null().arg_true().cast(pl.UInt32).alias("position").to_frame()
    return ParsedColumn(
        values,
        unknown.with_columns(
            reason=pl.lit("the row is of a type that Hisab does not know"),
            cure=pl.lit("nothing to mend; please report the type"),
        ),
    )


def _with_categories(rows: pl.DataFrame, backup: Backup) -> pl.DataFrame:
    """The rows with their category and the one above it; one id may be in both trees, of income and of expense."""
    tree = pl.when(pl.col("type") == "0").then(pl.lit("0")).otherwise(pl.lit("1"))
    known = backup.categories.filter(pl.col("uid").is_not_null())
    if not known["type"].count():
        both = (known.with_columns(type=pl.lit(each)) for each in ("0", "1"))
        known = pl.concat(list(both)) if known.height else known
    known = known.unique(["uid", "type"], keep="first", maintain_order=True)
    above = known.select(parent="uid", type="type", above="name")
    known = known.join(above, on=["parent", "type"], how="left").select(
        category="uid", tree="type", category_name="name", category_group="above"
    )
    joined = rows.with_columns(tree=tree).join(known, on=["category", "tree"], how="left", maintain_order="left")
    corrected = (pl.col("category") == _CORRECTION) & pl.col("entry_kind").is_in(["income", "expense"])
    return joined.with_columns(
        category_name=pl.when(corrected).then(pl.lit("Modified balance")).otherwise("category_name")
    )


def _legs(rows: pl.DataFrame, mirrors: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Both legs of each transfer; rejects for mirrors without their row, and for sums that arrived and are not told."""
    to = pl.col("to_asset").replace("", None)
    out = rows.with_columns(other_asset=to, is_made=pl.lit(value=False), group=pl.coalesce("uid", "transfer"))
    lent = mirrors.select(
        mirror_row="row_no",
        mirror_transfer=pl.col("transfer").replace("", None),
        asset="asset",
        to_asset="to_asset",
        moment="moment",
        arrived=pl.lit(parse_money(rounded(mirrors["amount"]), DecimalMark.POINT).values),
        arrived_currency="currency_code",
    )
    found = _with_mirrors(out, lent)
    arrives = found.filter(to.is_not_null())
    same = pl.col("to_currency").is_null() | (pl.col("to_currency") == pl.col("currency"))
    told = pl.col("arrived").is_not_null() | same
    made = arrives.filter(told).with_columns(
        account_id="to_asset",
        other_asset="asset",
        is_made=pl.lit(value=True),
        value=-pl.coalesce("arrived", "value"),
        currency=pl.when(pl.col("arrived").is_not_null()).then("arrived_currency").otherwise("currency"),
        original_value=pl.when(pl.col("arrived").is_null()).then(-pl.col("original_value")),
    )
    missing = arrives.filter(~told)
    alone = mirrors.join(found.select(row_no="mirror_row").drop_nulls(), on="row_no", how="anti")
    why = {
        "its other half is deleted or missing": alone,
        "the sum that arrived in the other currency is not told": missing,
    }
    refused = [_refused(frame, f"one leg of a transfer: {reason}") for reason, frame in why.items()]
    return pl.concat([found, made], how="diagonal"), refused[0], refused[1]


def _with_mirrors(rows: pl.DataFrame, lent: pl.DataFrame) -> pl.DataFrame:
    """The transfers with what their mirrors lend: by the id both bear, else by accounts and moment."""
    named = lent.filter(pl.col("mirror_transfer").is_not_null()).unique("mirror_transfer", keep="none")
    by_id = rows.with_columns(mirror_transfer=pl.col("transfer").replace("", None)).join(
        named.select("mirror_transfer", "mirror_row", "arrived", "arrived_currency"),
        on="mirror_transfer",
        how="left",
        maintain_order="left",
    )
    used = by_id["mirror_row"].drop_nulls()
    left = lent.filter(~pl.col("mirror_row").is_in(used.implode()))
    key = ["asset", "to_asset", "moment"]
    turned = left.select(
        asset="to_asset",
        to_asset="asset",
        moment="moment",
        mirror_row2="mirror_row",
        arrived2="arrived",
        arrived_currency2="arrived_currency",
    )
    turned = turned.with_columns(turn=pl.int_range(pl.len()).over(key))
    waits = pl.col("mirror_row").is_null()
    numbered = by_id.with_columns(turn=pl.when(waits).then(pl.int_range(pl.len()).over([*key, "mirror_transfer"])))
    joined = numbered.join(turned, on=[*key, "turn"], how="left", maintain_order="left")
    return joined.with_columns(
        pl.coalesce(name, f"{name}2").alias(name) for name in ("mirror_row", "arrived", "arrived_currency")
    ).drop("mirror_row2", "arrived2", "arrived_currency2", "turn", "mirror_transfer")


def _refused(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    frame = rows.select(
        kind=pl.lit(LEDGER_ENTRIES.name),
        row_no="row_no",
        column=pl.lit("to_asset"),
        value="to_asset",
        reason=pl.lit(reason),
        cure=pl.lit("open the transfer in Money Manager, save it again and make a new backup"),
    )
    return frame.cast(pl.Schema(REJECT_SCHEMA))


def _by_id() -> list[tuple[pl.Expr, bool]]:
    """Which rows the app's own id names, and which are known by what they say."""
    uid = pl.col("uid").replace("", None)
    named = uid.is_not_null() & (pl.len().over("uid", "is_made") == 1)
    return [(named, True), (~named, False)]


def _batch(entries: pl.DataFrame, *, named: bool) -> Batch:
    made = pl.col("is_made").fill_null(value=False) if "is_made" in entries.columns else pl.lit(value=False)
    own = pl.concat_str("uid", pl.when(made).then(pl.lit(_IN_LEG)).otherwise(pl.lit("")))
    codes = {code: sign for code, (_, sign) in _KINDS.items()}
    sign = pl.col("type").replace_strict(list(codes), list(codes.values()), default=1, return_dtype=pl.Int64)
    foreign = pl.col("entered_currency").is_not_null() & (pl.col("entered_currency") != pl.col("currency"))
    exact = pl.when(pl.col("amount") != rounded(entries["amount"])).then("amount") if entries.height else pl.lit(None)
    kept = ("memo", "fee", "instalment", "instalments", "written")
    cells = {name: pl.col(name).replace("", None) for name in kept} | {"exact_amount": exact}
    money = entries["value"].dtype
    columns = {
        "account_id": pl.col("account_id"),
        "entry_date": pl.col("entry_date"),
        "entry_at": pl.col("entry_at"),
        "entry_kind": pl.col("entry_kind"),
        "entry_amount": (pl.col("value") * sign).cast(money),
        "currency_code": pl.col("currency"),
        "category_group": pl.when(pl.col("entry_kind").is_in(["income", "expense"])).then("category_group"),
        "category_name": pl.when(pl.col("entry_kind").is_in(["income", "expense"])).then("category_name"),
        "transfer_account": pl.col("transfer_account"),
        "transfer_group": pl.col("group") if "group" in entries.columns else pl.lit(None),
        "note": pl.col("note").replace("", None),
        "original_amount": pl.when(foreign).then((pl.col("original_value") * sign).cast(money)),
        "original_currency_code": pl.when(foreign & pl.col("original_value").is_not_null()).then("entered_currency"),
        "extra": json_of(cells),
    }
    if named:
        columns["record_id"] = own
    return Batch(LEDGER_ENTRIES.name, shaped(LEDGER_ENTRIES, entries, columns), () if named else _IDENTITY)


def _taken_back(gone: pl.DataFrame) -> tuple[Restated, ...]:
    """The ids of deleted rows, each with the leg made of it."""
    uids = [uid for uid in gone["uid"].to_list() if uid]
    values = tuple(f"{uid}{leg}" for uid in uids for leg in ("", _IN_LEG))
    return (Restated(LEDGER_ENTRIES.name, "record_id", values),) if values else ()


FORMAT = MoneyManagerBackupFormat()
