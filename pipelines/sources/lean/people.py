"""Who holds an account, and whom they pay: identities and beneficiaries of Lean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pipelines.sources.account_numbers import masked_number
from pipelines.sources.exact_json import json_text
from pipelines.sources.lean.rows import Around, Taken
from pipelines.sources.lean.values import Unreadable, required_text, text_of

_ADDRESS = (
    *("apartment_or_villa_number", "building_name", "street_address", "address_line", "street", "area"),
    *("po_box", "town_name", "region", "post_code", "country"),
)


def identity(row: Mapping[str, Any], around: Around) -> Taken:
    """One holder, of one account or (asked without one) of the whole login. Raises Unreadable."""
    name = text_of(row, "full_legal_name") or required_text(row, "name")
    phone = text_of(row, "mobile_number") or text_of(row, "phone")
    columns = {
        "record_id": f"{around.account_id or 'login'}/{_own_id(row, name)}",
        "account_id": around.account_id,
        "holder_name": name,
        "holder_kind": text_of(row, "party_type"),
        "national_id": text_of(row, "national_id"),
        "birth_date": _birth_date(row),
        "gender": text_of(row, "gender"),
        "email_address": text_of(row, "email_address"),
        "phone_number": phone,
        "postal_address": _address(row.get("address")),
    }
    members = {"full_legal_name", "party_type", "national_id", "birth_date", "gender", "email_address", "entity_id"}
    members |= {each for each in ("name",) if row.get(each) == name}
    members |= {each for each in ("phone", "mobile_number") if phone and row.get(each) == phone}
    return Taken(columns, frozenset(members))


def _own_id(row: Mapping[str, Any], name: str) -> str:
    """The holder's id at the bank; without one, the name tells holders of one account apart."""
    return text_of(row, "party_id") or text_of(row, "party_number") or name


def _birth_date(row: Mapping[str, Any]) -> dt.date | None:
    text = text_of(row, "birth_date")
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        raise Unreadable("birth_date", "it is not a day such as 1990-04-05") from None


def _address(value: Any) -> str | None:
    """The parts of an address in one line, each said once; the parts themselves stay in extra."""
    if not isinstance(value, Mapping):
        return None
    said: list[str] = []
    for name in _ADDRESS:
        part = value.get(name)
        text = json_text(part) if isinstance(part, Mapping | list) else str(part or "").strip()
        if text and not any(text.casefold() in other.casefold() for other in said):
            said.append(text)
    return ", ".join(said) or None


def beneficiary(row: Mapping[str, Any], around: Around) -> Taken:
    """One payee a holder saved at the bank. Raises Unreadable."""
    account_id = text_of(row, "account_id") or around.account_id
    if account_id is None:
        raise Unreadable("account_id", "it is missing")
    paid, agent = (_object(row, name) for name in ("creditor_account", "creditor_agent"))
    columns = {
        "record_id": f"{account_id}/{required_text(row, 'beneficiary_id')}",
        "account_id": account_id,
        "beneficiary_name": text_of(paid, "name"),
        "beneficiary_kind": text_of(row, "beneficiary_type"),
        "institution_name": text_of(agent, "name") or text_of(agent, "identification"),
        "masked_number": masked_number(text_of(paid, "identification") or "") or None,
        "bank_reference": text_of(row, "reference"),
    }
    return Taken(columns, frozenset({"account_id", "entity_id", "beneficiary_id", "beneficiary_type", "reference"}))


def _object(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = row.get(name)
    return value if isinstance(value, Mapping) else {}
