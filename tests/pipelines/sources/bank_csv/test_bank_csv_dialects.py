"""The same bookings written in any dialect give the same records."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from file_reading import decode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.sources.bank_csv.statement_csv import BankCsvFormat

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Dialect:
    """One way to write a statement."""

    delimiter: str
    encoding: str
    line_end: str
    mark: str
    grouped: bool
    dates: str
    sign: str
    newest_first: bool
    preamble: int
    trailing: bool


DIALECTS = st.builds(
    Dialect,
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(".,"),
    st.booleans(),
    st.sampled_from(["day-first", "month-first", "year-first", "named"]),
    st.sampled_from(["signed", "inverted", "columns", "signed columns", "inverted columns", "indicator"]),
    st.booleans(),
    st.integers(0, 6),
    st.booleans(),
)
CENTS = st.integers(-999_999_999, 999_999_999).filter(bool)
TEXTS = st.text(alphabet="abc äé\"',;|/1", min_size=1, max_size=12).map(str.strip).filter(bool)
BOOKINGS = st.lists(st.tuples(st.dates(date(1971, 1, 1), date(2069, 12, 31)), TEXTS, CENTS), min_size=1, max_size=12)


def money(cents: int, dialect: Dialect) -> str:
    text = f"{cents / 100:,.2f}" if dialect.grouped else f"{cents / 100:.2f}"
    return text.translate(str.maketrans(",.", ".,")) if dialect.mark == "," else text


def day(when: date, form: str) -> str:
    forms = {
        "day-first": f"{when.day:02}/{when.month:02}/{when.year}",
        "month-first": f"{when.month}-{when.day}-{when.year % 100:02}",
        "year-first": f"{when:%Y%m%d}",
        "named": f"{when.day} {MONTHS[when.month - 1]} {when.year}",
    }
    return forms[form]


def amount_cells(cents: int, dialect: Dialect) -> list[str]:
    match dialect.sign:
        case "signed":
            return [money(cents, dialect)]
        case "inverted":
            return [money(-cents, dialect)]
        case "indicator":
            return [money(abs(cents), dialect), "DR" if cents < 0 else "cr"]
        case "signed columns":
            return [money(cents, dialect) if cents < 0 else "", money(cents, dialect) if cents > 0 else ""]
        case "inverted columns":
            return [money(-cents, dialect) if cents < 0 else "", money(-cents, dialect) if cents > 0 else ""]
        case _:
            return [money(-cents, dialect) if cents < 0 else "", money(cents, dialect) if cents > 0 else ""]


def written(bookings: list[tuple[date, str, int]], dialect: Dialect) -> bytes:
    names = ["Out", "In"] if dialect.sign.endswith("columns") else ["Amount"]
    header = ["Day", "Text", *names, *(["D/C"] if dialect.sign == "indicator" else []), "Left"]
    rows, balance = [], 0
    for when, text, cents in bookings:
        balance += cents
        rows.append([day(when, dialect.dates), text, *amount_cells(cents, dialect), money(balance, dialect)])
    out = io.StringIO()
    writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator=dialect.line_end)
    out.write("".join(f"line {number}{dialect.line_end}" for number in range(dialect.preamble)))
    for row in [header, *(rows[::-1] if dialect.newest_first else rows)]:
        writer.writerow([*row, ""] if dialect.trailing else row)
    return out.getvalue().encode(dialect.encoding)


def profile(dialect: Dialect) -> str:
    signed = 'amount = "Amount"'
    columns = {"columns": 'debit = "Out"\ncredit = "In"', "indicator": 'amount = "Amount"\nindicator = "D/C"'}
    columns["signed columns"] = columns["inverted columns"] = columns["columns"]
    form = "day-first" if dialect.dates == "named" else dialect.dates
    words = '[words]\ndebit = ["Dr"]\ncredit = ["Cr"]\n' if dialect.sign == "indicator" else ""
    mark = "comma" if dialect.mark == "," else "point"
    delimiter = "\\t" if dialect.delimiter == "\t" else dialect.delimiter
    return (
        f'title = "x"\ndelimiter = "{delimiter}"\nsign = "{dialect.sign}"\ndate_form = "{form}"\ncurrency = "AED"\n'
        f'decimal_mark = "{mark}"\n[columns]\nbooked_date = "Day"\ndescription = "Text"\nbalance = "Left"\n'
        f"{columns.get(dialect.sign, signed)}\n{words}"
    )


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(bookings=BOOKINGS, dialect=DIALECTS)
def test_bookings_come_out_as_they_went_in(bookings: list[tuple[date, str, int]], dialect: Dialect) -> None:
    whole = decode(BankCsvFormat(), written(bookings, dialect), {"profile": profile(dialect), "account": "x"})
    assert whole.rejects.is_empty()
    found = whole.rows("bank_transactions", "booked_date", "description", "transaction_amount")
    expected = [(when, text, Decimal(cents) / 100) for when, text, cents in bookings]
    assert found == (expected[::-1] if dialect.newest_first else expected)
    (statement,) = whole.frames["statements"].to_dicts()
    total = Decimal(sum(cents for _, _, cents in bookings)) / 100
    assert statement["transactions_amount"] == total
    if len(bookings) == 1 or len({when for when, _, _ in bookings}) == len(bookings):
        return
    assert statement["extra"] is None
