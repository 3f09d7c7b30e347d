"""Hostile files through the real decoding process: one clear line or their rows, soon and in bounded memory."""

from __future__ import annotations

import os
import re
import resource
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from written_files import WALLET_HEAD

from pipelines.ingest import decoding
from pipelines.ingest.decoding import Decoder, Rejects, Rows
from pipelines.sources.source import SourceError

MT940 = b":20:A\n:25:12345678/1\n:60F:C240101EUR1,\n"
LINE = b":61:240101C1,NMSC\n:86:"
CAMT = b"<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>XX1234567890</IBAN></Id><Ccy>EUR</Ccy></Acct>"
ENTRY = (
    b'<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2024-01-01</Dt></BookgDt>'
    b"<NtryDtls><TxDtls><RmtInf>%b</RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
)
OFX = b"<OFX><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>12345678</BANKACCTFROM>"
QIF = b"!Type:Bank\nD1/13/2024\nT1.00\n"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)
YNAB = (
    b'"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow","Inflow"\n'
)
WALLET = WALLET_HEAD.encode()
ENDLESS, ENTITIES, DEEP = "never ends", "entities of its own", "nested deeper"

REFUSED = {
    "camt: billion laughs": (LAUGHS + CAMT + ENTRY % b"<Ustrd>&j;</Ustrd>", ENTITIES),
    "ofx: billion laughs": (LAUGHS + OFX + b"<STMTTRN><NAME>&j;</STMTTRN></STMTRS></OFX>", ENTITIES),
    "camt: deep nesting": (CAMT + b"<a>" * 1_000_000, DEEP),
    "ofx: deep nesting": (OFX + b"<BAL>" * 500_000 + b"</FI>" * 500_000, DEEP),
    "camt: an attribute of 30 MB": (CAMT + b"<X y='" + b"a" * 30_000_000, ENDLESS),
    "ofx: comments in comments": (OFX + b"<!--" * 5_000_000, ENDLESS),
    "mt940: a field of 20 MB": (MT940 + LINE + b"text\n" * 4_000_000, ENDLESS),
    "mt940: no account, a million lines": (MT940.replace(b":25:", b":21:") + (LINE + b"\n") * 1_000_000, "no account"),
    "qif: a record of a million fields": (QIF + b"Mtext\n" * 1_000_000, ENDLESS),
    "ynab: a quote over everything": (YNAB + b'"' + b"a,b\n" * 5_000_000, "never closed"),
}
READ = {
    "mt940: a megabyte of spaces": (MT940 + LINE + b" " * 1_000_000 + b"x\n", 1),
    "mt940: a word with a megabyte behind it": (MT940 + LINE + b"OAMT+" + b" " * 1_000_000 + b"x\n", 1),
    "mt940: 300,000 texts of one statement": (MT940 + b":86:text\n" * 300_000 + LINE + b"x\n", 1),
    "mt940: 100,000 texts of one line": (MT940 + LINE + b"x\n" + b":86:%b\n" % (b"text" * 20) * 100_000, 1),
    "mt940: 200,000 subfields": (MT940 + LINE + b"166?20a" + b"?20a" * 200_000 + b"\n", 1),
    "mt940: 100,000 balances": (MT940 + LINE + b"x\n" + b":65:C240101EUR1,\n" * 100_000, 1),
    "camt: 100,000 lines of purpose": (CAMT + ENTRY % (b"<Ustrd>a line</Ustrd>" * 100_000), 1),
    "ofx: one id for every transaction": (
        OFX
        + b"".join(b"<STMTTRN><DTPOSTED>20240101<TRNAMT>-1<FITID>0<NAME>%d</STMTTRN>" % n for n in range(40_000))
        + b"</STMTRS></OFX>",
        40_000,
    ),
}
HEADS = {"mt940": MT940 + LINE, "camt": CAMT, "ofx": OFX + b"<STMTTRN><NAME>", "qif": QIF + b"P", "wallet": WALLET}
HEADS["bank_csv"] = b"Date,Description,Amount,Balance\n"
ANSWERS = {"currency": "USD", "date_order": "month-first", "decimal_mark": "point", "account": "Main"}
LONGEST_SECONDS = 30
"""A bound for a loaded machine; each takes a few seconds. What is quadratic in any of them takes minutes."""
MOST_MEGABYTES = 1000


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as made:
        made.warm()
        yield made


