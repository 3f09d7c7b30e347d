"""Backups of Money Manager for the tests: the tables of an Android phone, and those of an iPhone."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping

ANDROID = """
CREATE TABLE INOUTCOME (AID INTEGER PRIMARY KEY, uid TEXT, assetUid TEXT, toAssetUid TEXT, ctgUid TEXT,
  currencyUid TEXT, DO_TYPE VARCHAR, WDATE VARCHAR, ZDATE VARCHAR, UTIME INTEGER, AMOUNT_ACCOUNT REAL, ZMONEY VARCHAR,
  IN_ZMONEY VARCHAR, ZCONTENT VARCHAR, ZDATA VARCHAR, IS_DEL INTEGER, txUidTrans TEXT, txUidFee TEXT);
CREATE TABLE ASSETS (ID INTEGER PRIMARY KEY, uid TEXT, NIC_NAME VARCHAR, groupUid TEXT, currencyUid TEXT,
  ZDATA VARCHAR);
CREATE TABLE ASSETGROUP (DEVICE_ID INTEGER PRIMARY KEY, uid TEXT, ACC_GROUP_NAME VARCHAR, TYPE INTEGER);
CREATE TABLE ZCATEGORY (ID INTEGER PRIMARY KEY, uid TEXT, NAME VARCHAR, TYPE INTEGER, pUid TEXT, C_IS_DEL INTEGER);
CREATE TABLE CURRENCY (ID INTEGER PRIMARY KEY, uid TEXT, ISO VARCHAR, SYMBOL VARCHAR, IS_MAIN_CURRENCY INTEGER);
INSERT INTO CURRENCY (uid, ISO, SYMBOL, IS_MAIN_CURRENCY) VALUES ('BDT_BDT','BDT','৳',1), ('BDT_USD','USD','$',0);
INSERT INTO ASSETGROUP (uid, ACC_GROUP_NAME, TYPE) VALUES ('g-cash','Cash',11), ('g-bank','আমার ব্যাংক',1);
INSERT INTO ASSETS (uid, NIC_NAME, groupUid, currencyUid, ZDATA) VALUES ('a1','Wallet','g-cash','BDT_BDT','0'),
  ('a2','Bank','g-bank','BDT_BDT','0'), ('a3','Payoneer','g-bank','BDT_USD','0'),
  ('a9','Closed','g-bank','BDT_BDT','1');
INSERT INTO ZCATEGORY (uid, NAME, TYPE, pUid) VALUES ('c-food','Food',1,'0'), ('c-out','Eating out',1,'c-food'),
  ('c-pay','Salary',0,'0'), ('c-food','Food money',0,'0');
"""
IPHONE = """
CREATE TABLE ZINOUTCOME (Z_PK INTEGER PRIMARY KEY, ZUID VARCHAR, ZASSETUID VARCHAR, ZTOASSETUID VARCHAR,
  ZCATEGORYUID VARCHAR, ZCURRENCYUID VARCHAR, ZDO_TYPE VARCHAR, ZTXDATESTR VARCHAR, ZDATE TIMESTAMP, ZAMOUNT FLOAT,
  ZAMOUNTACCOUNT FLOAT, ZCONTENT VARCHAR, ZMEMO VARCHAR, ZISDEL INTEGER, ZTXUIDTRANS VARCHAR);
CREATE TABLE ZASSET (Z_PK INTEGER PRIMARY KEY, ZUID VARCHAR, ZNICNAME VARCHAR, ZGROUPUID VARCHAR, ZCURRENCYUID VARCHAR,
  ZISDEL INTEGER);
