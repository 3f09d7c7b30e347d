"""Real MT940, camt and QIF files of other projects: held against their own totals, or one clear message.

The sums are found a second way, with a pattern or a plain tree, that shares no code with the readers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from defusedxml.ElementTree import parse
from file_reading import WholeFile, asked, decode

from pipelines.sources.registry import file_format
from pipelines.sources.source import SourceError

ANSWERS = {"currency": "EUR", "account": "Main"}
PARTS_OF_STATEMENTS = {
    *("betterplace__amount_formats", "betterplace__currency_in_25", "betterplace__empty_86"),
    *("betterplace__empty_entry_date", "betterplace__empty_line", "betterplace__missing_crlf_at_end"),
    *("cmxl__account_balance_credit", "cmxl__account_balance_debit", "cmxl__account_identification_iban"),
    *("cmxl__account_identification_legacy", "cmxl__available_balance", "cmxl__closing_balance", "cmxl__reference"),
    *("cmxl__statement_details", "cmxl__statement_line", "cmxl__statement_number", "self-provided__sparkassen"),
    *("self-provided__account_identification", "self-provided__empty_non_swift", "self-provided__invalid_statement"),
}
"""Files of MT940 that are one or two fields: they name no account, or neither a balance nor a transaction."""
CONTRADICT_THEMSELVES = {
    # shortened or made up by the projects they come from: opening and entries do not give the closing balance
    *("betterplace__sepa_snippet", "betterplace__sepa_snippet_broken", "self-provided__details_60-63"),
    *("self-provided__malformed_details", "self-provided__overly_long_details", "self-provided__raiffeisen-cmi"),
    *("self-provided__whitespace", "camt053.v2.all-balance-types", "camt053.v2.minimal", "camt053.v2.minimal.ultimate"),
    *("camt053.v2.with-party-ids", "camt053.v3", "camt053.v4", "camt053.v8", "053__valid_example_v8"),
    *("053__valid_example_with_debit", "053__valid_example_with_instdamt"),
}
WITHOUT_REPORT = {"camt053.v2.wrong", "052__valid_namespace", "053__valid_namespace", "general__invalid_namespace"}
WITHOUT_MOVEMENT = {"empty": "empty", "test_nosymbol": "no account and no transaction"}


def read(source: str, path: Path) -> WholeFile:
    body = path.read_bytes()
    format_ = file_format(source)
    assert format_.sniff(body[:65536]), path.name
    return decode(format_, body, {name: ANSWERS[name] for name in asked(format_, body)})


def refuse(source: str, path: Path, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        asked(file_format(source), path.read_bytes())
    assert "\n" not in str(caught.value)


def holds(whole: WholeFile, path: Path) -> None:
    """Where a statement has both balances, its transactions lead from one to the other."""
    sums = whole.frames["statements"].select(
        pl.col("opening_amount") + pl.col("transactions_amount") == pl.col("closing_amount")
    )
    assert bool(sums.to_series().all()) == (path.stem not in CONTRADICT_THEMSELVES), path.name


def everything(whole: WholeFile) -> str:
    return "".join(frame.write_csv() for frame in whole.frames.values())


@pytest.mark.corpus
def test_mt940_files_lose_no_line_and_keep_their_balances(corpus: Path) -> None:
    paths = [path for path in sorted(corpus.glob("mt940/*/*")) if path.is_file()]
    assert len(paths) >= 35
    for path in paths:
        if path.stem in PARTS_OF_STATEMENTS:
            refuse("mt940", path, "no account|neither a balance")
            continue
        whole = read("mt940", path)
        text = path.read_bytes().decode("latin-1")
        assert whole.rows_read["bank_transactions"] == len(re.findall(r"^:61:", text, re.MULTILINE)), path.name
        # One line stands behind the end of its statement and belongs to no account.
        assert whole.rejects.height == (path.stem == "self-provided__multiline"), path.name
        holds(whole, path)
        for number in re.findall(r"^:25:(\S{8,})\s*$", text, re.MULTILINE):
            assert number not in everything(whole), path.name


def sums_of(tree: object) -> dict[str, Decimal]:
    """Signed entries of a camt file by currency."""
    found: dict[str, Decimal] = {}
    for entry in tree.iterfind(".//{*}Ntry"):  # type: ignore[attr-defined]
        amount = entry.find("{*}Amt")
        sign = -1 if entry.findtext("{*}CdtDbtInd") == "DBIT" else 1
        found[amount.get("Ccy")] = found.get(amount.get("Ccy"), Decimal(0)) + sign * Decimal(amount.text)
    return found


@pytest.mark.corpus
def test_camt_files_sum_to_their_entries_and_keep_their_balances(corpus: Path) -> None:
    paths = sorted(corpus.glob("camt053/*/*.xml"))
    assert len(paths) >= 35
    for path in paths:
        if path.stem in WITHOUT_REPORT:
            refuse("camt", path, "holds no statement")
            continue
        whole = read("camt", path)
        if path.stem == "golden__camt053_garbled_amount":
            assert whole.rejects["value"].to_list() == ["12..34"]
            continue
        assert whole.rejects.is_empty(), path.name
        tree = parse(path)
        rows = whole.frames["bank_transactions"].group_by("currency_code").agg(pl.col("transaction_amount").sum())
        read_sums: Mapping[str, Decimal] = dict(rows.iter_rows())
        assert read_sums == sums_of(tree), path.name
        assert whole.frames["accounts"].height == len(tree.findall(".//{*}GrpHdr/../{*}*/{*}Acct")), path.name
        holds(whole, path)
        for number in tree.findall(".//{*}Acct/{*}Id/{*}IBAN"):
            assert number.text not in everything(whole), path.name


@pytest.mark.corpus
def test_qif_files_sum_to_what_their_records_say(corpus: Path) -> None:
    paths = sorted(corpus.glob("qif/*/*.qif"))
    assert len(paths) >= 20
    for path in paths:
        if path.stem in WITHOUT_MOVEMENT:
            refuse("qif", path, WITHOUT_MOVEMENT[path.stem])
            continue
        whole = read("qif", path)
        text = path.read_text(encoding="utf-8")
        sections = re.findall(r"^!Type:(?:Bank|Cash|CCard|Oth A)\s*$(.*?)(?=^!|\Z)", text, re.MULTILINE | re.DOTALL)
        written = [
            Decimal(amount.replace(",", ""))
            for part in sections
            for amount in re.findall(r"^T(\S+)", part, re.MULTILINE)
        ]
        openings = whole.frames["balances"].filter(balance_kind="opening")["balance_amount"]
        read_amounts = [*whole.frames["bank_transactions"]["transaction_amount"], *openings]
        assert (len(read_amounts), sum(read_amounts)) == (len(written), sum(written)), path.name
