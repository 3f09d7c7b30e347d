"""What MT940's field 86 (and banks' own field NS) says of a transaction: the other side, the purpose, references.

Put here the ways banks structure that text: German subfields (`?20`), the words between slashes of Dutch and
Belgian banks (`/NAME/`), SEPA's words with a plus (`SVWZ+`). Text in none of them is the description as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.sources.account_numbers import masked_number
from pipelines.sources.statements.statement_text import single_spaced

_FULL_LINE = 65
"""A line this long was wrapped by the bank in the middle of a word, if need be."""
_FULL_SLASHED = 60
"""The same where words stand between slashes: some banks count the tag as part of the line."""
_NAME_LENGTH = 27
"""Characters of a subfield; a longer name runs on in the next one."""
_SUBFIELDS = re.compile(r"^\s*(?:(?P<code>\d{3})\s*)?(?P<mark>[^\w\s/+.,:;()'\"-])(?=\d\d)")
_SEPA_WORDS = "EREF KREF MREF CRED DEBT COAM OAMT SVWZ ABWA ABWE IBAN BIC PURP"
_SEPA = re.compile(rf"({'|'.join(_SEPA_WORDS.split())})\+")
_SLASH_WORDS = """
    TRTP CSID MARF EREF PREF RTRN ISDT BENM ORDP ULTD ULTB ULTC REMI USTD STRD IBAN BIC NAME CNTP ADDR CITY PURP CSRF
    OCMT EXCH CHGS CHGT ORIG NRTX INIT
"""
_SLASHED = re.compile(rf"(?:^/|(?<=/))({'|'.join(_SLASH_WORDS.split())})/")
_ORIGINAL = re.compile(r"/OCMT/([A-Z]{3})(\d[\d.,]*)|OAMT\+\s*(?:([A-Z]{3})\s*)?(\d[\d.,]*)")
_NS_LINE = re.compile(r"^(\d\d)(.*)$")
_NUMBERS = frozenset({"account", "IBAN"})


@dataclass(slots=True)
class Remittance:
    """What the text says, one line each; empty where it is silent."""

    payee: str = ""
    description: str = ""
    original_currency: str = ""
    original_amount: str = ""
    left: dict[str, str] = field(default_factory=dict)
    """What has no column, by name; account numbers are masked."""


def remittance(info: list[str], own: list[str], more: str) -> Remittance:
    """Read the lines of field 86 (`info`), those of field NS (`own`) and the rest of field 61 (`more`)."""
    whole = _joined(info)
    match = _SUBFIELDS.match(whole)
    if match and whole.count(match["mark"]) > 1:
        found = _of_subfields(whole[match.start("mark") :], match["mark"])
        if match["code"]:
            found.left["business code"] = match["code"]
    elif whole.lstrip().startswith("/") and len(_SLASHED.findall(whole)) > 1:
        found = _of_slashes(whole.strip())
    else:
        found = _of_words(whole)
    if own:
        _add_own(found, own)
    if original := _ORIGINAL.search(f"{more}\n{whole}"):
        found.original_currency = original[1] or original[3] or ""
        found.original_amount = original[2] or original[4]
    found.left = {
        name: f"…{masked_number(text)}" if name in _NUMBERS else text for name, text in found.left.items() if text
    }
    return found


def _joined(lines: Iterable[str]) -> str:
    """Wrapped lines as one text: full lines run on, shorter ones end at a word."""
    pieces: list[str] = []
    full, length = _FULL_LINE, _FULL_LINE
    for number, line in enumerate(lines):
        if number == 0 and _SUBFIELDS.match(line):
            full = 0
        elif number == 0 and _SLASHED.match(line):
            full = _FULL_SLASHED
        runs_on = length >= full
        pieces += (line,) if runs_on else ("\n", line)
        length = len(line) + (length if runs_on and number else 0)
    return "".join(pieces)


def _of_subfields(text: str, mark: str) -> Remittance:
    """German subfields: 00 posting text, 20-29 and 60-63 purpose, 30 bank, 31 account, 32-33 name, 34 return code."""
    pieces = re.split(rf"{re.escape(mark)}(\d\d)", text)
    parts = _by_name(pieces, "")
    purpose = [parts.get(str(number), "") for number in (*range(20, 30), *range(60, 64))]
    joined = "".join(purpose)
    found = _of_words(joined) if _SEPA.search(joined) else Remittance(description=single_spaced("\n".join(purpose)))
    # Names are cut at 27 characters: what was cut in a word runs on.
    names = [parts.get(code, "") for code in ("32", "33")]
    found.payee = single_spaced("".join(names) if len(names[0]) >= _NAME_LENGTH else " ".join(names)) or found.payee
    found.left |= {
        "posting text": single_spaced(parts.get("00", "")),
        "batch number": single_spaced(parts.get("10", "")),
        "bank": single_spaced(parts.get("30", "")),
        "account": parts.get("31", "") or parts.get("38", ""),
        "return code": single_spaced(parts.get("34", "")),
    }
    return found


def _of_words(text: str) -> Remittance:
    """SEPA's words with a plus; without them the text is the description."""
    pieces = _SEPA.split(text)
    words = {word: single_spaced(piece) for word, piece in zip(pieces[1::2], pieces[2::2], strict=True)}
    before = single_spaced(pieces[0])
    purpose = words.pop("SVWZ", "")
    return Remittance(description=" ".join(filter(None, (before, purpose))), left=words)


def _of_slashes(text: str) -> Remittance:
    """Words between slashes; `/CNTP/` holds account, bank, name and town of the other side in this order."""
    pieces = _SLASHED.split(text)
    words = _by_name(
        [piece if place % 2 else single_spaced(piece).strip("/ ") for place, piece in enumerate(pieces)], " "
    )
    if "CNTP" in words:
        account, bank, name, *_ = (*words.pop("CNTP").split("/"), "", "", "")
        words |= {"IBAN": words.get("IBAN") or account, "BIC": words.get("BIC") or bank}
        words["NAME"] = words.get("NAME") or name
    payee = words.pop("NAME", "")
    purpose = [words.pop(word, "") for word in ("REMI", "USTD", "STRD")]
    description = " ".join(filter(None, (single_spaced(pieces[0]).strip("/ "), *purpose)))
    return Remittance(payee=payee, description=description, left=words)


def _by_name(pieces: list[str], between: str) -> dict[str, str]:
    """What stands behind each name of a split text (text, name, text, name, text); repeated names are joined."""
    found: dict[str, list[str]] = {}
    for name, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        found.setdefault(name, []).append(piece)
    return {name: between.join(filter(None, every)) for name, every in found.items()}


def own_lines(lines: list[str]) -> dict[str, str]:
    """Lines of field NS under their numbers (`NS 17`); account numbers, in lines 31 and 34, are masked."""
    found = {f"NS {match[1]}": single_spaced(match[2]) for line in lines if (match := _NS_LINE.match(line))}
    return found | {name: f"…{masked_number(found[name])}" for name in ("NS 31", "NS 34") if name in found}


def _add_own(found: Remittance, lines: list[str]) -> None:
    """Field NS behind a transaction: lines 01-14 purpose, 15-16 the other side's name, 17 posting text."""
    own = own_lines(lines)
    purpose = [own.pop(f"NS {number:02}", "") for number in range(1, 15)]
    names = [own.pop(name, "") for name in ("NS 15", "NS 16")]
    found.description = single_spaced(" ".join([found.description, *purpose]))
    found.payee = found.payee or single_spaced(" ".join(names))
    found.left |= own
