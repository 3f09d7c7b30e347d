"""The form of a record kind: a raw table declared once, in the words every renderer reads.

Put here what a field or a kind *is*. Keep out the kinds themselves (`warehouse.record_kinds`) and what is made
from them (`warehouse.schema_renderings`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

AMOUNT_PRECISION = 18
AMOUNT_SCALE = 4
"""Money is DECIMAL(18, 4): every ISO 4217 exponent fits, and it is a 64-bit integer inside the engine."""
RATE_PRECISION = 28
RATE_SCALE = 12
"""Exchange rates are DECIMAL(28, 12): one unit of any currency in any other, to nine significant digits at least."""


class FieldType(Enum):
    """What a value is; every renderer maps it to its own type."""

    TEXT = "text"
    AMOUNT = "amount"
    RATE = "rate"
    DATE = "date"
    INSTANT = "instant"
    INTEGER = "integer"
    FLAG = "flag"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a raw table.

    Attributes:
        name: The column's name, snake_case, by the house grammar.
        type: What a value is. AMOUNT is signed money (in is positive) in the row's `currency_code`; RATE is a
            price of one unit, above 0; INSTANT is UTC; DATE is the business day in the source's own calendar and
            time zone.
        description: One sentence for dbt, the docs page and BI.
        required: A row without it is set aside.
        allowed: The closed set of values, when there is one.
        pattern: A regular expression the whole text must match, when there is one.
        minimum: The smallest allowed value as ISO text (dates) or digits, when there is one.
        maximum: The largest allowed value, likewise.
    """

    name: str
    type: FieldType
    description: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    minimum: str = ""
    maximum: str = ""


@dataclass(frozen=True, slots=True)
class RecordKind:
    """One raw table.

    Attributes:
        name: Plural noun; the table is `raw.<name>`.
        description: What one row is.
        fields: The kind's own columns, in order.
        event_date: The DATE field that says when a row happened, or empty; changed months are told by it. A row
            without that date lies in no span of days.
    """

    name: str
    description: str
    fields: tuple[Field, ...]
    event_date: str = ""
    tags: tuple[str, ...] = ()

    @property
    def own_names(self) -> tuple[str, ...]:
        """Names of the columns a source fills, `record_id` first."""
        return ("record_id", *(f.name for f in self.fields), "extra")

    @property
    def columns(self) -> tuple[Field, ...]:
        """Every column of the raw table in its order: keys, own fields, then what the road adds."""
        return (*KEY_FIELDS, *self.fields, *ROAD_FIELDS)


KEY_FIELDS = (
    Field(
        "_key",
        FieldType.TEXT,
        "Key of the row: UUID from the MD5 of its connection and its id (or its content).",
        required=True,
    ),
    Field("connection_id", FieldType.TEXT, "The party's authorised link to a source.", required=True),
    Field(
        "record_id",
        FieldType.TEXT,
        "The source's own id; without one, `#` and the number among equal rows, whose content then makes _key.",
        required=True,
    ),
)
"""Columns that name a row; `_key` is stored as UUID."""

ROAD_FIELDS = (
    Field("extra", FieldType.JSON, "What the original row held and no column names, as JSON text."),
    Field(
        "version",
        FieldType.INTEGER,
        "Order of this state of the row; a lower one never replaces it.",
        required=True,
    ),
    Field("deleted", FieldType.FLAG, "True once the source no longer has the row.", required=True),
    Field("_load_id", FieldType.TEXT, "The load that wrote this state of the row.", required=True),
    Field("_landed_sha256", FieldType.TEXT, "SHA-256 of the landed bytes the row was read from.", required=True),
    Field("_loaded_at", FieldType.INSTANT, "When the load that wrote this state was read (UTC).", required=True),
)
"""Columns every kind carries after its own; a source fills `extra` only."""


@dataclass(frozen=True, slots=True)
class RoadTable:
    """One table of the road's own books; its `fields` are all its columns."""

    name: str
    description: str
    fields: tuple[Field, ...]
    tags: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Field, ...]:
        """Every column in its order, under the name renderers use."""
        return self.fields
