"""What a target is: the columns of its file, how an entry becomes a row, and what of an entry it cannot hold.

Put here what the writers of all targets share. Keep out any one app's layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.outputs.minor_units import rounded

Rows = Callable[[pl.DataFrame], pl.DataFrame]
"""Turns a batch of entries (`reading.read_entries`) into text columns, in the order of the file's header."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing of entries that a target cannot hold.

    Attributes:
        matter: What it is, for people.
        outcome: What becomes of it.
        when: True on the entries it concerns; over the columns of `reading.read_entries`.
    """

    matter: str
    outcome: str
    when: pl.Expr


@dataclass(frozen=True, slots=True)
class Target:
    """An app's layout.

    Attributes:
        name: What `--format` calls it.
        title: What people call it.
        columns: The header.
        rows: The writer.
        losses: What it cannot hold.
        delimiter: Between cells.
        one_currency: Whether a file is in one currency that no row names.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Rows
    losses: tuple[Loss, ...]
    delimiter: str = ","
    one_currency: bool = False


def has(column: str) -> pl.Expr:
    """Whether the entry has a value there."""
    return pl.col(column).is_not_null()


IS_TRANSFER = pl.col("entry_kind") == "transfer"
NAMED_TRANSFER = IS_TRANSFER & has("other_account")
PAYEE = pl.coalesce("payee_name", "counterparty_name")
"""The other side; who a debt is with, where no payee is written."""

NO_COUNTERPARTY = Loss(
    "who a debt is with, beside a payee",
    "left out",
    has("counterparty_name") & has("payee_name") & (pl.col("counterparty_name") != pl.col("payee_name")),
)
COUNTERPARTY_AS_PAYEE = Loss(
    "who a debt is with, without a payee", "becomes the payee", has("counterparty_name") & ~has("payee_name")
)
NO_EXCLUSION = Loss("left out of a budget or of reports", "counts like any other", has("excluded_from"))
NO_ORIGINAL = Loss("the amount in the currency it was paid in", "left out", has("original_amount"))
NO_TIME = Loss("the time of day", "left out; the day stays", has("entry_at"))
NO_LABELS = Loss("labels", "left out", has("labels"))
FINE_AMOUNT = Loss(
    "decimals beyond the currency's own (ISO 4217)",
    "in the file; the app may round them",
    rounded(pl.col("entry_amount"), pl.col("currency_code")) != pl.col("entry_amount"),
)
NO_EXTRA = Loss("what the source kept beside", "left out", has("extra"))
NO_SPLIT_APART = Loss(
    "parts of a split on several days, accounts or currencies, or one part alone",
    "entries of their own",
    has("split_group") & ~has("part_no"),
)


def kind_loss(becomes: pl.Expr) -> Loss:
    """The kind of an entry, where the target's rows say another; `becomes` is what they say."""
    return Loss(
        "the kind of an entry, where the app has no word for it",
        "income or expense",
        becomes != pl.col("entry_kind"),
    )


BY_SIGN = pl.when(pl.col("entry_amount") > 0).then(pl.lit("income")).otherwise(pl.lit("expense"))


def cleared_words(words: Mapping[str, str]) -> tuple[pl.Expr, Loss]:
    """The target's word for cleared, found by any app's; and the loss of other words.

    Args:
        words: The target's word for each of `cleared`, `uncleared`, `reconciled`.
    """
    meanings = {word: words[meaning] for word, meaning in _CLEARED.items() if meaning in words}
    plain = pl.col("cleared_status").str.strip_chars().str.to_lowercase()
    written = plain.replace_strict(meanings, default=None, return_dtype=pl.String)
    return written, Loss("the word for cleared", "left out", has("cleared_status") & written.is_null())


_CLEARED = {
    "cleared": "cleared",
    "clr": "cleared",
    "true": "cleared",
    "uncleared": "uncleared",
    "not cleared": "uncleared",
    "pending": "uncleared",
    "reconciled": "reconciled",
}
"""What apps call it, in small letters."""


@dataclass(slots=True)
class Report:
    """What a file holds of the entries that were asked for, and what it could not hold.

    Attributes:
        title: The target.
        written: Entries in the file.
        lost: (matter, outcome) to the number of entries it concerns; 0 are not shown.
    """

    title: str
    written: int = 0
    lost: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, matter: str, outcome: str, count: int) -> None:
        """Count `count` more entries under a matter."""
        if count:
            self.lost[matter, outcome] = self.lost.get((matter, outcome), 0) + count

    @property
    def lines(self) -> list[tuple[str, int, str]]:
        """(matter, entries, outcome), the commonest first."""
        found = [(matter, count, outcome) for (matter, outcome), count in self.lost.items()]
        return sorted(found, key=lambda line: (-line[1], line[0]))
