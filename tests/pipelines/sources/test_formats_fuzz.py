"""Arbitrary and damaged bytes: a format reads them or raises SourceError, nothing else, and it finishes."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from file_reading import FIXTURES, decode
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.sources import registry
from pipelines.sources.source import FileFormat, SourceError

ANSWERS = {"currency": "USD", "date_order": "day-first", "decimal_mark": "point", "account": "Main"}
FOLDERS = {
    "ynab_register": "ynab", "wallet": "wallet", "ofx": "ofx", "mt940": "mt940", "camt": "camt", "qif": "qif",
}  # fmt: skip
HEADS = {
    "ofx": b"<OFX>",
    "mt940": b":20:A\n:25:12345678/1\n:60F:C240101EUR1,\n",
    "camt": b"<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>XX1234567890</IBAN></Id></Acct>",
    "qif": b"!Type:Bank\n",
}
FORMATS = [each for each in registry.file_formats() if each.source in FOLDERS]
PIECES = [
    b"<OFX>", b"</OFX>", b"<STMTRS>", b"<CURDEF>USD", b"<BANKACCTFROM><ACCTID>12345678", b"</STMTTRN>", b"<STMTTRN>",
    b"<TRNAMT>-1,5", b"<DTPOSTED>20250231", b"<FITID>1", b"<!--", b"<![CDATA[", b"<!DOCTYPE", b"&#0;", b"&#x110000;",
    b":25:1\n", b":61:2402300301RCR1,5NMSCA//B\n", b":61:", b":86:166?20SVWZ+A?32B\n", b":62F:D240229EUR9,\n",
    b":NS:15X\n", b":86:/NAME/A/REMI/B\n", b"-}{1:F01}{4:\n", b"-\n", b":90D:1EUR5,\n", b":13D:9913319999\n",
    b"!Type:Invst\n", b"!Account\n", b"^\n", b"D2/30'24\n", b"T1,234.5\n", b"L[A]\n", b"POpening Balance\n", b"$5\n",
    b"SX\n", b"<Ntry>", b"</Ntry>", b'<Amt Ccy="EUR">-1.5</Amt>', b"<CdtDbtInd>DBIT</CdtDbtInd>", b"</Bal>", b"<Bal>",
    b"<NtryDtls><TxDtls>", b"</TxDtls></NtryDtls>", b"<Dt><Dt>2024-02-30</Dt></Dt>", b"</Stmt></BkToCstmrStmt>",
    b"<", b">", b"&", b'"', b";", b",", b"\n", b"\r", b"\0", b"\xff", b"\xfe\xff", b"1e3", b"(", b"\xe0\xa7",
]  # fmt: skip


def try_all(file_format: FileFormat, body: bytes) -> None:
    file_format.sniff(body)
    with suppress(SourceError):
        file_format.questions(io.BytesIO(body))
    for answers in ({}, ANSWERS):
        with suppress(SourceError):
            decode(file_format, body, answers)


@pytest.mark.parametrize("file_format", FORMATS, ids=lambda each: each.source)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_source_errors(file_format: FileFormat, body: bytes) -> None:
    try_all(file_format, body)


@pytest.mark.parametrize("file_format", FORMATS, ids=lambda each: each.source)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files_raise_nothing_but_source_errors(file_format: FileFormat, data: st.DataObject) -> None:
    paths = sorted((FIXTURES / FOLDERS[file_format.source]).iterdir())
    body = data.draw(st.sampled_from(paths)).read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = min(len(body), start + data.draw(st.integers(0, 40)))
        body = body[:start] + data.draw(st.sampled_from([b"", *PIECES])) + body[end:]
    try_all(file_format, body)


@pytest.mark.parametrize("file_format", FORMATS, ids=lambda each: each.source)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_heaps_of_fragments_raise_nothing_but_source_errors(file_format: FileFormat, pieces: list[bytes]) -> None:
    try_all(file_format, HEADS.get(file_format.source, b"") + b"".join(pieces))
