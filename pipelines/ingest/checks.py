"""The check of a decoded batch: a Great Expectations suite made from the record kind, before anything is merged.

Every expectation of a suite judges one value of one column, so its verdict on a batch is its verdict on the distinct
values of that column. The suite therefore runs over the distinct values (a column that only must not be empty shows
one value and one gap, a column of dates its first, its last and a gap; all of them once one of these fails), and rows
are set aside by the values that failed: the answer is exact and its cost follows the variety of the data, not its
length. What passed once in this process is not asked about again. Great Expectations takes seconds to import and is
imported on first use.
"""

from __future__ import annotations

import datetime as dt
import logging
import sys
from dataclasses import dataclass
from functools import cached_property
from importlib.util import LazyLoader, find_spec, module_from_spec
from typing import Any

import polars as pl

from pipelines.sources.source import REJECT_SCHEMA
from warehouse.record_kinds import KINDS
from warehouse.schema_renderings import expectations

_NOT_NULL = "expect_column_values_to_not_be_null"
_BETWEEN = "expect_column_values_to_be_between"

_PRESENT = "a value"
"""Stands for any value of a column that only must not be empty."""

_CURES = {
    _NOT_NULL: ("the value is missing", "fill it in at the source and read it again"),
    "expect_column_values_to_be_in_set": ("the value is not one of the known ones", "correct it at the source"),
    "expect_column_values_to_match_regex": ("the value does not have the right form", "correct it at the source"),
    _BETWEEN: ("the date is outside 1900 to 2199", "correct the date at the source"),
}
"""Reason and cure per expectation type, in words for people."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    Attributes:
        passed: The rows that keep every rule.
        rejects: The rest, as REJECT_SCHEMA; one line per row, its first broken rule.
        broken: Expectation and column of every rule that some row broke.
    """

    passed: pl.DataFrame
    rejects: pl.DataFrame
    broken: tuple[str, ...]


class Checker:
    """Runs the suites of all record kinds; one per decoding process."""

    def __init__(self) -> None:
        """Know no good value yet."""
        self._good: dict[tuple[str, str], set[Any]] = {}

    @cached_property
    def _engine(self) -> tuple[Any, Any]:
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        _put_off("scipy", "stats")  # a quarter of the import, for an expectation that no kind has
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("batches").add_dataframe_asset("batch")
        return gx, asset.add_batch_definition_whole_dataframe("whole")

    def warm(self) -> None:
        """Import the library now, while somebody else has work to do."""
        _ = self._engine

    def check(self, kind: str, frame: pl.DataFrame) -> Verdict:
        """Split a decoded batch into rows that keep the kind's rules and rows that do not."""
        rules = expectations(KINDS[kind])
        if frame.is_empty() or not rules:
            return Verdict(frame, pl.DataFrame(schema=REJECT_SCHEMA), ())
        failures = self._new_failures(kind, rules, frame)
        bad = [
            frame.filter(_breaks(rule, values)).select(
                pl.lit(kind).alias("kind"),
                "row_no",
                pl.lit(rule["kwargs"]["column"]).alias("column"),
                pl.col(rule["kwargs"]["column"]).cast(pl.String).alias("value"),
                pl.lit(_CURES[rule["type"]][0]).alias("reason"),
                pl.lit(_CURES[rule["type"]][1]).alias("cure"),
            )
            for rule, values in failures
        ]
        if not bad:
            return Verdict(frame, pl.DataFrame(schema=REJECT_SCHEMA), ())
        rejects = pl.concat(bad).unique("row_no", keep="first", maintain_order=True).cast(pl.Schema(REJECT_SCHEMA))
        passed = frame.join(rejects.select("row_no"), on="row_no", how="anti", maintain_order="left")
        return Verdict(passed, rejects, tuple(f"{rule['type']}({rule['kwargs']['column']})" for rule, _ in failures))

    def _new_failures(
        self, kind: str, rules: list[dict[str, Any]], frame: pl.DataFrame
    ) -> list[tuple[dict[str, Any], list[Any]]]:
        """What breaks a rule among the values that were not found good before."""
        fresh = {
            name: [value for value in column if not _within(value, self._good.get((kind, name), set()))]
            for name, column in _telling_values(rules, frame).items()
        }
        asked = [rule for rule in rules if fresh[rule["kwargs"]["column"]]]
        if not asked:
            return []
        failures = self._failures(asked, _side_by_side(fresh, frame.schema))
        broken = {rule["kwargs"]["column"] for rule, _ in failures}
        for name, column in fresh.items():
            if name not in broken:
                self._good.setdefault((kind, name), set()).update(column)
        dated = {rule["kwargs"]["column"] for rule, _ in failures if rule["type"] == _BETWEEN}
        if dated:  # its outermost dates stood for the rest
            fresh |= {name: frame.get_column(name).unique().to_list() for name in dated}
            again = {name: fresh[name] for name in broken}
            failures = self._failures([rule for rule, _ in failures], _side_by_side(again, frame.schema))
        return failures

    def _failures(self, rules: list[dict[str, Any]], values: pl.DataFrame) -> list[tuple[dict[str, Any], list[Any]]]:
        gx, batch_definition = self._engine
        suite = gx.ExpectationSuite(name="kind")
        for rule in rules:
            suite.add_expectation_configuration(_configuration(rule))
        batch = batch_definition.get_batch(
            batch_parameters={"dataframe": values.to_pandas(use_pyarrow_extension_array=True)}
        )
        result = batch.validate(suite, result_format="COMPLETE")
        return _failed(rules, result)


