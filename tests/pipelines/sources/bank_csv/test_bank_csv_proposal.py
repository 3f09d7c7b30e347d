"""What Hisab proposes for unknown tables: proofs by balances, doubts where there are none, corrections that hold."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from decimal import Decimal

import pytest
from file_reading import decode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.sources.bank_csv.proposal import FIELDS, Proposal, proposed
from pipelines.sources.bank_csv.statement_csv import BankCsvFormat
from pipelines.sources.source import SourceError


def propose(text: str, **fixed: str) -> Proposal:
    return proposed(io.BytesIO(text.encode()), fixed)


def doubts(proposal: Proposal) -> list[str]:
    return [doubt.name for doubt in proposal.doubts]


def test_the_running_balance_proves_a_card_whose_amounts_are_turned_round() -> None:
    text = "When;What;Sum;Owed\n31.12.2025;Shop;10,00;-110,00\n"
    text += "30.12.2025;Cafe;5,50;-100,00\n29.12.2025;Thanks;-50,00;-94,50\n"
    proposal = propose(text)
    assert proposal.fields["sign"] == "inverted"
    assert proposal.fields["balance"] == "Owed"
    assert "2 pairs" in proposal.why["sign"]
    assert doubts(proposal) == []
    assert [row[3] for row in proposal.rows] == ["-10.0000", "-5.5000", "50.0000"]


def test_the_running_balance_tells_columns_of_unknown_names_apart() -> None:
    text = "D,X,Y,Z,T\n2026-01-01,5.00,,95.00,a\n2026-01-02,,20.00,115.00,b\n2026-01-03,7.25,,107.75,c\n"
    proposal = propose(text)
    assert (proposal.fields["debit"], proposal.fields["credit"], proposal.fields["balance"]) == ("X", "Y", "Z")
    assert doubts(proposal) == []


def test_the_running_balance_proves_words_nobody_knows() -> None:
    text = "Date,Way,Amount,Balance\n"
    text += "2026-01-01,raus,5.00,95.00\n2026-01-02,rein,20.00,115.00\n2026-01-03,raus,1.00,114.00\n"
    proposal = propose(text)
    assert (proposal.fields["indicator"], proposal.fields["debit_words"], proposal.fields["credit_words"]) == (
        *("Way", "raus", "rein"),
    )


def test_amounts_without_a_minus_are_a_doubt_and_the_answer_settles_it() -> None:
    text = "Date,Merchant,Amount\n2026-01-31,Shop,10.00\n2026-01-30,Cafe,5.50\n"
    assert doubts(propose(text)) == ["sign"]
    settled = propose(text, sign="inverted")
    assert doubts(settled) == []
    assert [row[3] for row in settled.rows] == ["-10.0000", "-5.5000"]


def test_two_columns_of_which_each_row_fills_one_are_asked_apart() -> None:
    text = "Date,Text,A,B\n2026-01-31,Shop,10.00,\n2026-01-30,Pay,,5.50\n"
    assert doubts(propose(text)) == ["debit"]
    settled = propose(text, debit="B")
    assert [row[3] for row in settled.rows] == ["10.0000", "-5.5000"]


def test_days_that_can_be_read_both_ways_are_a_doubt() -> None:
    text = "Date,Text,Amount\n03/04/2026,Shop,-1.00\n04/04/2026,Pay,5.50\n"
    assert doubts(propose(text)) == ["date_form"]
    assert propose(text, date_form="month-first").rows[0][0] == "2026-03-04"
    assert doubts(propose(text.replace("03/04", "31/03"))) == []


def test_a_table_without_header_under_a_preamble_with_the_account() -> None:
    rows = "01 Jan 26|Opening shop|-5.00|AED\n02 Jan 26|Salary of Amina|500.00|AED\n"
    proposal = propose(rows)
    assert proposal.fields["booked_date"] == "#1"
    assert proposal.fields["currency_column"] == "#4"
    assert "width = 4" in proposal.text
    assert [row[2] for row in proposal.rows] == ["Opening shop", "Salary of Amina"]
    headed = propose(f"My bank\nAccount Number: 12345678\n\nDate|Text|Amount in AED|Currency\n{rows}")
    assert 'account = "Account Number"' in headed.text


def test_a_currency_in_the_header_is_left_open_for_other_accounts() -> None:
    text = "Date,Text,Amount (AED)\n2026-01-31,Shop,-10.00\n2026-01-30,Cafe,5.50\n"
    proposal = propose(text)
    assert "Amount ({currency})" in proposal.text
    own = BankCsvFormat({"own.toml": proposal.text})
    whole = decode(own, text.replace("AED", "BDT").encode(), {"account": "x"})
    assert whole.frames["bank_transactions"]["currency_code"].unique().to_list() == ["BDT"]


def test_arabic_and_cyrillic_and_czech_files_find_their_code_page() -> None:
    tables = {
        "cp1256": "التاريخ,البيان,مدين,دائن,الرصيد\n"
        "31/01/2026,مشتريات كارفور,5.00,,95.00\n30/01/2026,راتب,,100.00,100.00\n",
        "cp1251": "Дата;Описание;Сумма\n31.01.2026;Покупка продуктов;-5,00\n30.01.2026;Зарплата;100,00\n",
        "cp1250": "Datum zaúčtování;Zpráva;Částka;Měna\n31.01.2026;nákup;-5,00;CZK\n30.01.2026;mzda;100,00;CZK\n",
    }
    for page, text in tables.items():
        proposal = proposed(io.BytesIO(text.encode(page)), {})
        assert proposal.fields["encoding"] == page
        assert doubts(proposal) == []
        assert [row[3] for row in proposal.rows] == ["-5.0000", "100.0000"], page
        found = decode(
            BankCsvFormat({"own.toml": proposal.text}), text.encode(page), {"currency": "XXX", "account": "x"}
        )
        assert found.frames["bank_transactions"]["transaction_amount"].sum() == Decimal(95)


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        ({"amount": "Nowhere"}, "no column 'Nowhere'; it has Date, Text, Amount"),
        ({"sign": "guess"}, "sign must be one of"),
        ({"decimal_mark": "dot"}, "decimal_mark must be point or comma"),
        ({"date_form": "dd/mm"}, "date_form"),
        ({"delimiter": "::"}, "one character"),
        ({"encoding": "klingon"}, "code page"),
        ({"colour": "red"}, "no field colour"),
        ({"currency": "Euro"}, "currency"),
    ],
)
def test_a_correction_that_does_not_fit_is_refused_in_one_line(fixed: dict[str, str], message: str) -> None:
    with pytest.raises(SourceError) as caught:
        propose("Date,Text,Amount\n2026-01-31,Shop,-10.00\n2026-01-30,Cafe,5.50\n", **fixed)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "Dear Amina,\nhow are you?\n", "a,b\n1,2\n", "Date,Text\n2026-01-01,x\n"])
def test_what_is_no_table_of_amounts_gets_no_proposal(text: str) -> None:
    with pytest.raises(SourceError):
        propose(text)


CELLS = st.sampled_from(
    [
        "",
        "2026-01-31",
        "31/01/26",
        "1.50",
        "-2,00",
        "x",
        "AED",
        "Dr",
        "Cr",
        "#2",
        '"',
        "Date",
        "Amount",
        "Saldo",
        "= y",
        "€",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    fixed=st.dictionaries(st.sampled_from(FIELDS), CELLS, max_size=2),
)
def test_any_table_is_proposed_for_or_refused_and_what_is_proposed_reads_the_file(
    rows: list[list[str]], delimiter: str, fixed: dict[str, str]
) -> None:
    body = "\n".join(delimiter.join(row) for row in rows).encode()
    with suppress(SourceError):
        proposal = proposed(io.BytesIO(body), fixed)
        if not proposal.doubts:
            assert BankCsvFormat({"own.toml": proposal.text}).sniff(body[:65536])


@pytest.mark.parametrize(
    "body",
    [
        b"1 1 1 1 1 1," * 80_000,
        b"Date," * 3000 + b"\n1/2/2026\n",
        b"\n" * 60_000 + b"x",
        b'"a\nb",1.5,2026-01-01\n' * 2000 + b'"',
        b"Date," + b"A," * 40 + b"\n" + (b"1/2/2026," + b"1.50," * 40 + b"\n") * 300,
    ],
    ids=["one endless row", "thousands of columns", "blank lines", "quotes over lines", "forty amounts"],
)
def test_a_file_made_to_take_long_ends_soon(body: bytes) -> None:
    began = time.monotonic()
    BankCsvFormat().sniff(body[:65536])
    with suppress(SourceError):
        proposed(io.BytesIO(body), {})
    assert time.monotonic() - began < 20
