"""What the rent-house ledger means: properties and their units, tenants, what is due from them and what they paid.

A tenant of Hishebi is a tenancy here: one agreement with one person about one unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.sources.hishebi.rows import Around, Part, Taken
from pipelines.sources.hishebi.values import (
    Row,
    amount_of,
    currency_if_told,
    currency_of,
    day_of,
    id_of,
    magnitude_of,
    month_of,
    required_amount,
    required_day,
    required_text,
    text_of,
)
from pipelines.sources.json_rows import Unreadable
from warehouse.property_kinds import RENT_CHARGES

_CHARGE_KINDS = next(field.allowed for field in RENT_CHARGES.fields if field.name == "charge_kind")


def property_(row: Row, _part: Part, around: Around) -> Taken:
    """One property. Raises Unreadable."""
    if not isinstance(row.get("units"), list | None):
        raise Unreadable("units", "the units are no list", "report it to Hishebi")
    columns = {
        "record_id": id_of(row),
        "property_name": required_text(row, "name"),
        "property_kind": text_of(row, "kind"),
        "postal_address": text_of(row, "address"),
        "currency_code": currency_if_told(row, around.currency),
    }
    return Taken(columns, frozenset({"id", "name", "kind", "address", "currency", "units"}))


def units_of(properties: list[Any]) -> Iterator[Part]:
    """Every unit that lies in a property of the list."""
    for each in properties:
        units = each.get("units") if isinstance(each, dict) else None
        for unit in units if isinstance(units, list) else ():
            yield Part(unit, each)


def unit(row: Row, part: Part, around: Around) -> Taken:
    """One unit of a property. Raises Unreadable."""
    columns = {
        "record_id": id_of(row),
        "property_id": id_of(part.parent),
        "unit_name": required_text(row, "name"),
        "unit_kind": text_of(row, "kind"),
        "market_rent_amount": magnitude_of(row, "market_rent"),
        "currency_code": currency_if_told(row, part.parent.get("currency", around.currency)),
    }
    return Taken(columns, frozenset({"id", "name", "kind", "market_rent", "currency"}))


def tenancy(row: Row, _part: Part, around: Around) -> Taken:
    """One tenant of the property that was asked about. Raises Unreadable."""
    columns = {
        "record_id": id_of(row),
        "property_id": around.property_id,
        "unit_id": text_of(row, "unit_id"),
        "tenant_name": required_text(row, "name"),
        "contract_rent_amount": magnitude_of(row, "monthly_rent"),
        "deposit_amount": magnitude_of(row, "deposit"),
        "dues_amount": amount_of(row, "dues"),
        "currency_code": currency_of(row, around.currency),
        "start_date": day_of(row, "start_date"),
        "end_date": day_of(row, "end_date"),
        "tenancy_status": text_of(row, "status"),
    }
    held = {"id", "unit_id", "name", "monthly_rent", "deposit", "dues", "currency"}
    return Taken(columns, frozenset(held | {"start_date", "end_date", "status"}))


def charge(row: Row, _part: Part, around: Around) -> Taken:
    """One sum a tenant was charged; a kind that is not known counts as `other` and is kept. Raises Unreadable."""
    kind = required_text(row, "kind")
    held = {"id", "tenant_id", "amount", "currency", "due_date", "month", "note"}
    columns = {
        "record_id": id_of(row),
        "property_id": around.property_id,
        "tenancy_id": id_of(row, "tenant_id"),
        "charge_kind": kind if kind in _CHARGE_KINDS else "other",
        "due_date": required_day(row, "due_date"),
        "period_date": month_of(row),
        "charge_amount": required_amount(row, signed=True),
        "currency_code": currency_of(row, around.currency),
        "note": text_of(row, "note"),
    }
    return Taken(columns, frozenset(held | {"kind"} if kind in _CHARGE_KINDS else held))


def payment(row: Row, _part: Part, around: Around) -> Taken:
    """One sum a tenant paid, negative for money given back. Raises Unreadable."""
    columns = {
        "record_id": id_of(row),
        "property_id": around.property_id,
        "tenancy_id": id_of(row, "tenant_id"),
        "payment_date": required_day(row),
        "period_date": month_of(row),
        "payment_amount": required_amount(row, signed=True),
        "currency_code": currency_of(row, around.currency),
        "payment_method": text_of(row, "method"),
        "note": text_of(row, "note"),
    }
    return Taken(columns, frozenset({"id", "tenant_id", "date", "month", "amount", "currency", "method", "note"}))
