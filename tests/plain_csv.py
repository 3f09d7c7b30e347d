"""Where the amounts stand in bank CSV files of the real samples, written down by hand, and their plain count.

Shares no code with the readers: Python's own csv, a place or two for money in and out.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

_PLACES = {
    "20171001-20171106.csv": ", +7",
    "2018-04-14_10-52-13_bunq-transactieoverzicht.csv": ", +2",
    "20180226-1000594757-umsatz.CSV": "; +9",
    "20180226_12345678.csv": ", +3",
    "2019-03-02_11-50-46_bunq-statement.csv": ", +2",
    "MonzoDataExport_February2018_2018-02-26_174335.csv": ", +3",
    "Movements_1234512345_201805271848.csv": "; +14",
    "Umsaetze_KtoNr538917600_EUR_02-03-2018_1503.CSV": "; +5",
    "dba33fceecd62c3c727893361e0ba4d3.P000000027355791.csv": ", -3 +4",
    "export_BE11123456789012_20180304_1422.csv": "; +9",
    "statement_1.csv": ", +7",
    "test_BOI_TransactionExport.csv": ", -3 +4",
    "umsatz-1234________1234-20180227.CSV": "; +7",
    "golden__csv_french_headers.csv": "; -3 +4",
    "golden__csv_spanish_headers.csv": "; +3",
    "sample_split_amounts.csv": "; +3 -4",
    "sample_statement.csv": ", +3",
    "capitalone.csv": ", -6 +7",
    "creditunion.csv": ", +4",
    "default.csv": ", +6",
    "gls.csv": "; +20",
    "ingesp.csv": ", +7",
    "mint.csv": ", +4 debit=5",
    "mint_headerless.csv": ", +4 debit=5",
    "outbank.csv": "; +5",
    "payoneer.csv": ", +6 -7",
    "pcmastercard.csv": ", -5",
    "MS_JANE_SMITH_01-12-2019_14-12-2019.csv": ", -3 CR=4",
    "test_delimiter_tab.csv": "tab +4 -5",
    "test_headers.csv": "; +4",
    "test_raiffeisen_01.csv": "; +4",
    "test_raiffeisen_02.csv": "; +4",
    "test_regex_123456_87654321_1234_21_12.csv": "; +4",
    "test_row_format_CD_flag.csv": "; +4 O=5",
    "test_row_format_default.csv": "; +4 -5",
    "test_row_format_neg_inflow.csv": "; +4",
    "stripe-all.csv": ", +5 -10 Live@13",
    "stripe-default.csv": ", +5 -10",
    "test_swedebank_statement.xls": ", 20@2 +6 D=8",
    "TH_20180101-20180523_page_1.csv": "; +3",
    "TH_20180521-20180523.csv": "; +3",
}
"""Delimiter, then the places of money in (+) and out (-), which are summed where a row fills several; `word=place`
turns the sign of rows with that word there, `word@place` leaves out all rows without it."""
_BALANCED = ", -6 +7"
"""The eight files of one bank that differ in their order only."""


def csv_amounts(name: str, body: bytes) -> list[Decimal]:
    """The signed amounts of a CSV file; rows without one are none."""
    delimiter, *places = _PLACES.get(name, _BALANCED).split()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    rows = csv.reader(
        io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=delimiter.replace("tab", "\t")
    )
    amounts = (_amount(row, places) for row in rows)
    return [amount for amount in amounts if amount is not None]


def _amount(row: list[str], places: list[str]) -> Decimal | None:
    cells = dict(enumerate(row, start=1))
    sign, found = 1, []
    for each in places:
        word, mark, place = re.fullmatch(r"(.*)([=@+-])(\d+)", each).groups()  # type: ignore[union-attr]
        cell = cells.get(int(place), "")
        if mark == "@" and cell != word:
            return None
        if mark == "=" and cell == word:
            sign = -1
        text = re.sub(r"[^\w.,-]", "", cell)
        if mark in "+-" and re.fullmatch(r"-?\d[\d.,]*", text):
            comma = re.search(r",\d{1,2}$", text)
            plain = text.replace(".", "").replace(",", ".") if comma else text.replace(",", "")
            found.append(Decimal(f"{mark}1") * Decimal(plain))
    return sign * sum(found, Decimal(0)) if found else None
