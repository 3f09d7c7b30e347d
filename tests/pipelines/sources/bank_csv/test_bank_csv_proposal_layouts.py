"""Layouts of banks of many countries: few rows under many lines, lines below them, balances and totals in rows."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from file_reading import decode

from pipelines.sources.bank_csv.profile import read_profile
from pipelines.sources.bank_csv.profile_format import PROFILE
from pipelines.sources.bank_csv.proposal import Proposal, proposed
from pipelines.sources.bank_csv.statement_csv import BankCsvFormat

BELOW_A_SUMMARY = """Description,,Summary Amt.
Beginning balance as of 01/01/2026,,"1,000.00"
Total credits,,"2,500.00"

Date,Description,Amount,Running Bal.
01/01/2026,Beginning balance as of 01/01/2026,,"1,000.00"
01/15/2026,ACME PAYROLL,"2,500.00","3,500.00"
01/28/2026,ATM,"-100.00","3,400.00"
"""
WITH_A_DISCLAIMER = """Datum von:;2026-01-01
Konto:;CH0000000000000000001
Währung:;CHF

Buchungsdatum;Avisierungstext;Gutschrift in CHF;Lastschrift in CHF;Valuta;Saldo in CHF
31.01.2026;KAUF;;-45.50;30.01.2026;1234.50
15.01.2026;LOHN;2500.00;;15.01.2026;1280.00

Disclaimer:
Der Dokumentinhalt wurde durch Filter der Kundinnen und Kunden 2026 erzeugt.
"""
OLD_BALANCE_BELOW = """;
"Umsätze Girokonto";"Zeitraum: 30 Tage";
"Neuer Kontostand";"1.234,56 EUR";

"Buchungstag";"Vorgang";"Buchungstext";"Umsatz in EUR";
"31.01.2026";"Lastschrift";"Strom";"-45,50";
"15.01.2026";"Gutschrift";"Lohn";"2.500,00";

"Alter Kontostand";"100,00 EUR";
"""
OTHER_SIDES_ACCOUNT = """"Kontonummer:";"DE00000000000000000001 / Girokonto";

"Buchungstag";"Auftraggeber / Begünstigter";"Verwendungszweck";"Kontonummer";"Betrag (EUR)";
"31.01.2026";"Stadtwerke";"Abschlag";"DE11";"-1.045,50";
"15.01.2026";"ACME";"Gehalt";"DE22";"2.500,00";
"""
NAMES_WITH_A_MARK = """mBank S.A. Bankowość Detaliczna;
#Klient;
JAN KOWALSKI;

#Za okres:;
01.01.2026;31.01.2026;

#Data operacji;#Opis operacji;#Rachunek;#Kwota;
2026-01-31;"BIEDRONKA  ŻYWNOŚĆ";"eKonto 1111";-45,50 PLN;;
2026-01-15;"PRZELEW PRZYCHODZĄCY";"eKonto 1111";2 500,00 PLN;;
"""
FORWARDED = """Dutch-Bangla Bank PLC.
A/C No: 107.101.00001
Date,Value Date,Branch,Narration,Ref/Chq No,Debit,Credit,Balance
,,,Balance Forward,,,,5000.00
05-Jan-2026,05-Jan-2026,107,ATM Withdrawal,,2000.00,0.00,3000.00
15-Jan-2026,15-Jan-2026,107,বেতন জমা,,0.00,30000.00,33000.00
Total,,,,,2000.00,30000.00,
"""
SIDES_BEHIND_AMOUNTS = """No. rekening : 1234567890

