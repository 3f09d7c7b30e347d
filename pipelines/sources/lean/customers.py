"""Customers at Lean and the banks they connected: what is asked about them, and what the answers say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pipelines.sources.lean.answers import Refused, list_of, object_of
from pipelines.sources.lean.client import LeanClient, Login
from pipelines.sources.lean.values import objects_in
from pipelines.sources.source import SourceError

_USER_ASKED = "USER_REQUESTED"
"""Why an entity is deleted, in Lean's manner; no official text lists the words it takes."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One login of a customer at one bank, as Lean tells of it.

    Attributes:
        entity_id: Lean's id.
        customer_id: Whose it is.
        bank_identifier: Lean's name for the bank.
        permissions: What may be read, in Lean's words, sorted.
        consent_status: Lean's word for the newest consent; empty when it tells of none.
        granted_at: When that consent (without one, the entity) began (UTC).
        expires_at: When it ends by itself (UTC), or None.
    """

    entity_id: str
    customer_id: str
    bank_identifier: str
    permissions: tuple[str, ...]
    consent_status: str
    granted_at: dt.datetime
    expires_at: dt.datetime | None


def ensure_customer(client: LeanClient, login: Login, app_user_id: str) -> str:
    """Id of the customer with this id of ours, made when there is none. Raises SourceError."""
    try:
        _, made = client.ask(login, "POST", "/customers/v1/", object_of, json={"app_user_id": app_user_id})
    except Refused as refused:
        if refused.status != HTTPStatus.CONFLICT:
            raise
        return customer_of(client, login, app_user_id)
    return _text(made, "customer_id", client.who)


def customer_of(client: LeanClient, login: Login, app_user_id: str) -> str:
    """Id of the customer with this id of ours. Raises Refused (404) when there is none, SourceError."""
    path = f"/customers/v1/app-user-id/{quote(app_user_id, safe='')}"
    return _text(client.ask(login, "GET", path, object_of)[1], "customer_id", client.who)


def entities_of(client: LeanClient, login: Login, customer_id: str) -> list[Entity]:
    """Every login of a customer, oldest first. Raises SourceError."""
    path = f"/customers/v1/{quote(customer_id, safe='')}/entities"
    _, found = client.ask(login, "GET", path, list_of)
    return sorted((_entity(each, client.who) for each in found), key=lambda each: (each.granted_at, each.entity_id))


def delete_entity(client: LeanClient, login: Login, customer_id: str, entity_id: str) -> None:
    """Delete a login at Lean because the person asked for it; one that is gone already is fine. Raises SourceError."""
    path = f"/customers/v1/{quote(customer_id, safe='')}/entities/{quote(entity_id, safe='')}"
    try:
        client.ask(login, "DELETE", path, object_of, json={"reason": _USER_ASKED})
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise


def bank_names(client: LeanClient, login: Login) -> dict[str, str]:
    """Bank identifier to the bank's name for people. Raises SourceError."""
    _, banks = client.ask(login, "GET", "/banks/v1", list_of)
    named = ((each.get("identifier"), each.get("name")) for each in banks)
    return {key: name for key, name in named if isinstance(key, str) and isinstance(name, str)}


def ask_refresh(client: LeanClient, login: Login, entity_id: str) -> str:
    """Ask Lean to fetch an entity's data anew; the id of the refresh. Raises SourceError.

    Empty while one is already under way (429 DUPLICATED_REQUEST), which is no error.
    """
    try:
        _, told = client.ask(login, "POST", "/data/v2/refreshes", object_of, json={"entity_id": entity_id})
    except Refused as refused:
        if refused.word != "DUPLICATED_REQUEST":
            raise
        return ""
    return _text(told, "refresh_id", client.who)


def permissions_of(value: Any) -> frozenset[str]:
    """Granted permissions: an object of booleans (REST) or a list of names (webhooks)."""
    if isinstance(value, Mapping):
        return frozenset(str(name) for name, granted in value.items() if granted is True)
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()


def _entity(told: Mapping[str, Any], who: str) -> Entity:
    consents = objects_in(told.get("consents"))
    newest = max(consents, key=lambda each: str(each.get("creation_date_time") or ""), default=None)
    permissions = permissions_of(told.get("permissions"))
    began = told.get("created_at")
    status, ends = "", None
    if newest is not None:
        status = str(newest.get("consent_status") or "")
        began = newest.get("creation_date_time") or began
        ends = newest.get("expiration_date_time")
        if newest.get("permissions") is not None:
            permissions &= permissions_of(newest["permissions"])
    return Entity(
        entity_id=_text(told, "id", who),
        customer_id=_text(told, "customer_id", who),
        bank_identifier=str(told.get("bank_identifier") or ""),
        permissions=tuple(sorted(permissions)),
        consent_status=status,
        granted_at=_instant(began, who),
        expires_at=_instant(ends, who) if ends else None,
    )


def _text(told: Mapping[str, Any], name: str, who: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise SourceError(f"{who} answered without {name}. Is the address right?")
    return value


def _instant(value: Any, who: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise SourceError(f"{who} gave a consent without readable instants. Try again later.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
