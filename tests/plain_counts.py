"""Counts and sums of statement files taken by plain text search, sharing no code with the readers.

They prove of a real file that every transaction in it was read, and read right.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from defusedxml.ElementTree import fromstring
from plain_csv import csv_amounts


class Plain(NamedTuple):
    """How many transactions a file holds, and what their signed amounts add up to; currencies are added as they are."""

    rows: int
    amount: Decimal


def plain_count(family: str, name: str, body: bytes) -> Plain:
    """The count of a file of the family, which is the name of its folder in the corpus."""
    if family == "bank_csv":
        amounts = csv_amounts(name, body)
    else:
        amounts = {"mt940": _mt940, "camt053": _camt, "ofx": _ofx, "qif": _qif}[family](body)
    return Plain(len(amounts), sum(amounts, Decimal(0)))


_LINE = re.compile(r"^:61:\s*\d{6}(?:\d{4}| {4})?([RE]?[CD])[A-Z]?(\d[\d.]*,?\d*)", re.MULTILINE)


def _mt940(body: bytes) -> list[Decimal]:
    found = _LINE.findall(body.decode("latin-1").replace("\r", "\n"))
    return [Decimal(amount.replace(",", ".")) * (1 if mark in {"C", "EC", "RD"} else -1) for mark, amount in found]


def _camt(body: bytes) -> list[Decimal]:
    """Entries; one that holds transactions of its own counts as so many where these add up to it."""
    amounts = []
    for entry in fromstring(body).iterfind(".//{*}Ntry"):
        sign = -1 if entry.findtext("{*}CdtDbtInd") == "DBIT" else 1
        whole, currency = next((Decimal(each.text or ""), each.get("Ccy")) for each in entry.findall("{*}Amt"))
        inside = list(entry.iterfind(".//{*}TxDtls"))
        told = [[*each.findall("{*}Amt"), *each.findall("{*}AmtDtls/{*}TxAmt/{*}Amt")] for each in inside]
        same = [[Decimal(each.text or "") for each in amounts if each.get("Ccy") == currency] for amounts in told]
        parts = [amounts[0] for amounts in same if amounts]
        split = len(parts) == len(inside) > 1
        marks = [each.findtext("{*}CdtDbtInd") for each in inside]
        own = [part * (-1 if mark == "DBIT" else 1) for part, mark in zip(parts, marks, strict=False)]
        if split and sum(own) == sign * whole:
            amounts += own
        elif split and sum(parts) == whole:
            amounts += [sign * part for part in parts]
        else:
            amounts.append(sign * whole)
    return amounts


def _ofx(body: bytes) -> list[Decimal]:
    return [
        Decimal(text.strip().replace(",", ".")) for text in re.findall(r"<TRNAMT>([^<\r\n]+)", body.decode("latin-1"))
    ]


_SECTION = re.compile(r"^!Type:(?:Bank|Cash|CCard|Oth [AL])\s*$(.*?)(?=^!|\Z)", re.MULTILINE | re.DOTALL)


def _qif(body: bytes) -> list[Decimal]:
    """Amounts of transactions; an opening balance is none."""
    records = [each for part in _SECTION.findall(body.decode()) for each in re.split(r"^\^", part, flags=re.MULTILINE)]
    moving = [record for record in records if not re.search("^POpening Balance", record, re.MULTILINE)]
    return [
        Decimal(text.replace(",", "")) for record in moving for text in re.findall(r"^T(\S+)", record, re.MULTILINE)
    ]