Tanggal,Keterangan,Cabang,Jumlah,Saldo
05/01/2026,TRSF DB,0000,"100.00 DB","1,900.00"
15/01/2026,GAJI,0000,"5,000.00 CR","6,900.00"
28/01/2026,ATM,0000,"500.00 DB","6,400.00"
"""
CREDITS_WITH_A_MINUS = """Status,Date,Description,Debit,Credit
Cleared,01/31/2026,COFFEE,4.50,
Cleared,01/16/2026,PAYMENT THANK YOU,,-100.00
"""
CHINESE_WORDS = """账单明细,,,,,
起始时间：[2026-01-01],,,,,
交易时间,交易类型,交易对方,收/支,金额(元),支付方式
2026-01-31 12:30:00,商户消费,便利店,支出,¥12.50,零钱
2026-01-30 09:00:00,转账,张三,收入,¥100.00,零钱
2026-01-29 09:00:00,商户消费,超市,支出,¥45.10,零钱
"""


def propose(text: str, encoding: str = "utf-8") -> Proposal:
    return proposed(io.BytesIO(text.encode(encoding)), {})


@pytest.mark.parametrize(
    ("text", "encoding", "amounts", "states"),
    [
        (BELOW_A_SUMMARY, "utf-8", ("2500.0000", "-100.0000"), ("1000.0000", "3400.0000")),
        (WITH_A_DISCLAIMER, "utf-8", ("-45.5000", "2500.0000"), ("-1220.0000", "1234.5000")),
        (OLD_BALANCE_BELOW, "cp1252", ("-45.5000", "2500.0000"), (None, None)),
        (OTHER_SIDES_ACCOUNT, "cp1252", ("-1045.5000", "2500.0000"), (None, None)),
        (NAMES_WITH_A_MARK, "cp1250", ("-45.5000", "2500.0000"), (None, None)),
        (FORWARDED, "utf-8", ("-2000.0000", "30000.0000"), ("5000.0000", "33000.0000")),
        (SIDES_BEHIND_AMOUNTS, "utf-8", ("-100.0000", "5000.0000", "-500.0000"), ("2000.0000", "6400.0000")),
        (CREDITS_WITH_A_MINUS, "utf-8", ("-4.5000", "100.0000"), (None, None)),
        (CHINESE_WORDS, "utf-8", ("-12.5000", "100.0000", "-45.1000"), (None, None)),
    ],
)  # fmt: skip
def test_every_row_is_read_none_is_set_aside_and_what_the_file_states_agrees(
    text: str, encoding: str, amounts: tuple[str, ...], states: tuple[str | None, ...]
) -> None:
    proposal = propose(text, encoding)
    answers = {PROFILE: proposal.text, "account": "mine", "currency": "XXX", "date_order": "day-first"}
    read = decode(BankCsvFormat(), io.BytesIO(text.encode(encoding)), answers)
    assert read.rejects.rows() == []
    assert [str(amount) for amount in read.frames["bank_transactions"].sort("row_no")["transaction_amount"]] == [
        *amounts
    ]
    (statement,) = read.frames["statements"].select("opening_amount", "closing_amount").rows()
    assert tuple(None if one is None else str(one) for one in statement) == states


def test_the_other_sides_account_is_not_ones_own() -> None:
    proposal = propose(OTHER_SIDES_ACCOUNT, "cp1252")
    assert "account" not in proposal.fields
    assert read_profile(proposal.text, "it").preamble.account == "Kontonummer"
    without_any = OTHER_SIDES_ACCOUNT.partition("\n\n")[2].replace("DE11", "").replace("DE22", "")
    assert "account" not in propose(without_any).fields


def test_a_file_of_another_code_page_shows_its_letters() -> None:
    assert propose(NAMES_WITH_A_MARK, "cp1250").fields["encoding"] == "cp1250"


def test_a_row_with_a_mistyped_day_is_set_aside_and_never_taken_for_a_line_of_text() -> None:
    text = "Date,Details,Debit,Credit,Balance\n"
    rows = ["01/02/2026,Shop,5.00,,95.00", "13/02/2026,Pay,,20.00,115.00", "3I/02/2026,Cafe,,,", "x,Cafe,7.00,,108.00"]
    proposal = propose(text + "\n".join([*rows, "15/02/2026,Pay,,2.00,110.00"]) + "\n")
    assert read_profile(proposal.text, "it").rows == ()
    answers = {PROFILE: proposal.text, "account": "mine", "currency": "XXX"}
    read = decode(BankCsvFormat(), io.BytesIO((text + "\n".join(rows) + "\n").encode()), answers)
    assert [row["row_no"] for row in read.rejects.iter_rows(named=True)] == [4, 5]
    assert read.frames["bank_transactions"]["transaction_amount"].sum() == Decimal(15)


def test_no_rule_is_made_that_would_take_a_row_which_moves_money() -> None:
    text = "Date,Details,Debit,Credit,Balance\n13/01/2026,Opening balance fee,5.00,,95.00\n"
    text += "14/01/2026,Opening balance,,,95.00\n,Total Energies,7.00,,\n15/01/2026,Total Energies,7.00,,88.00\n"
    proposal = propose(text)
    assert read_profile(proposal.text, "it").rows == ()
    read = decode(BankCsvFormat(), text.encode(), {PROFILE: proposal.text, "account": "mine", "currency": "XXX"})
    assert [row["row_no"] for row in read.rejects.iter_rows(named=True)] == [3, 4]
    assert read.frames["bank_transactions"]["transaction_amount"].sum() == Decimal(-12)
