"""What files can be damaged with: pieces of every format, whole files to start from, and how one attempt is made.

The hypothesis suite and the longer fuzzing (`python -m tests.fuzz.statements`) share it.
"""

from __future__ import annotations

import io
from contextlib import suppress

from file_reading import FIXTURES, decode

from pipelines.sources import registry
from pipelines.sources.source import FileFormat, SourceError

ANSWERS = {"currency": "USD", "date_order": "day-first", "decimal_mark": "point", "account": "Main"}
FOLDERS = {
    "ynab_register": "ynab", "wallet": "wallet", "ofx": "ofx", "mt940": "mt940", "camt": "camt", "qif": "qif",
    "bank_csv": "bank_csv", "ecb_rates": "ecb_rates", "fx_rates_csv": "fx_rates_csv",
    "hisab_csv": "hisab_csv",
    "goodbudget": "goodbudget", "spendee": "spendee", "money_lover": "money_lover", "money_manager": "money_manager",
    "rocket_money": "rocket_money", "mint": "mint", "firefly": "firefly", "actual": "actual",
    "ledger_csv": "ledger_csv",
}  # fmt: skip
HEADS = {
    "ofx": b"<OFX>",
    "mt940": b":20:A\n:25:12345678/1\n:60F:C240101EUR1,\n",
    "camt": b"<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>XX1234567890</IBAN></Id></Acct>",
    "qif": b"!Type:Bank\n",
    "bank_csv": b"Date,Description,Amount,Balance\n",
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
    b"31/12/2025,x,1.50,", b";;;", b",,,\n", b"7-Mar-26", b'="5"', b"Datum", b" Cr", b"\x00\xfe", b"| ",
    b"<", b">", b"&", b'"', b";", b",", b"\n", b"\r", b"\0", b"\xff", b"\xfe\xff", b"1e3", b"(", b"\xe0\xa7",
    b"\n12/31/2024,A,-1.50,8.50\n", b"31.12.2024;A;;1,5\n", b"Dr", b"Date,Description,Amount,Balance\n",
]  # fmt: skip


def whole_files(file_format: FileFormat) -> list[bytes]:
    """Well-formed files of a format."""
    return [path.read_bytes() for path in sorted((FIXTURES / FOLDERS[file_format.source]).iterdir())]


def try_all(file_format: FileFormat, body: bytes) -> None:
    """Recognise and read a file, with and without answers; whatever it is but a SourceError goes on to the caller."""
    file_format.sniff(body)
    with suppress(SourceError):
        file_format.questions(io.BytesIO(body))
    for answers in ({}, ANSWERS):
        with suppress(SourceError):
            decode(file_format, body, answers)
