"""The check of a decoded batch: a Great Expectations suite made from the record kind, before anything is merged.

Every expectation of a suite judges one value of one column, so its verdict on a batch is its verdict on the distinct
values of that column. The suite therefore runs over the distinct values (a column that only must not be empty shows
one value and one gap), and rows are set aside by the values that failed: the answer is exact and its cost follows
the variety of the data, not its length. Great Expectations takes seconds to import and is imported on first use.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from pipelines.sources.source import REJECT_SCHEMA
from warehouse.record_kinds import KINDS
from warehouse.schema_renderings import expectations

_NOT_NULL = "expect_column_values_to_not_be_null"

_CURES = {
    _NOT_NULL: ("the value is missing", "fill it in at the source and read it again"),
    "expect_column_values_to_be_in_set": ("the value is not one of the known ones", "correct it at the source"),
    "expect_column_values_to_match_regex": ("the value does not have the right form", "correct it at the source"),
    "expect_column_values_to_be_between": ("the date is outside 1900 to 2199", "correct the date at the source"),
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

    @cached_property
    def _engine(self) -> tuple[Any, Any]:
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
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
        failures = self._failures(rules, _distinct_values(rules, frame))
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


def _distinct_values(rules: list[dict[str, Any]], frame: pl.DataFrame) -> pl.DataFrame:
    """Per checked column its distinct values, side by side; shorter columns repeat their first value."""
    only_present = {
        name
        for name in {rule["kwargs"]["column"] for rule in rules}
        if all(rule["type"] == _NOT_NULL for rule in rules if rule["kwargs"]["column"] == name)
    }
    columns: dict[str, pl.Series] = {}
    for name in dict.fromkeys(rule["kwargs"]["column"] for rule in rules):
        column = frame.get_column(name)
        if name in only_present:
            gaps = column.filter(column.is_null()).head(1)
            columns[name] = pl.concat([column.drop_nulls().head(1), gaps])
        else:
            columns[name] = column.unique()
    height = max(len(column) for column in columns.values())
    return pl.DataFrame(
        [pl.concat([column, column.head(1).new_from_index(0, height - len(column))]) for column in columns.values()]
    )