CREATE TABLE ZASSETGROUP (Z_PK INTEGER PRIMARY KEY, ZUID VARCHAR, ZASSETGROUPNAME VARCHAR);
CREATE TABLE ZCATEGORY (Z_PK INTEGER PRIMARY KEY, ZUID VARCHAR, ZNAME VARCHAR, ZDOTYPE INTEGER, ZPUID VARCHAR);
INSERT INTO ZASSETGROUP (ZUID, ZASSETGROUPNAME) VALUES ('G','Efectivo');
INSERT INTO ZASSET (ZUID, ZNICNAME, ZGROUPUID, ZCURRENCYUID, ZISDEL) VALUES ('A','Bolsa','G','EUR_EUR',0);
INSERT INTO ZCATEGORY (ZUID, ZNAME, ZDOTYPE, ZPUID) VALUES ('C','Comida',1,'0');
"""
NINE = 1_757_757_600_000
"""13 September 2025, 10:00 UTC, in milliseconds."""
_ANDROID_ROW: Mapping[str, object] = {
    "toAssetUid": "",
    "ctgUid": "",
    "currencyUid": "BDT_BDT",
    "WDATE": "2025-09-13",
    "ZDATE": str(NINE),
    "ZCONTENT": "",
    "ZDATA": "",
    "IS_DEL": 0,
    "txUidTrans": "",
    "txUidFee": "",
}
_IPHONE_ROW: Mapping[str, object] = {
    "ZTXDATESTR": "2025-09-13",
    "ZDATE": 779_450_400.0,
    "ZISDEL": 0,
    "ZCURRENCYUID": "EUR_EUR",
}
LEDGER: tuple[Mapping[str, object], ...] = (
    {"uid": "t0", "DO_TYPE": "7", "assetUid": "a2", "AMOUNT_ACCOUNT": 1000.0, "ctgUid": "-4", "ZCONTENT": "Difference"},
    {"uid": "t1", "DO_TYPE": "0", "assetUid": "a2", "AMOUNT_ACCOUNT": 52000.5, "ctgUid": "c-pay", "ZCONTENT": "বেতন"},
    {"uid": "t2", "DO_TYPE": "1", "assetUid": "a1", "AMOUNT_ACCOUNT": 12.5, "ctgUid": "c-out", "ZDATA": "with Karim"},
    {"uid": "t3", "DO_TYPE": "3", "assetUid": "a2", "toAssetUid": "a1", "AMOUNT_ACCOUNT": 200.0, "txUidTrans": "x1"},
    {"uid": "t4", "DO_TYPE": "4", "assetUid": "a1", "toAssetUid": "a2", "AMOUNT_ACCOUNT": 200.0, "txUidTrans": "x1"},
    {"uid": "t5", "DO_TYPE": "3", "assetUid": "a2", "toAssetUid": "a3", "AMOUNT_ACCOUNT": 1220.0, "txUidTrans": "x2"},
    {"uid": "t6", "DO_TYPE": "4", "assetUid": "a3", "toAssetUid": "a2", "AMOUNT_ACCOUNT": 10.0, "txUidTrans": "x2"},
    {"uid": "t7", "DO_TYPE": "1", "assetUid": "a1", "AMOUNT_ACCOUNT": 999.0, "ctgUid": "c-food", "IS_DEL": 1},
    {"uid": "t8", "DO_TYPE": "8", "assetUid": "a1", "AMOUNT_ACCOUNT": 5.0, "ctgUid": "-4"},
    {
        "uid": "t9",
        "DO_TYPE": "1",
        "assetUid": "a1",
        "AMOUNT_ACCOUNT": 1220.123456789,
        "ctgUid": "c-food",
        "currencyUid": "BDT_USD",
        "IN_ZMONEY": "10.0",
    },
)
"""One row of every type: a correction each way, income, spending, transfers within and between currencies."""


def backup(rows: Iterable[Mapping[str, object]] = LEDGER, schema: str = ANDROID, *, zipped: bool = False) -> bytes:
    """A backup with these rows; what a row does not say is as the app leaves it."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(schema)
    table, base = ("INOUTCOME", _ANDROID_ROW) if schema == ANDROID else ("ZINOUTCOME", _IPHONE_ROW)
    for row in rows:
        cells = {**base, **row}
        marks = ", ".join("?" for _ in cells)
        connection.execute(f"INSERT INTO {table} ({', '.join(cells)}) VALUES ({marks})", list(cells.values()))
    connection.commit()
    raw = connection.serialize()
    connection.close()
    if not zipped:
        return raw
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MM.sqlite", raw)
    return packed.getvalue()
