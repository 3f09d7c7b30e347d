"""Real OFX files of other projects: every sum checked by a second way, or one clear message."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from file_reading import asked, decode

from pipelines.sources.source import SourceError
from pipelines.sources.statements.ofx import FORMAT

MESSAGES = {
    "bank_small.ofx": "holds no statement",
    "error_message.ofx": "error 2000",
    "signon_fail.ofx": "error 15500",
    "signon_success.ofx": "holds no statement",
    "signon_success_no_message.ofx": "holds no statement",
}
SET_ASIDE = {"fail_nice__date_missing.ofx": 3, "fail_nice__decimal_error.ofx": 1}
"""Transactions that cannot be read; in all other files every one is."""


def real_files(corpus: Path) -> list[Path]:
    return sorted([*corpus.glob("ofx/*/*.[oq]fx"), *corpus.glob("actual/mocks/*.[oq]fx")])


def leaves(text: str, tag: str) -> list[str]:
    """Texts of an element, found without any parser."""
    return [value.strip() for value in re.findall(rf"<{tag}>([^<\r\n]+)", text) if value.strip()]


@pytest.mark.corpus
def test_every_real_file_gives_its_rows_and_sums_or_one_clear_message(corpus: Path) -> None:
    files = real_files(corpus)
    assert len(files) >= 25
    for path in files:
        body = path.read_bytes()
        assert FORMAT.sniff(body[:65536]), path.name
        if path.name in MESSAGES:
            with pytest.raises(SourceError, match=MESSAGES[path.name]):
                asked(FORMAT, body)
            continue
        assert asked(FORMAT, body) == [], path.name
        whole = decode(FORMAT, body)
        text = body.decode("cp1252")
        written = [Decimal(amount) for amount in leaves(text, "TRNAMT") if amount != "$120"]
        unread = whole.rejects["column"].is_in(["DTPOSTED", "TRNAMT"]).sum()
        assert unread == SET_ASIDE.get(path.name, 0), path.name
        if not unread:
            read = whole.frames["bank_transactions"]["transaction_amount"].to_list()
            assert (len(read), sum(read)) == (len(written), sum(written)), path.name
        balances = [Decimal(amount) for amount in leaves(text, "BALAMT") + leaves(text, "AVAILCASH")]
        assert sum(whole.frames["balances"]["balance_amount"]) == sum(balances), path.name
        for number in leaves(text, "ACCTID"):
            everything = "".join(frame.write_csv() for frame in whole.frames.values())
            assert number not in everything, path.name
