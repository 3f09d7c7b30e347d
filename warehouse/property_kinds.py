"""Record kinds of rent books: what is let, to whom, what is due and what was paid."""

from __future__ import annotations

from warehouse.fields import amount_field, currency_field, date_field, text_field
from warehouse.kinds import RecordKind

PROPERTIES = RecordKind(
    "properties",
    "One row per house or building a landlord keeps.",
    (
        text_field("property_name", "The property, as written.", required=True),
        text_field("property_kind", "The source's word for what it is."),
        text_field("postal_address", "Where it stands, in one line."),
        currency_field(required=False),
    ),
    tags=("pii",),
)

UNITS = RecordKind(
    "units",
    "One row per flat, room or shop that can be let by itself.",
    (
        text_field("property_id", "record_id of the property.", required=True),
        text_field("unit_name", "The unit, as written.", required=True),
        text_field("unit_kind", "The source's word for what it is."),
        amount_field("market_rent_amount", "What it would be let for a month today."),
        currency_field(required=False),
    ),
)

TENANCIES = RecordKind(
    "tenancies",
    "One row per agreement with a tenant about a unit or a whole property.",
    (
        text_field("property_id", "record_id of the property.", required=True),
        text_field("unit_id", "record_id of the unit; empty where the property is let whole."),
        text_field("tenant_name", "The tenant, as written.", required=True),
        amount_field("contract_rent_amount", "Rent of one month by the agreement."),
        amount_field("deposit_amount", "Security deposit the landlord holds."),
        amount_field("dues_amount", "What the source itself says the tenant owes now."),
        currency_field(),
        date_field("start_date", "First day of the tenancy."),
        date_field("end_date", "Last day; empty while it runs."),
        text_field("tenancy_status", "The source's word for its state."),
    ),
    tags=("pii",),
)

RENT_CHARGES = RecordKind(
    "rent_charges",
    "One row per sum a tenant was charged: rent, late fee, service, deposit.",
    (
        text_field("property_id", "record_id of the property.", required=True),
        text_field("tenancy_id", "record_id of the tenancy.", required=True),
        text_field(
            "charge_kind",
            "What it is for.",
            required=True,
            allowed=("rent", "late_fee", "utility", "service", "deposit", "other"),
        ),
        date_field("due_date", "Day it is due.", required=True),
        date_field("period_date", "First day of the month it is for."),
        amount_field("charge_amount", "What is due; negative for a waiver or a correction.", required=True),
        currency_field(),
        text_field("note", "Free text."),
    ),
    event_date="due_date",
)

RENT_PAYMENTS = RecordKind(
    "rent_payments",
    "One row per sum a tenant paid.",
    (
        text_field("property_id", "record_id of the property.", required=True),
        text_field("tenancy_id", "record_id of the tenancy.", required=True),
        date_field("payment_date", "Day it was paid.", required=True),
        date_field("period_date", "First day of the month the tenant paid for, where the source says."),
        amount_field("payment_amount", "What was paid; negative for money given back.", required=True),
        currency_field(),
        text_field("payment_method", "The source's word for how it was paid."),
        text_field("note", "Free text."),
    ),
    event_date="payment_date",
)

PROPERTY_KINDS: tuple[RecordKind, ...] = (PROPERTIES, UNITS, TENANCIES, RENT_CHARGES, RENT_PAYMENTS)
"""In the order their tables are made."""
