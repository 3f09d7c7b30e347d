"""A person logged in at a pretend Hishebi, every answer of which is held against the description."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from functools import cache
from typing import Any

import httpx
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from pipelines.sandbox.hishebi.description import described, operations
from pipelines.sandbox.hishebi.people import PASSWORD

PREFIX = "/api/v1/hishebi"
SCOPES = ["ledger.read", "property.read", "export.read", "notes.write"]
HASHED = hashlib.sha256(PASSWORD.encode()).hexdigest()
SPAN = {"from": "2025-11-21", "to": "2026-11-20"}
LISTS = {
    "/ledger": "entries",
    "/properties": "properties",
    "/properties/{}/tenants": "tenants",
    "/properties/{}/payments": "payments",
    "/properties/{}/dues": "dues",
    "/debts": "debts",
    "/goals": "goals",
    "/cash-counts": "cash_counts",
    "/notes": "notes",
}
"""Every list and the name its rows stand under."""


@cache
def description() -> dict[str, Any]:
    return described()


def holds(schema: dict[str, Any], document: Any) -> None:
    """The document is what the schema says; numbers are Decimal, so that no digit hides."""
    OAS31Validator(schema, format_checker=oas31_format_checker).validate(document)


def exact(answer: httpx.Response) -> Any:
    """The document of an answer, with Decimal for what has a point."""
    return exact_body(answer.content)


def exact_body(body: bytes) -> Any:
    """A document with Decimal for what has a point."""
    return json.loads(body, parse_float=Decimal)


def is_as_described(answer: httpx.Response) -> None:
    """Path, status, headers, media type and body of an answer are in the description."""
    path = answer.request.url.path.removeprefix(PREFIX).split("/")
    method = answer.request.method.lower()
    operation = next(
        operation
        for template, described_method, operation in operations(description()["paths"])
        if described_method == method and _fits(template.split("/"), path)
    )
    told = operation["responses"][str(answer.status_code)]
    for name, header in told.get("headers", {}).items():
        value = answer.headers[name]
        holds(header["schema"], int(value) if header["schema"]["type"] == "integer" else value)
    media_type = answer.headers["content-type"].partition(";")[0]
    schema = told["content"][media_type]["schema"]
    if media_type == "application/json":
        holds(schema, exact(answer))


def _fits(template: list[str], path: list[str]) -> bool:
    return len(template) == len(path) and all(
        one == other or one.startswith("{") for one, other in zip(template, path, strict=True)
    )


def log_in(url: str, email: str = "ayesha@example.com", scope: list[str] | None = None) -> dict[str, Any]:
    body = {"email": email, "password": HASHED, "device_id": "d", "scope": SCOPES if scope is None else scope}
    answer = httpx.post(f"{url}{PREFIX}/auth/token", json=body)
    is_as_described(answer)
    tokens: dict[str, Any] = answer.json()
    return tokens


class Person:
    """Somebody who is logged in."""

    def __init__(self, url: str, email: str = "ayesha@example.com", scope: list[str] | None = None) -> None:
        """Log in."""
        self.url = url
        tokens = log_in(url, email, scope)
        self.user_id = str(tokens["user_id"])
        self.headers = {"authorization": f"Bearer {tokens['access_token']}"}
        self._client = httpx.Client(base_url=f"{url}{PREFIX}", headers=self.headers, timeout=30)

    def get(self, path: str, **params: Any) -> httpx.Response:
        """One answer, held against the description."""
        answer = self._client.get(path, params=params)
        is_as_described(answer)
        return answer

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every row of a list, page by page, with Decimal amounts."""
        found: list[dict[str, Any]] = []
        page: dict[str, str] = {}
        while True:
            document = exact(self.get(path, **params, **page))
            (name,) = set(document) - {"currency", "next_page"}
            found += document[name]
            if document["next_page"] is None:
                return found
            page = {"page": document["next_page"]}

    def note(self, text: str, entry_id: str | None = None, key: str = "k") -> httpx.Response:
        """Write a note."""
        body = {"text": text, "entry_id": entry_id}
        answer = self._client.post("/notes", json=body, headers={"Idempotency-Key": key})
        is_as_described(answer)
        return answer

    def houses(self) -> list[str]:
        """Ids of the rent houses."""
        return [str(house["id"]) for house in self.rows("/properties")]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every list, the year before last aside."""
        found: dict[str, list[dict[str, Any]]] = {}
        for path in LISTS:
            for house in self.houses() if "{}" in path else [""]:
                found[path.format(house)] = self.rows(path.format(house), **SPAN)
        return found


def total(rows: list[dict[str, Any]], name: str = "amount") -> Decimal:
    return sum((row[name] for row in rows), Decimal(0))