def rows_of(decoder: Decoder, path: Path) -> int:
    """Transactions and set-aside rows of a file, as `hisab import` reads it; holds time and memory to their bounds."""
    begun = time.monotonic()
    try:
        recognised = decoder.inspect(path)
        answers = {question.name: ANSWERS[question.name] for question in recognised.questions}
        pieces = list(decoder.preview(path, recognised.source, answers))
    finally:
        assert time.monotonic() - begun < LONGEST_SECONDS
        assert peak_megabytes(decoder) < MOST_MEGABYTES
    merged = sum(len(piece.table) for piece in pieces if isinstance(piece, Rows) and piece.kind == "bank_transactions")
    return merged + sum(len(piece.table) for piece in pieces if isinstance(piece, Rejects))


def peak_megabytes(decoder: Decoder) -> int:
    """What the decoding process held at most; nothing when it was ended."""
    return int(re.findall(r"VmHWM:\s+(\d+)", _status(decoder))[0]) // 1024 if decoder._process else 0


def _process_of(decoder: Decoder) -> int:
    assert decoder._process is not None
    return decoder._process.pid


def _status(decoder: Decoder) -> str:
    return Path(f"/proc/{_process_of(decoder)}/status").read_text(encoding="ascii")


def refusal(decoder: Decoder, path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        rows_of(decoder, path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("body", "why"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_file_ends_in_one_clear_line(decoder: Decoder, tmp_path: Path, body: bytes, why: str) -> None:
    path = tmp_path / "statement.sta"
    path.write_bytes(body)
    assert why in refusal(decoder, path)


@pytest.mark.parametrize(("body", "rows"), READ.values(), ids=READ)
def test_a_file_made_to_take_long_is_read_soon(decoder: Decoder, tmp_path: Path, body: bytes, rows: int) -> None:
    path = tmp_path / "statement.sta"
    path.write_bytes(body)
    assert rows_of(decoder, path) == rows


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_line_of_200_megabytes_is_refused(decoder: Decoder, tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "statement.sta"
    with path.open("wb") as file:
        file.write(head)
        for _ in range(20):
            file.write(b"a" * 10_000_000)
    assert re.search("never (ends|closed)", refusal(decoder, path))
    path.unlink()


def test_a_zip_bomb_named_like_a_statement_is_not_unpacked(decoder: Decoder, tmp_path: Path) -> None:
    bomb = tmp_path / "statement.sta"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("statement.sta", b"0" * 50_000_000)
    assert "ZIP archive" in refusal(decoder, bomb)


def test_a_file_that_needs_too_much_memory_ends_in_one_clear_line(decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "statement.qif"
    path.write_bytes(QIF + (b"M" + b"a" * 100_000 + b"\n") * 5_000)
    decoder.inspect(_good(tmp_path))
    held = int(re.findall(r"VmData:\s+(\d+)", _status(decoder))[0]) * 1024
    resource.prlimit(_process_of(decoder), resource.RLIMIT_DATA, (held + 100_000_000, held + 100_000_000))
    assert re.search("more memory|limits of memory", refusal(decoder, path))


def test_a_process_that_falls_silent_is_ended(
    decoder: Decoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _good(tmp_path)
    decoder.inspect(path)
    silent = _process_of(decoder)
    os.kill(silent, signal.SIGSTOP)
    monkeypatch.setattr(decoding, "SILENCE_SECONDS", 0.2)
    assert "limits of memory and time" in refusal(decoder, path)
    assert not Path(f"/proc/{silent}").exists()


def test_a_good_file_is_read_after_all_of_them(decoder: Decoder, tmp_path: Path) -> None:
    assert rows_of(decoder, _good(tmp_path)) == 1


def _good(folder: Path) -> Path:
    path = folder / "good.sta"
    path.write_bytes(MT940 + LINE + b"Rent\n")
    return path
