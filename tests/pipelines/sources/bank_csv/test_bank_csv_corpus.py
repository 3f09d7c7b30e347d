"""Real bank files of other projects: sums and balances held against a plain reading with csv and Decimal."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
from file_reading import asked, decode

from pipelines.sources import registry
from pipelines.sources.bank_csv.matching import locate
from pipelines.sources.bank_csv.profile_format import shipped_profiles
from pipelines.sources.bank_csv.proposal import proposed
from pipelines.sources.bank_csv.statement_csv import FORMAT, BankCsvFormat
from pipelines.sources.source import SourceError, UnknownForm

NO_STATEMENTS = {
    "amazon.csv": "orders, not bookings",
    "xero.csv": "journal entries of a bookkeeping",
    "pain_file.csv": "a list of ids",
    "camt_file.csv": "one line that sums up a statement",
    "mint.csv": "an app's export",
    "mint_extra.csv": "an app's export",
    "mint_headerless.csv": "an app's export",
}
DAMAGED = {
    "TH_20180101-20180523_page_1.csv": 9,
    "TH_20180521-20180523.csv": 1,
    "golden__csv_garbled_amount.csv": 1,
    "test_row_format_CD_flag.csv": 3,
    **dict.fromkeys(
        (*("test_raiffeisen_01.csv", "test_raiffeisen_02.csv", "test_regex_123456_87654321_1234_21_12.csv"),),
        1,
    ),
    "test_headers.csv": 4,
    "MS_JANE_SMITH_01-12-2019_14-12-2019.csv": 3,
    "stripe-all.csv": 4,
}
"""Rows that cannot be read or did not happen: days of the year 1111, words where amounts should be, pending rows."""

ANSWERS = {"currency": "XXX", "account": "Mine", "date_order": "day-first"}
DOUBTS = {"family": "bank", "sign": "signed", "date_form": "day-first", "debit": "#5"}
"""What a person would say of the layouts Hisab does not know."""

AMOUNTS = {
    "20171001-20171106.csv": "-59.99",
    "2018-04-14_10-52-13_bunq-transactieoverzicht.csv": (1, ","),
    "20180226-1000594757-umsatz.CSV": (8, ","),
    "20180226_12345678.csv": (2, "."),
    "2019-03-02_11-50-46_bunq-statement.csv": (1, ","),
    "MS_JANE_SMITH_01-12-2019_14-12-2019.csv": "-285.80",
    "MonzoDataExport_February2018_2018-02-26_174335.csv": (2, "."),
    "Movements_1234512345_201805271848.csv": (13, ","),
    "Umsaetze_KtoNr538917600_EUR_02-03-2018_1503.CSV": (4, ","),
    "dba33fceecd62c3c727893361e0ba4d3.P000000027355791.csv": "-7.80",
    "export_BE11123456789012_20180304_1422.csv": (8, ","),
    "statement_1.csv": (6, "."),
    "test_BOI_TransactionExport.csv": (2, 3, "."),
    "test_delimiter_tab.csv": (4, 3, ","),
    "test_row_format_default.csv": (4, 3, ","),
    "test_headers.csv": (3, ","),
    "test_raiffeisen_01.csv": (3, ","),
    "test_raiffeisen_02.csv": (3, ","),
    "test_regex_123456_87654321_1234_21_12.csv": (3, ","),
    "test_row_format_neg_inflow.csv": (3, ","),
    "test_swedebank_statement.xls": "2578.93",
    "umsatz-1234________1234-20180227.CSV": (6, ","),
    "golden__csv_french_headers.csv": (2, 3, ","),
    "golden__csv_spanish_headers.csv": (2, ","),
    "sample_split_amounts.csv": (3, 2, ","),
    "sample_statement.csv": (2, "."),
    "capitalone.csv": (5, 6, "."),
    "creditunion.csv": (3, "."),
    "default.csv": (5, "."),
    "gls.csv": (19, ","),
    "ingesp.csv": (6, "."),
    "outbank.csv": (4, ","),
    "payoneer.csv": (6, 5, "."),
    "pcmastercard.csv": "-50.31",
    "stripe-all.csv": "9.41",
    "stripe-default.csv": "107.72",
    **{f"schwab-checking{end}.csv": (5, 6, ".") for end in ("", *(f"-baltest-case{n}" for n in range(1, 8)))},
}
"""Where a plain reading finds the amount (column, or columns of money out and in; decimal mark), or the sum itself."""

NOT_THEIRS = {
    "ingesp.csv": "rows of many months picked at random",
    "schwab-checking-baltest-case2.csv": "rows out of order, on purpose",
    "test_BOI_TransactionExport.csv": "balances blotted out with 100",
}
"""Files whose own balances contradict their rows."""


def plain_sum(body: bytes, where: tuple[int | str, ...]) -> Decimal:
    """The sum of the amounts, by csv and Decimal alone."""
    text = body.decode("utf-8-sig", errors="replace")
    first = next(line for line in re.split("[\r\n]+", text) if line)
    delimiter = max(",;\t", key=first.count)
    total = Decimal(0)
    for row in csv.reader(io.StringIO(text.replace("\r", "\n")), delimiter=delimiter):
        cells = [row[place] if len(row) > place else "" for place in where[:-1] if isinstance(place, int)]
        read = [amount_of(cell, str(where[-1])) for cell in cells]
        total += (read[1] - read[0]) if len(read) > 1 else read[0]
    return total


def amount_of(cell: str, mark: str) -> Decimal:
    bare = re.sub(r"[^-0-9.,]", "", cell) if re.fullmatch(r"\s*-?\$?[0-9][0-9.,]*\s*", cell) else "0"
    whole = bare.replace(".", "").replace(",", ".") if mark == "," else bare.replace(",", "")
    return Decimal(whole)


def profile_of(body: bytes) -> tuple[str, BankCsvFormat]:
    """The shipped profile that fits; else the one proposed, taken as a person would who knows the account."""
    try:
        found = registry.recognise(body[:65536])
    except UnknownForm:
        fixed: dict[str, str] = {}
        proposal = proposed(io.BytesIO(body), fixed)
        while proposal.doubts:
            fixed |= {doubt.name: DOUBTS[doubt.name] for doubt in proposal.doubts}
            proposal = proposed(io.BytesIO(body), fixed)
        return "", BankCsvFormat({"proposed.toml": proposal.text})
    assert isinstance(found, BankCsvFormat)
    return found.layout(body[:65536]).name, found


def real_files(corpus: Path) -> list[Path]:
    return sorted(path for path in corpus.glob("bank_csv/*/*") if path.is_file())


@pytest.mark.corpus
def test_every_real_statement_gives_its_sums_and_its_balances_add_up(corpus: Path) -> None:
    known, tried = set(), 0
    for path in real_files(corpus):
        if path.name in NO_STATEMENTS:
            continue
        body = path.read_bytes()
        name, file_format = profile_of(body)
        known.add(name)
        answers = {question: ANSWERS[question] for question in asked(file_format, body)}
        whole = decode(file_format, body, answers)
        assert whole.rejects.height == DAMAGED.get(path.name, 0), path.name
        if path.name not in AMOUNTS:
            assert path.name in DAMAGED
            continue
        where = AMOUNTS[path.name]
        total = Decimal(where) if isinstance(where, str) else plain_sum(body, where)
        assert sum(whole.frames["bank_transactions"]["transaction_amount"]) == total, path.name
        tried += 1
        for statement in whole.frames["statements"].iter_rows(named=True):
            opening, closing = statement["opening_amount"], statement["closing_amount"]
            if opening is not None and closing is not None and path.name not in NOT_THEIRS:
                assert opening + statement["transactions_amount"] == closing, path.name
                assert statement["extra"] is None, path.name
    assert tried == len(AMOUNTS) >= 40
    assert len(known - {""}) >= 20


@pytest.mark.corpus
def test_what_is_no_statement_is_read_by_no_shipped_profile(corpus: Path) -> None:
    for path in real_files(corpus):
        if path.name in NO_STATEMENTS:
            assert not FORMAT.sniff(path.read_bytes()[:65536]), path.name
    for name in ("amazon.csv", "xero.csv", "pain_file.csv"):
        (path,) = corpus.glob(f"bank_csv/*/{name}")
        with pytest.raises(SourceError, match="no table with days and amounts"):
            proposed(io.BytesIO(path.read_bytes()), {})


@pytest.mark.corpus
def test_no_two_profiles_fit_one_real_file_and_no_other_format_loses_one(corpus: Path) -> None:
    for path in real_files(corpus):
        head = path.read_bytes()[:65536]
        fitting = [name for name, profile in shipped_profiles().items() if locate(profile, head)]
        assert len(fitting) <= 1, path.name
    others = [each for family in ("ynab", "mint", "actual", "spendee") for each in corpus.glob(f"{family}/**/*.csv")]
    for path in others:
        assert not FORMAT.sniff(path.read_bytes()[:65536]), path.name
