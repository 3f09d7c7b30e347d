"""Days and instants as files write them: read exactly, or refused with a reason."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.conventions import Clues, look_ahead
from pipelines.sources.date_text import DateOrder, date_order_clues, parse_days, parse_instants
from pipelines.sources.money_text import MarkClues, decimal_mark_clues
from pipelines.sources.source import SourceError

DAY, MONTH = DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST


def day_of(text: str | None, order: DateOrder) -> tuple[dt.date | None, str]:
    column = parse_days(pl.Series([text], dtype=pl.String), order)
    reasons = column.refusals["reason"].to_list()
    return column.values[0], reasons[0] if reasons else ""


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2025-07-31", MONTH, (2025, 7, 31)),
        ("2025/7/1", DAY, (2025, 7, 1)),
        ("2025.07.31", MONTH, (2025, 7, 31)),
        ("31/07/2025", DAY, (2025, 7, 31)),
        ("31.07.2025", DAY, (2025, 7, 31)),
        ("31-7-2025", DAY, (2025, 7, 31)),
        ("07/31/2025", MONTH, (2025, 7, 31)),
        ("03/04/2025", DAY, (2025, 4, 3)),
        ("03/04/2025", MONTH, (2025, 3, 4)),
        ("31/07/2025 14:05", DAY, (2025, 7, 31)),
        ("2019-01-31 02:00:49", DAY, (2019, 1, 31)),
        ("2025-07-31T23:59:59.999Z", DAY, (2025, 7, 31)),
        ("2025-08-01T01:00:00+06:00", DAY, (2025, 8, 1)),
        ("২০২৫-০৭-৩১", DAY, (2025, 7, 31)),
        ("٣١/٠٧/٢٠٢٥", DAY, (2025, 7, 31)),
        ("2024-02-29", DAY, (2024, 2, 29)),
    ],
)
def test_a_day_is_read_in_the_files_own_order(text: str, order: DateOrder, day: tuple[int, int, int]) -> None:
    assert day_of(text, order) == (dt.date(*day), "")


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("31/02/2025", DAY, "no such day"),
        ("2025-02-31", DAY, "no such day"),
        ("2025-02-29", DAY, "no such day"),
        ("02/30/2025", MONTH, "no such day"),
        ("32/13/2025", DAY, "no such day"),
        ("07/31/2025", DAY, "does not fit this file, whose dates are day-first"),
        ("31/07/2025", MONTH, "does not fit this file, whose dates are month-first"),
        ("31/07/25", DAY, "two digits"),
        ("1899-12-31", DAY, "between 1900 and 2199"),
        ("31/12/2200", DAY, "between 1900 and 2199"),
        ("Pending", DAY, "not a date"),
        ("20250731", DAY, "not a date"),
        ("2025-07/31", DAY, "not a date"),
        ("2025-07-31x", DAY, "not a date"),
        ("2025-07-31 25:00", DAY, "not a date"),
        ("46217.395833", DAY, "not a date"),
    ],
)
def test_what_is_no_day_is_refused_with_a_reason(text: str, order: DateOrder, reason: str) -> None:
    value, given_reason = day_of(text, order)
    assert value is None
    assert reason in given_reason


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), st.sampled_from("-/."), st.booleans())
def test_every_day_comes_back_as_it_was_written(day: dt.date, mark: str, padded: bool) -> None:
    width = 2 if padded else 1
    d, m, y = f"{day.day:0{width}}", f"{day.month:0{width}}", f"{day.year}"
    assert day_of(mark.join((d, m, y)), DAY) == (day, "")
    assert day_of(mark.join((m, d, y)), MONTH) == (day, "")
    assert day_of(mark.join((y, m, d)), DAY) == (day, "")


@given(st.lists(st.one_of(st.none(), st.text(alphabet="0123456789-/. :TZ", max_size=12)), max_size=5))
def test_a_day_is_read_or_refused_and_never_both_or_neither(texts: list[str | None]) -> None:
    column = parse_days(pl.Series(texts, dtype=pl.String), DAY)
    refused = set(column.refusals["position"])
    for position, text in enumerate(texts):
        assert (column.values[position] is None) == (position in refused or not (text or "").strip())


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-07-31T13:45:00.000Z", "2025-07-31T13:45:00+00:00"),
        ("2025-07-31T13:45:00.123456789Z", "2025-07-31T13:45:00.123456+00:00"),
        ("2025-08-01T01:45:00+06:00", "2025-07-31T19:45:00+00:00"),
        ("2025-08-01 01:45:00 +0600", "2025-07-31T19:45:00+00:00"),
        ("2025-07-31T13:45Z", "2025-07-31T13:45:00+00:00"),
        ("2025-02-31T00:00:00Z", None),
        ("2025-07-31T24:30:00Z", None),
        ("2025-07-31T23:59:60Z", None),
        ("2025-07-31 13:45:00", None),
        ("1800-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("now", None),
    ],
)
def test_an_instant_is_read_in_utc_or_refused(text: str, instant: str | None) -> None:
    for texts in ([text], [text, "junk"], ["2025-07-31T13:45:00.000Z", text]):
        column = parse_instants(pl.Series(texts))
        place = texts.index(text)
        assert column.values[place] == (dt.datetime.fromisoformat(instant) if instant else None)
        assert (place in column.refusals["position"]) == (instant is None)


def clues_of(days: list[str], amounts: list[str]) -> Clues:
    return Clues(
        decimal_mark_clues(pl.Series(amounts, dtype=pl.String)), date_order_clues(pl.Series(days, dtype=pl.String))
    )


@pytest.mark.parametrize(
    ("days", "amounts", "asked"),
    [
        (["31/01/2025", "01/02/2025"], ["1.5", "1,234"], []),
        (["01/31/2025", "01/02/2025"], ["1,5", "1.234"], []),
        (["2025-01-02"], ["5"], []),
        (["06/06/2025"], ["5"], []),
        (["01/02/2025"], ["5"], ["date_order"]),
        (["31/01/2025", "01/31/2025"], ["5"], ["date_order"]),
        (["2025-01-02"], ["1,234", "5,678"], ["decimal_mark"]),
        (["2025-01-02"], ["1,5", "1.5"], ["decimal_mark"]),
        (["01/02/2025"], ["1,234"], ["decimal_mark", "date_order"]),
    ],
)
def test_only_what_the_file_leaves_open_is_asked(days: list[str], amounts: list[str], asked: list[str]) -> None:
    clues = clues_of(days, amounts)
    assert [question.name for question in clues.questions()] == asked
    answers = {"decimal_mark": "comma", "date_order": "day-first"}
    needed = {name: answers[name] for name in asked}
    clues.settle(needed)
    for name in asked:
        with pytest.raises(SourceError, match=name):
            clues.settle({other: needed[other] for other in asked if other != name})


def test_an_answer_wins_over_clues_and_an_unknown_one_is_refused() -> None:
    clues = clues_of(["31/01/2025"], ["1.5"])
    assert clues.settle({"date_order": "month-first"}).order is MONTH
    with pytest.raises(SourceError, match="day-first, month-first"):
        clues.settle({"date_order": "american"})


def test_looking_ahead_stops_at_the_first_clue_and_holds_few_stretches() -> None:
    pulled = []

    def stretches(values: list[str]) -> object:
        for value in values:
            pulled.append(value)
            yield value

    def clues(value: str) -> Clues:
        return Clues(MarkClues(point=int(value == "clue"), unsure=int(value == "open")))

    found, again = look_ahead(stretches(["open", "clue", "rest"]), clues)  # type: ignore[arg-type]
    assert found.settled
    assert pulled == ["open", "clue"]
    assert list(again) == ["open", "clue", "rest"]
    pulled.clear()
    found, _ = look_ahead(stretches(["open"] * 9), clues)  # type: ignore[arg-type]
    assert not found.settled
    assert len(pulled) == 4
