"""Exchange rates: the central bank's two files, a bank's tables, and a rate typed in."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest
from file_reading import FIXTURES, asked, decode
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources import registry
from pipelines.sources.money_text import DecimalMark
from pipelines.sources.rates.ecb import FORMAT as ECB
from pipelines.sources.rates.ecb import RATE_SOURCE
from pipelines.sources.rates.hand_rates import FORMAT as BY_HAND
from pipelines.sources.rates.hand_rates import hand_rate
from pipelines.sources.rates.rate_text import parse_rates
from pipelines.sources.rates.rates_csv import FORMAT as RATES
from pipelines.sources.source import SourceError

PAIR = ("rate_date", "base_currency_code", "quote_currency_code", "quote_rate", "rate_kind", "rate_source")
MAY = dt.date(2026, 5, 1)


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def test_the_history_of_the_european_central_bank_gives_each_currency_against_the_euro() -> None:
    body = fixture("ecb_rates/history.csv")
    assert ECB.sniff(body)
    assert asked(ECB, body) == []
    whole = decode(ECB, body)
    assert whole.rejects.is_empty()
    rates = {row[:3]: row[3:] for row in whole.rows("fx_rates", *PAIR)}
    assert len(rates) == 12
    assert rates[MAY, "EUR", "JPY"] == (Decimal("169.5"), "reference", RATE_SOURCE)
    assert rates[dt.date(1999, 1, 4), "EUR", "CYP"][0] == Decimal("0.58231")
    assert (MAY, "EUR", "CYP") not in rates
    keys = whole.frames["fx_rates"]["record_id"]
    assert keys.n_unique() == 12
    assert f"2026-05-01/EUR/USD/reference/{RATE_SOURCE}" in keys


def test_the_daily_file_has_spaces_and_a_month_by_name() -> None:
    body = fixture("ecb_rates/daily.csv")
    assert ECB.sniff(body)
    whole = decode(ECB, body)
    assert whole.rows("fx_rates", *PAIR[:4]) == [
        (dt.date(2026, 11, 20), "EUR", code, Decimal(rate))
        for code, rate in (("USD", "1.0856"), ("JPY", "169.31"), ("BGN", "1.9558"), ("GBP", "0.83345"))
    ]


def test_a_bad_cell_of_the_history_costs_its_own_rate_only() -> None:
    whole = decode(ECB, b"Date,USD,JPY,\n2026-05-01,one,169.5,\n2026-02-30,1.1,1.2,\n2026-05-04,0,1.2,\n")
    assert whole.rows("fx_rates", "row_no", "quote_currency_code") == [(2, "JPY"), (4, "JPY")]
    assert whole.rejects.select("row_no", "column").rows() == [(2, "USD"), (3, "Date"), (3, "Date"), (4, "USD")]


def test_a_bank_that_lists_buying_and_selling_leaves_the_rest_to_the_person() -> None:
    body = fixture("fx_rates_csv/two-way.csv")
    assert asked(RATES, body) == ["home_currency", "rate_date", "rate_source"]
    answers = {"home_currency": "BDT", "rate_date": "2026-05-01", "rate_source": "Bangladesh Bank"}
    whole = decode(RATES, body, answers)
    assert sorted(whole.rows("fx_rates", *PAIR)) == sorted(
        (MAY, code, "BDT", Decimal(rate), kind, "Bangladesh Bank")
        for code, rate, kind in (
            ("USD", "121.5", "buying"),
            ("JPY", "0.781", "buying"),
            ("EUR", "131.9025", "buying"),
            ("USD", "122.5", "selling"),
            ("JPY", "0.7925", "selling"),
        )
    )
    assert json.loads(whole.frames["fx_rates"]["extra"][1]) == {"Unit": "100"}
    with pytest.raises(SourceError, match="home_currency"):
        decode(RATES, body, {})


def test_pairs_that_say_everything_are_read_without_a_question() -> None:
    body = fixture("fx_rates_csv/pairs.csv")
    assert asked(RATES, body) == []
    assert decode(RATES, body).rows("fx_rates", *PAIR) == [
        (MAY, "USD", "BDT", Decimal("121.5"), "mid", "Bangladesh Bank"),
        (MAY, "KWD", "BDT", Decimal("1395.25"), "mid", "Bangladesh Bank"),
    ]


def test_a_column_per_currency_asks_which_way_round_it_is() -> None:
    body = fixture("fx_rates_csv/wide.csv")
    assert not ECB.sniff(body)
    assert asked(RATES, body) == ["home_currency", "direction", "rate_kind", "rate_source"]
    said = {"home_currency": "BDT", "rate_kind": "reference", "rate_source": "a bank"}
    one_way = decode(RATES, body, {**said, "direction": "one-foreign"})
    other_way = decode(RATES, body, {**said, "direction": "one-home"})
    assert (MAY, "USD", "BDT", Decimal("121.5")) in one_way.rows("fx_rates", *PAIR[:4])
    assert (MAY, "BDT", "USD", Decimal("121.5")) in other_way.rows("fx_rates", *PAIR[:4])
    assert one_way.rows_read == {"fx_rates": 5}


def test_the_central_banks_own_long_table_is_read_by_its_words() -> None:
    body = b"KEY,FREQ,CURRENCY,CURRENCY_DENOM,TIME_PERIOD,OBS_VALUE\nEXR.D.USD.EUR.SP00.A,D,USD,EUR,2026-05-04,1.0856\n"
    whole = decode(RATES, body, {"rate_kind": "reference", "rate_source": "ECB Data Portal"})
    assert whole.rows("fx_rates", *PAIR[:4]) == [(dt.date(2026, 5, 4), "EUR", "USD", Decimal("1.0856"))]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2026-05-01,USD,USD,1,mid,x", "base"),
        ("2026-05-01,dollar,BDT,1,mid,x", "base"),
        ("2026-05-01,USD,BDT,-1,mid,x", "rate"),
        ("2026-05-01,USD,BDT,1e2,mid,x", "rate"),
        ("2026-05-01,USD,BDT,121.5,haggled,x", "kind"),
        ("2026-05-01,USD,BDT,121.5,mid,", "source"),
        (",USD,BDT,121.5,mid,x", "date"),
    ],
)
def test_a_row_that_cannot_be_cited_or_computed_with_is_set_aside(row: str, column: str) -> None:
    whole = decode(RATES, f"date,base,quote,rate,kind,source\n{row}\n".encode())
    assert whole.frames["fx_rates"].is_empty()
    assert whole.rejects["column"].to_list() == [column]
    assert all(whole.rejects["cure"])


@pytest.mark.parametrize(
    "header",
    [
        b"Date,Wallet,Type,Category name,Amount,Currency,Note,Exchange Rate\n",
        b"Date,Description,Amount,Currency\n",
        b"Date,USD amount\n",
        b"currency,code\n",
        b"Date,Rate\n",
    ],
)
def test_tables_of_money_that_moved_are_no_tables_of_rates(header: bytes) -> None:
    assert not RATES.sniff(header)


def test_a_rate_by_hand_reads_back_as_it_was_said() -> None:
    body = hand_rate(MAY, "USD", "BDT", "121.50", 'Bangladesh Bank, "mid"\nপাতা ২')
    assert not BY_HAND.sniff(body)
    assert decode(BY_HAND, body).rows("fx_rates", *PAIR) == [
        (MAY, "USD", "BDT", Decimal("121.5"), "by_hand", 'Bangladesh Bank, "mid"\nপাতা ২')
    ]
    assert registry.file_format("hand_rates") is BY_HAND


@given(rate=st.decimals(min_value="0.000000000001", max_value="9999999999999999", places=12), comma=st.booleans())
def test_any_rate_is_read_to_its_last_digit(rate: Decimal, *, comma: bool) -> None:
    mark = DecimalMark.COMMA if comma else DecimalMark.POINT
    text = format(rate, "f").replace(".", mark.sign)
    read = parse_rates(pl.Series([text]), mark)
    assert read.refusals.is_empty()
    assert read.values.to_list() == [rate]
