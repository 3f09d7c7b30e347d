"""Profiles: wrong ones are named with their key, shipped ones are sound, real layouts give golden rows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.bank_csv.ledger_csv import FORMAT as LEDGER_FORMAT
from pipelines.sources.bank_csv.profile import profile_text, read_profile
from pipelines.sources.bank_csv.profile_format import shipped_profiles
from pipelines.sources.bank_csv.statement_csv import FORMAT
from pipelines.sources.source import SourceError

FIRST = 'title = "Bank"\n'
COLUMNS = '[columns]\nbooked_date = "Date"\namount = "Amount"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "my.toml is not valid TOML"),
        (COLUMNS, "my.toml cannot be used: title: it is missing"),
        (FIRST, "my.toml cannot be used: columns: it is missing"),
        (FIRST + '[columns]\namount = "A"\n', "columns.booked_date: it is missing"),
        (FIRST + COLUMNS + 'amuont = "A"\n', "columns.amuont: there is no such key"),
        (FIRST + 'delimiter = "||"\n' + COLUMNS, "delimiter: it must be one character"),
        (FIRST + 'encoding = "klingon"\n' + COLUMNS, "encoding: it must be a code page"),
        (FIRST + 'currency = "Euro"\n' + COLUMNS, "currency: "),
        (FIRST + 'date_form = "%d/%m"\n' + COLUMNS, "date_form: "),
        (FIRST + 'account_kind = "purse"\n' + COLUMNS, "account_kind: it must be one of"),
        (FIRST + 'sign = "columns"\n' + COLUMNS, 'columns.debit: the sign rule "columns" needs it'),
        (FIRST + COLUMNS + 'debit = "Out"\n', 'columns.debit: the sign rule "signed" does not use it'),
        (FIRST + 'sign = "indicator"\n' + COLUMNS + 'indicator = "D/C"\n', "words: debit and credit words"),
        (FIRST + "width = 3\n" + COLUMNS, "columns.booked_date: without a header it must be #1 to #3"),
        (FIRST + COLUMNS + '[[rows]]\ncolumn = "Date"\nare = "footer"\n', "rows 1: words or begins"),
        (FIRST + COLUMNS + '[[rows]]\ncolumn = "Date"\nwords = ["x"]\nare = "gone"\n', "rows.1.are: "),
        (FIRST + COLUMNS + '[[rows]]\ncolumn = "Date"\nwords = ["x"]\nare = "transfer"\n', "family ledger only"),
        (FIRST + COLUMNS + 'labels = "Tags"\n', "columns.labels: it is of a profile of family ledger only"),
        (FIRST + 'category_separator = ":"\n' + COLUMNS, "category_separator: it is of a profile of family ledger"),
        (
            FIRST + 'family = "ledger"\n' + COLUMNS + '[[rows]]\ncolumn = "Date"\nwords = ["x"]\nare = "pending"\n',
            "rows 1: rows are pending in a profile of family bank only",
        ),
    ],
)
def test_a_wrong_profile_is_refused_in_one_line_with_its_key(text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_profile(text, "my.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_shipped_profile_survives_being_written_and_read() -> None:
    profiles = shipped_profiles()
    assert len(profiles) >= 30
    assert {"adcb_current", "adcb_card"} <= set(profiles)
    for name, profile in profiles.items():
        assert read_profile(profile_text(profile), name) == profile, name


def test_no_two_shipped_profiles_claim_each_others_headers() -> None:
    """Each profile's own header, as it spells it itself, fits that profile best."""
    for name, profile in shipped_profiles().items():
        if profile.width:
            continue
        references = [each for names in profile.columns.fields().values() for each in names if each[0] != "#"]
        cells = dict.fromkeys(each.rstrip("?").split(" | ")[0].replace("{currency}", "EUR") for each in references)
        rules = {rule.column.rstrip("?"): None for rule in profile.rows}
        header = profile.delimiter.join(f'"{cell}"' for cell in (cells | rules))
        read_by = {"bank": FORMAT, "ledger": LEDGER_FORMAT}[profile.family]
        assert read_by.layout(f"{header}\n".encode()).name == name


