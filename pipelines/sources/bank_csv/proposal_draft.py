"""A proposal in the making: the fields people see and may change, and what settled each.

Put here how a field is settled, by the person before everything. Keep out by what it is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.sources.bank_csv.matching import plain
from pipelines.sources.bank_csv.profile import POSITION
from pipelines.sources.bank_csv.table_shape import TableShape
from pipelines.sources.source import Question, SourceError

COLUMN_FIELDS = (
    *("booked_date", "value_date", "amount", "debit", "credit", "indicator", "balance"),
    *("payee", "description", "category", "subcategory", "note", "labels"),
    *("currency_column", "account", "reference"),
)
JOINED_FIELDS = frozenset({"payee", "description", "category", "note"})
"""Fields that may be several columns, joined."""
SIGN_NEEDS = {
    "signed": ("amount",),
    "inverted": ("amount",),
    "columns": ("debit", "credit"),
    "signed columns": ("debit", "credit"),
    "inverted columns": ("debit", "credit"),
    "indicator": ("amount", "indicator", "debit_words", "credit_words"),
}
"""Per sign rule, the fields it is read by."""
FIELDS = (
    *("title", "family", "encoding", "delimiter", *COLUMN_FIELDS, "sign", "debit_words", "credit_words"),
    *("date_form", "decimal_mark", "currency"),
)
"""Every field a person may settle, in the order shown."""
NONE = "-"
"""What a person writes for a column the file does not have."""
FAMILIES = ("bank", "ledger")


@dataclass(slots=True)
class Draft:
    """A proposal in the making."""

    shape: TableShape
    references: list[str]
    fixed: Mapping[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    doubts: list[Question] = field(default_factory=list)

    def settle(self, name: str, value: str, why: str) -> None:
        """Take what the person said, else `value`; an empty value settles nothing."""
        said = self.fixed.get(name, "")
        if said:
            self.fields[name] = "" if said == NONE else self._reference(name, said)
            self.why[name] = "you said so"
        elif value:
            self.fields[name], self.why[name] = value, why

    def _reference(self, name: str, said: str) -> str:
        """A column as the person named it; by its place where that is what the profile calls it."""
        if name not in COLUMN_FIELDS:
            return said
        found = []
        for part in said.split(" + "):
            names = {plain(each): each for each in self.references}
            if POSITION.fullmatch(part.strip()) and 0 < int(part.strip()[1:]) <= self.shape.width:
                found.append(self.references[int(part.strip()[1:]) - 1])
            elif plain(part) in names:
                found.append(names[plain(part)])
            else:
                raise SourceError(f"The table has no column {part.strip()!r}; it has {', '.join(self.references)}.")
        return " + ".join(found)

    def ask(self, name: str, text: str, choices: tuple[str, ...]) -> None:
        """Leave a field to the person, unless they have said it."""
        if not self.fixed.get(name):
            self.doubts.append(Question(name, text, choices))
