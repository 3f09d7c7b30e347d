"""The bank list as Lean sends it."""

from __future__ import annotations

from collections.abc import Container

from pipelines.sandbox.lean.connections import bank_details
from pipelines.sandbox.lean.event_words import availability_payload
from pipelines.sandbox.lean.regions import Bank, Region


def bank_list(region: Region, disabled: Container[str]) -> list[dict[str, object]]:
    """Every bank of the region; the disabled ones are listed and said to be so."""
    return [_wire(region, bank, is_active=bank.identifier not in disabled) for bank in region.banks]


def _wire(region: Region, bank: Bank, *, is_active: bool) -> dict[str, object]:
    details = bank_details(bank)
    kinds = sorted({product.removeprefix("USD_") for product in bank.products} & {"CURRENT", "SAVINGS", "CREDIT"})
    limit = {"currency": region.currency, "min": 5, "max": 50_000}
    return {
        "identifier": bank.identifier,
        "name": bank.name,
        "arabic_name": bank.arabic_name,
        "commercial_name": bank.name,
        "commercial_name_arabic": bank.arabic_name,
        "logo": details["logo"],
        "logo_alt": details["logo"],
        "main_color": details["main_color"],
        "background_color": details["background_color"],
        "theme": "light",
        "country_code": region.country,
        "active": is_active,
        "mock": True,
        "traits": ["auth-redirect", "web-auth-redirect", "open-finance"],
        "supported_account_types": kinds,
        "supported_account_sub_types": kinds,
        "bank_type": "RETAIL",
        "swift_code": bank.swift_code,
        "transfer_limits": [limit],
        "international_transfer_limits": [limit],
        "international_destinations": [
            {"country_iso_code": "IND", "country_name": "India", "supported_currencies": []}
        ],
        "account_type": "PERSONAL",
        "connection_type": "OPEN_BANKING",
        "availability": availability_payload(bank, is_active=is_active)["availability"],
    }
