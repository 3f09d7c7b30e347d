"""Real statement files of other projects, tried as `hisab check` tries them; docs/formats.md shows what came of it."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from plain_counts import Plain, plain_count
from written_files import ROOT

from pipelines.ingest.decoding import Decoder
from pipelines.ingest.file_trial import FileTrial, Verdict, families, try_files
from pipelines.ingest.importing import files_under

pytestmark = pytest.mark.corpus

PAGE = ROOT / "docs" / "formats.md"
FAMILIES = ("mt940", "camt053", "ofx", "qif", "bank_csv")
ANSWERS = {"debit": "#5"}
"""What a person says of two tables without a header; everything else is inferred, or of no matter to a sum."""
DAMAGED = {
    "self-provided__multiline.sta": "a line behind the end of its statement",
    "golden__camt053_garbled_amount.xml": "12..34",
    "fail_nice__date_missing.ofx": "no days",
    "fail_nice__decimal_error.ofx": "$120 on 201120000000",
    "test_unknown_account_type.qif": "a record without an amount",
    "golden__csv_garbled_amount.csv": "12..34",
    "mint_extra.csv": "its header again, as a row",
    "test_row_format_CD_flag.csv": "a currency where the sign should be",
    "TH_20180101-20180523_page_1.csv": "all days are 1111/11/11",
    "TH_20180521-20180523.csv": "all days are 1111/11/11",
}
"""Files with rows that nobody can read."""
NO_STATEMENT = {"camt_file.csv": "one line of totals per statement"}
"""Files that are no statement, though they can be read; those that are refused are none either."""


@pytest.fixture(scope="module")
def trials(corpus: Path) -> list[FileTrial]:
    roots = [corpus / family for family in FAMILIES]
    with Decoder() as decoder:
        return list(try_files(decoder, families(roots, files_under(roots)), ANSWERS))


def is_well_formed(trial: FileTrial) -> bool:
    return trial.verdict is not Verdict.REFUSED and trial.path.name not in {**DAMAGED, **NO_STATEMENT}


def is_whole(trial: FileTrial) -> bool:
    """Whether all its transactions were read, and right: as many, and with the sum, that a plain count finds."""
    read = Plain(trial.rows, sum(trial.sums.values(), Decimal(0)))
    return read == plain_count(trial.family, trial.path.name, trial.path.read_bytes())


def rows_of_the_table(trials: list[FileTrial]) -> list[str]:
    rows = []
    for family in FAMILIES:
        here = [trial for trial in trials if trial.family == family]
        counts = Counter(trial.verdict for trial in here)
        good = [is_whole(trial) for trial in here if is_well_formed(trial)]
        cells = [family, len(here), *(counts[verdict] for verdict in Verdict), sum(trial.rows for trial in here)]
        rows.append(f"| {' | '.join(map(str, cells))} | {sum(good)} of {len(good)} |")
    return rows


def lines_of_the_list(trials: list[FileTrial]) -> list[str]:
    """Per family, verdict and reason the names of the files, without what follows the last dot."""
    told: dict[tuple[str, Verdict, str], list[str]] = {}
    for trial in trials:
        if trial.reason:
            told.setdefault((trial.family, trial.verdict, trial.reason), []).append(trial.path.stem)
    order = sorted(told, key=lambda key: (FAMILIES.index(key[0]), list(Verdict).index(key[1]), told[key]))
    return [
        f"| {family} | {verdict.value} | {reason.replace('|', ' ')} | {', '.join(f'`{name}`' for name in told[key])} |"
        for key in order
        for family, verdict, reason in [key]
    ]


def test_the_page_shows_what_came_of_them(trials: list[FileTrial]) -> None:
    section = re.findall(
        r"^## What real files gave$(.*?)^## ", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    shown = [line for line in section[0].splitlines() if line.split(" | ")[0].removeprefix("| ") in FAMILIES]
    fresh = rows_of_the_table(trials) + lines_of_the_list(trials)
    assert shown == fresh, "put this under the two heads of the section:\n" + "\n".join(fresh)


def test_of_the_well_formed_at_least_95_percent_are_read_whole(trials: list[FileTrial]) -> None:
    for family in FAMILIES:
        good = [is_whole(trial) for trial in trials if trial.family == family and is_well_formed(trial)]
        assert len(good) >= 16
        assert sum(good) >= 0.95 * len(good), family


def test_what_agrees_or_contradicts_itself_was_read_whole(trials: list[FileTrial]) -> None:
    """So a contradiction is the file's own."""
    judged = [trial for trial in trials if trial.verdict in {Verdict.AGREES, Verdict.CONTRADICTS}]
    assert len(judged) > 40
    assert [trial.path.name for trial in judged if not is_whole(trial)] == []


def test_every_refusal_is_one_short_reason(trials: list[FileTrial]) -> None:
    refused = [trial.reason for trial in trials if trial.verdict is Verdict.REFUSED]
    assert len(refused) >= 30
    assert [reason for reason in refused if not 10 < len(reason) < 100 or "\n" in reason] == []