def test_a_card_in_the_arabic_code_page_with_words_for_the_sign() -> None:
    body = (FIXTURES / "bank_csv" / "adcb-card.csv").read_text(encoding="utf-8").encode("cp1256")
    assert asked(FORMAT, body) == []
    whole = decode(FORMAT, body)
    assert whole.rows("bank_transactions", "transaction_amount", "description", "currency_code") == [
        (Decimal("-1019.0000"), "NOON.COM", "AED"),
        (Decimal("2000.0000"), "PAYMENT RECEIVED", "AED"),
        (Decimal("-58.5000"), "مطعم البيك", "AED"),
    ]


def test_a_current_account_with_a_preamble_and_two_columns() -> None:
    body = (FIXTURES / "bank_csv" / "adcb-current.csv").read_bytes()
    whole = decode(FORMAT, body)
    assert [str(row[0]) for row in whole.rows("bank_transactions", "transaction_amount")] == [
        *("12500.0000", "-1250.7500", "-49.2500"),
    ]
    assert [str(day) for day in whole.frames["bank_transactions"]["value_date"]] == [
        *("2026-03-02", "2026-03-04", "2026-03-05"),
    ]
    assert whole.rows("accounts", "institution_name", "account_kind", "currency_code", "masked_number") == [
        ("ADCB", "current", "AED", "8001")
    ]
    (statement,) = whole.frames["statements"].to_dicts()
    assert (statement["opening_amount"], statement["closing_amount"]) == (Decimal(1500), Decimal(12700))
    assert (str(statement["first_date"]), str(statement["last_date"])) == ("2026-03-01", "2026-03-31")
    assert statement["extra"] is None
    assert whole.rows("balances", "balance_kind", "balance_amount") == [("ledger", Decimal(12700))]
    assert "1200345678001" not in "".join(frame.write_csv() for frame in whole.frames.values())


def test_fees_are_taken_off_and_rows_that_did_not_happen_are_set_aside() -> None:
    body = (FIXTURES / "bank_csv" / "revolut.csv").read_bytes()
    whole = decode(FORMAT, body)
    assert whole.rows("bank_transactions", "transaction_amount") == [(Decimal("-101.5"),), (Decimal(1000),)]
    assert whole.rejects.select("row_no", "column", "reason").rows() == [
        (4, "State", "the bank has not booked it yet, so it has no date"),
        (5, "State", "the payment did not happen"),
        (6, "State", "the profile does not say what this text in column State means"),
    ]
    (statement,) = whole.frames["statements"].to_dicts()
    assert (statement["opening_amount"], statement["closing_amount"]) == (Decimal(0), Decimal("898.5"))


def test_equal_purchases_stay_two_and_unknown_words_are_refused() -> None:
    body = (FIXTURES / "bank_csv" / "ing-nl.csv").read_bytes()
    whole = decode(FORMAT, body)
    assert [str(row[0]) for row in whole.rows("bank_transactions", "transaction_amount")] == [
        *("-25.5000", "-25.5000", "2500.0000"),
    ]
    assert whole.rejects.select("row_no", "column", "value").rows() == [(5, "Af Bij", "Heen")]
    assert "NL12RABO0300065264" not in whole.frames["bank_transactions"].write_csv()
    assert '"Tegenrekening":"…5264"' in str(whole.frames["bank_transactions"]["extra"].to_list()[2])


def test_a_german_code_page_short_years_and_ragged_rows() -> None:
    body = (FIXTURES / "bank_csv" / "commerzbank.csv").read_text(encoding="utf-8").encode("cp1252")
    whole = decode(FORMAT, body)
    assert whole.rows("bank_transactions", "transaction_amount", "description") == [
        (Decimal("-1017.22"), "Stadtwerke München, Abschlag …7600"),
        (Decimal(3000), "Gehalt"),
    ]
    assert [str(day) for day in whole.frames["bank_transactions"]["booked_date"]] == ["2026-03-02", "2026-02-28"]
    assert whole.rejects.select("row_no", "column", "reason").rows() == [(4, "Betrag", "the amount is empty")]
