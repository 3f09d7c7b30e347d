from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.spec import DashboardError
from dashboards.sql_template import bound, marks, with_nulls

SQL = "select {{currency}} as c [[, cast({{ party }} as varchar) as p]]"


def test_an_optional_part_falls_away_when_its_filter_is_not_set() -> None:
    assert bound(SQL, {"currency": "BDT", "party": None}) == ("select $currency as c ", {"currency": "BDT"})
    statement, values = bound(SQL, {"currency": "BDT", "party": "x"})
    assert statement == "select $currency as c , cast($party as varchar) as p"
    assert values == {"currency": "BDT", "party": "x"}


def test_a_filter_outside_an_optional_part_must_have_a_value() -> None:
    with pytest.raises(DashboardError, match=r"\{\{currency\}\} has no value"):
        bound(SQL, {"party": "x"})


def test_reading_a_statement_keeps_every_part() -> None:
    assert marks(SQL) == {"currency", "party"}
    assert with_nulls(SQL) == "select null as c , cast(null as varchar) as p"


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_whatever_is_chosen_stays_a_value(chosen: str) -> None:
    statement, values = bound(SQL, {"currency": chosen, "party": chosen})
    assert duckdb.execute(statement, values).fetchall() == [(chosen, chosen)]
