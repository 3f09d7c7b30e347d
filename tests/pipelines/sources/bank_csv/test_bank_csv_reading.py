"""How tables of any bank are read: encodings, line ends, wrapped texts, order, balances that do not follow."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from file_reading import decode

from pipelines.sources import registry
from pipelines.sources.bank_csv import profile_format
from pipelines.sources.bank_csv.statement_csv import BankCsvFormat
from pipelines.sources.source import SourceError

PLAIN = """
title = "Plain"
decimal_mark = "point"
date_form = "day-first"
currency = "AED"
[columns]
booked_date = "Date"
description = "Text"
amount = "Amount"
balance = "Balance?"
other = ["Note"]
"""
ANSWERS = {"account": "Daily"}


def read(body: bytes, profile: str = PLAIN, **answers: str) -> object:
    return decode(BankCsvFormat(), body, {"profile": profile, **ANSWERS, **answers})


def amounts(body: bytes, profile: str = PLAIN) -> list[Decimal]:
    whole = decode(BankCsvFormat(), body, {"profile": profile, **ANSWERS})
    assert whole.rejects.is_empty()
    return whole.frames["bank_transactions"]["transaction_amount"].to_list()


def test_line_ends_byte_order_marks_and_code_pages_change_nothing() -> None:
    text = "Date,Text,Amount\n31/12/2025,Café — ৳,1.50\n01/01/2026,é,-2\n"
    wide = text.replace(" — ৳", "")
    for body in (
        text.encode(),
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("\n", "\r").encode(),
        text.replace("\n", "\r\n").encode(),
        wide.encode("cp1252"),
    ):
        whole = decode(BankCsvFormat(), body, {"profile": PLAIN, **ANSWERS})
        assert [each[:4] for each in whole.frames["bank_transactions"]["description"]] == ["Café", "é"]
        assert whole.frames["bank_transactions"]["row_no"].to_list() == [2, 3]


def test_a_code_page_that_shows_late_is_still_seen() -> None:
    rows = b"".join(b"31/12/2025,plain,1.50\n" for _ in range(9000))
    body = b"Date,Text,Amount\n" + rows + "31/12/2025,Café,1.50\n".encode("cp1252")
    whole = decode(BankCsvFormat(), body, {"profile": PLAIN, **ANSWERS})
    assert whole.rejects.is_empty()
    assert whole.frames["bank_transactions"]["description"].to_list()[-1] == "Café"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("7-Mar-26", "2026-03-07"),
        ("07 mars 2026", "2026-03-07"),
        ("March 7, 2026", "2026-03-07"),
        ("7.3.26", "2026-03-07"),
        ("07/03/2026 14:05:59", "2026-03-07"),
        ("07/03/2026 2:05 PM", "2026-03-07"),
        ("2026-03-07 12:34:56 +0000", "2026-03-07"),
        ("৭ মার্চ ২০২৬", "2026-03-07"),
        ("٧ مارس ٢٠٢٦", "2026-03-07"),
        ("07032026", "2026-03-07"),
        ("1-Jan-70", "1970-01-01"),
    ],
)
def test_days_are_read_however_banks_write_them(written: str, day: str) -> None:
    whole = decode(BankCsvFormat(), f'Date,Text,Amount\n"{written}",x,1\n'.encode(), {"profile": PLAIN, **ANSWERS})
    assert [str(each) for each in whole.frames["bank_transactions"]["booked_date"]] == [day]


def test_a_month_that_is_two_in_two_languages_needs_the_language() -> None:
    body = b"Date,Text,Amount\n5 listopad 2026,x,1\n"
    whole = decode(BankCsvFormat(), body, {"profile": PLAIN, **ANSWERS})
    assert whole.rejects["reason"].to_list() == ["the text is not a date"]
    for language, day in (("pl", "2026-11-05"), ("hr", "2026-10-05")):
        profile = PLAIN.replace("[columns]", f'language = "{language}"\n[columns]', 1)
        whole = decode(BankCsvFormat(), body, {"profile": profile, **ANSWERS})
        assert [str(each) for each in whole.frames["bank_transactions"]["booked_date"]] == [day]


def test_both_orders_of_rows_give_one_statement() -> None:
    rows = ["01/03/2026,a,100,100", "01/03/2026,b,-30,70", "01/03/2026,c,-20,50"]
    found = []
    for order in (rows, rows[::-1]):
        body = "\n".join(["Date,Text,Amount,Balance", *order, ""]).encode()
        whole = decode(BankCsvFormat(), body, {"profile": PLAIN, **ANSWERS})
        found.append(whole.rows("statements", "opening_amount", "closing_amount", "transactions_amount", "extra"))
    assert found[0] == found[1] == [(Decimal(0), Decimal(50), Decimal(50), None)]


def test_a_balance_that_does_not_follow_is_told_and_not_mended() -> None:
    body = b"Date,Text,Amount,Balance\n01/03/2026,a,100,100\n02/03/2026,b,-30,70\n03/03/2026,c,-20,55\n"
    whole = decode(BankCsvFormat(), body, {"profile": PLAIN, **ANSWERS})
    (statement,) = whole.frames["statements"].to_dicts()
    assert (statement["opening_amount"], statement["transactions_amount"]) == (Decimal(0), Decimal(50))
    assert statement["closing_amount"] == Decimal(55)
    assert statement["extra"] == '{"balances_that_do_not_follow":"1"}'


def test_a_text_that_runs_on_in_the_next_row_belongs_to_the_row_above() -> None:
    profile = PLAIN.replace("[columns]", "wrapped = true\n[columns]", 1)
    body = b"Date,Text,Amount\n01/03/2026,FAST PAYMENT,-5\n,to RAHIM,\n,OTHR - lunch,\n02/03/2026,b,7\n"
    whole = decode(BankCsvFormat(), body, {"profile": profile, **ANSWERS})
    assert whole.rejects.is_empty()
    assert whole.rows("bank_transactions", "description", "transaction_amount") == [
        ("FAST PAYMENT to RAHIM OTHR - lunch", Decimal(-5)),
        ("b", Decimal(7)),
    ]


def test_rows_may_end_early_or_in_empty_cells_but_not_hold_too_much() -> None:
    body = b"Date,Text,Amount,Balance,Note\n01/03/2026,a,1\n02/03/2026,b,2,3,x,,\n03/03/2026,c,d,4,5,6\n,,,,\n\n"
    whole = decode(BankCsvFormat(), body, {"profile": PLAIN, **ANSWERS})
    assert whole.rows("bank_transactions", "row_no", "transaction_amount") == [(2, Decimal(1)), (3, Decimal(2))]
    assert whole.rejects.select("row_no", "reason").rows() == [(4, "the row has 6 cells where the header has 5")]


@pytest.mark.parametrize(
    ("debit", "credit", "amount", "reason"),
    [
        ("5.00", "", "-5.0000", ""),
        ("", "5.00", "5.0000", ""),
        ("0.00", "5.00", "5.0000", ""),
        ("-", "5.00", "5.0000", ""),
        ("-5.00", "", "5.0000", ""),
        ("5.00", "5.00", "", "both columns"),
        ("", "", "", "the amount is empty"),
        ("x", "", "", "no digits"),
    ],
)
def test_two_columns_give_one_amount_or_none(debit: str, credit: str, amount: str, reason: str) -> None:
    profile = PLAIN.replace('amount = "Amount"', 'debit = "Out"\ncredit = "In"').replace(
        "[columns]", 'sign = "columns"\n[columns]', 1
    )
    body = f"Date,Text,Out,In\n01/03/2026,a,{debit},{credit}\n".encode()
    whole = decode(BankCsvFormat(), body, {"profile": profile, **ANSWERS})
    assert [str(each) for each in whole.frames["bank_transactions"]["transaction_amount"]] == (
        [amount] if amount else []
    )
    assert all(reason in each for each in whole.rejects["reason"])
    assert whole.rejects.height == bool(reason)


def test_words_behind_the_amount_give_its_sign() -> None:
    profile = PLAIN.replace("[columns]", 'sign = "indicator"\n[columns]', 1).replace(
        'amount = "Amount"', 'amount = "Amount"\nindicator = "Amount"'
    )
    profile += '[words]\ndebit = ["Dr"]\ncredit = ["Cr", ""]\n'
    body = (
        b'Date,Text,Amount,Balance\n01/03/2026,a,"1,000.50 Dr",5 Dr\n02/03/2026,b,7.00Cr.,2.00 Cr\n03/03/2026,c,9,11\n'
    )
    whole = decode(BankCsvFormat(), body, {"profile": profile, **ANSWERS})
    assert [str(each[0]) for each in whole.rows("bank_transactions", "transaction_amount")] == [
        *("-1000.5000", "7.0000", "9.0000"),
    ]
    assert whole.rows("statements", "opening_amount", "closing_amount") == [(Decimal("995.5"), Decimal(11))]


def test_a_currency_beside_the_amounts_settles_it_and_a_dollar_does_not() -> None:
    profile = PLAIN.replace('currency = "AED"\n', "")
    whole = decode(BankCsvFormat(), "Date,Text,Amount\n01/03/2026,a,£5.00\n".encode(), {"profile": profile, **ANSWERS})
    assert whole.frames["bank_transactions"]["currency_code"].to_list() == ["GBP"]
    body = b"Date,Text,Amount\n01/03/2026,a,$5.00\n"
    with pytest.raises(SourceError, match="answer currency"):
        read(body, profile)
    format_ = BankCsvFormat({"own.toml": profile})
    assert [each.name for each in format_.questions(io.BytesIO(body))] == ["currency", "account"]


def test_a_persons_own_profile_goes_before_a_shipped_one() -> None:
    head = b"Date,Description,Amount,Balance\n13/05/2026,x,1.00,2.00\n"
    own = PLAIN.replace('"Text"', '"Description"')
    assert registry.recognise(head).layout(head).name == "date_description_amount_balance"  # type: ignore[attr-defined]
    found = registry.recognise(head, {"mine.toml": own})
    assert found.layout(head).name == "mine"  # type: ignore[attr-defined]
    with pytest.raises(SourceError, match=r"fits several profiles \(mine, other\)"):
        BankCsvFormat({"mine.toml": own, "other.toml": own}).layout(head)
    with pytest.raises(SourceError, match=r"mine\.toml"):
        registry.recognise(head, {"mine.toml": "title = 1"})


def test_a_spreadsheet_that_is_called_csv_is_named_as_what_it_is() -> None:
    for head, word in ((b"PK\x03\x04rest", "ZIP archive"), (b"\xd0\xcf\x11\xe0rest", "old Excel")):
        with pytest.raises(SourceError, match=word):
            registry.recognise(head)


def test_a_file_without_transactions_is_an_error() -> None:
    profile = PLAIN + '[[rows]]\ncolumn = "Text"\nbegins = ["total"]\nare = "footer"\n'
    with pytest.raises(SourceError, match="no transactions"):
        read(b"Date,Text,Amount\n,Total of all,5\n", profile)
    with pytest.raises(SourceError, match="no rows below"):
        read(b"Date,Text,Amount\n")


def test_memory_stays_small_and_balances_add_up_over_many_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_small_blocks(*args: object, **given: object) -> object:
        return original(*args, block_bytes=1 << 12, **given)  # type: ignore[arg-type]

    original = profile_format.read_table
    monkeypatch.setattr(profile_format, "read_table", in_small_blocks)
    rows = [f"01/03/2026,row {n},{'-' if n % 2 else ''}{n}.25,{sum_of(n)}\n" for n in range(1, 6001)]
    body = ("Date,Text,Amount,Balance\n" + "".join(rows)).encode()
    pieces = list(BankCsvFormat().read(io.BytesIO(body), {"profile": PLAIN, **ANSWERS}))
    assert len(pieces) > 3
    assert max(batch.frame.height for piece in pieces for batch in piece.batches) < 4000
    statement = pieces[-1].batches[-1].frame.to_dicts()[0]
    assert statement["transactions_count"] == 6000
    assert statement["extra"] is None
    assert statement["opening_amount"] + statement["transactions_amount"] == statement["closing_amount"]


def sum_of(last: int) -> Decimal:
    """Of +2.25 −1.25 …: the sum of n.25 with alternating signs, from 1 (negative) to `last`."""
    pairs, rest = divmod(last, 2)
    return Decimal(pairs) - (Decimal(f"{last}.25") if rest else Decimal(0))
