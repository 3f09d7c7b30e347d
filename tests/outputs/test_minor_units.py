"""Minor units are those of ISO 4217, and nothing is rounded that is only written."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.outputs.minor_units import digits_of, exact_text, rounded


@pytest.mark.parametrize(("code", "digits"), [("BDT", 2), ("JPY", 0), ("KWD", 3), ("IQD", 3), ("LBP", 2), ("CLF", 4)])
def test_the_standard_counts_not_daily_use(code: str, digits: int) -> None:
    assert digits_of(code) == digits


AMOUNTS = st.integers(-(10**15), 10**15).map(lambda units: Decimal(units).scaleb(-4))


@given(amount=AMOUNTS, code=st.sampled_from(["BDT", "JPY", "KWD", "CLF", "XXX"]))
def test_amounts_are_rounded_half_away_from_zero_and_written_exactly(amount: Decimal, code: str) -> None:
    frame = pl.DataFrame({"amount": [amount], "code": [code]}, schema={"amount": pl.Decimal(18, 4), "code": pl.String})
    unit = Decimal(1).scaleb(-digits_of(code))
    one = frame.select(rounded(pl.col("amount"), pl.col("code"))).item()
    assert one == amount.quantize(unit, rounding=ROUND_HALF_UP)
    text = frame.select(exact_text(pl.col("amount"), pl.col("code"))).item()
    assert Decimal(text) == amount
    assert -int(Decimal(text).as_tuple().exponent) >= digits_of(code)
