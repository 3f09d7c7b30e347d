"""JSON read and written so that no digit of an amount is lost.

Every number becomes a `Decimal`, never a float. Put here reading and writing of JSON text; keep out what the fields
mean and which answers are errors (each source's `records` and `answers`).
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any


class NotJson(ValueError):
    """The bytes are not one whole JSON document in UTF-8."""


def read_json(body: bytes) -> Any:
    """The document, with Decimal for every number. Raises NotJson."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=_number, parse_int=_number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJson from None


def json_text(value: Any) -> str:
    """The value as compact JSON, numbers with the digits they came with."""
    if isinstance(value, dict):
        inner = ",".join(f"{json.dumps(name, ensure_ascii=False)}:{json_text(item)}" for name, item in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{','.join(json_text(item) for item in value)}]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotJson from None
    if not number.is_finite():
        raise NotJson
    return number


def _refuse(_name: str) -> Any:
    """NaN and Infinity are Python's extension, not JSON."""
    raise NotJson