def _put_off(package: str, part: str) -> None:
    """Let a part of a package be read when it is first used, not when it is imported."""
    spec = find_spec(f"{package}.{part}")
    if spec is None or spec.loader is None or spec.name in sys.modules:
        return
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    setattr(sys.modules[package], part, module)


def _configuration(rule: dict[str, Any]) -> Any:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    return ExpectationConfiguration(**rule)


def _failed(rules: list[dict[str, Any]], result: Any) -> list[tuple[dict[str, Any], list[Any]]]:
    by_rule = {(rule["type"], rule["kwargs"]["column"]): rule for rule in rules}
    failures = []
    for outcome in result.results:
        if outcome.success:
            continue
        rule = by_rule[outcome.expectation_config.type, outcome.expectation_config.kwargs["column"]]
        if outcome.exception_info and outcome.exception_info.get("raised_exception"):
            raise RuntimeError(f"the rule {rule['type']} on {rule['kwargs']['column']} could not be run")
        failures.append((rule, list(outcome.result.get("unexpected_list", []))))
    return failures


def _breaks(rule: dict[str, Any], values: list[Any]) -> pl.Expr:
    column = pl.col(rule["kwargs"]["column"])
    if rule["type"] == _NOT_NULL:
        return column.is_null()
    return column.cast(pl.String).is_in([str(value)[:10] if hasattr(value, "year") else str(value) for value in values])


def _within(value: Any, good: set[Any]) -> bool:
    """Whether a value is among good ones, or a date between two of them."""
    dates = [each for each in good if isinstance(each, dt.date)]
    return value in good or (isinstance(value, dt.date) and bool(dates) and min(dates) <= value <= max(dates))


def _telling_values(rules: list[dict[str, Any]], frame: pl.DataFrame) -> dict[str, list[Any]]:
    """Per checked column the values whose verdicts are those of the whole column.

    All distinct values; the outermost dates where dates must lie in a range; a value where one must only be there;
    each with a gap, where there is one.
    """
    types: dict[str, set[str]] = {}
    for rule in rules:
        types.setdefault(rule["kwargs"]["column"], set()).add(rule["type"])
    columns: dict[str, list[Any]] = {}
    for name, asked in types.items():
        column = frame.get_column(name)
        if not asked <= {_NOT_NULL, _BETWEEN}:
            columns[name] = column.unique().to_list()
            continue
        present = column.null_count() < len(column)
        ends = list(dict.fromkeys([column.min(), column.max()])) if _BETWEEN in asked else [_PRESENT]
        columns[name] = (ends if present else []) + ([None] if column.null_count() else [])
    return columns


def _side_by_side(columns: dict[str, list[Any]], schema: pl.Schema) -> pl.DataFrame:
    """The values as one frame; shorter columns repeat their first value."""
    columns = {name: values for name, values in columns.items() if values}
    height = max(len(values) for values in columns.values())
    return pl.DataFrame(
        [
            pl.Series(
                name,
                values + [values[0]] * (height - len(values)),
                dtype=pl.String() if _PRESENT in values else schema[name],
            )
            for name, values in columns.items()
        ]
    )
