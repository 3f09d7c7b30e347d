"""Makers of the fields record kinds are declared with, so that one rule holds for every column of a sort."""

from __future__ import annotations

from warehouse.kinds import Field, FieldType

CURRENCY_PATTERN = "^[A-Z]{3}$"
EARLIEST, LATEST = "1900-01-01", "2199-12-31"
MOST = "99999999999999.9999"
"""The largest magnitude an amount may have: what DECIMAL(18, 4) holds."""


def text_field(name: str, description: str, *, required: bool = False, allowed: tuple[str, ...] = ()) -> Field:
    """Text, of a closed set where `allowed` names one."""
    return Field(name, FieldType.TEXT, description, required=required, allowed=allowed)


def date_field(name: str, description: str, *, required: bool = False) -> Field:
    """A business day between 1900 and 2199."""
    return Field(name, FieldType.DATE, description, required=required, minimum=EARLIEST, maximum=LATEST)


def instant_field(name: str, description: str, *, required: bool = False) -> Field:
    """An instant in UTC."""
    return Field(name, FieldType.INSTANT, description, required=required)


def amount_field(name: str, description: str, *, required: bool = False) -> Field:
    """Money in the row's currency, signed."""
    return Field(name, FieldType.AMOUNT, description, required=required, minimum=f"-{MOST}", maximum=MOST)


def count_field(name: str, description: str, *, required: bool = False) -> Field:
    """A whole number from zero on."""
    return Field(name, FieldType.INTEGER, description, required=required, minimum="0")


def currency_field(
    name: str = "currency_code", description: str = "ISO 4217 code of the row's amounts.", *, required: bool = True
) -> Field:
    """A currency as three capital letters."""
    return Field(name, FieldType.TEXT, description, required=required, pattern=CURRENCY_PATTERN)
