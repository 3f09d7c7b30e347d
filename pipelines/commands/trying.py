"""Trying files without keeping anything: one table by family, then every file that needs a word."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rich.markup import escape

from pipelines.commands.screen import console, following, table
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.file_trial import FileTrial, Verdict, families, try_files
from pipelines.ingest.importing import files_under
from pipelines.progress import tell
from pipelines.sources.source import SourceError

_TOLD_EACH = 10
"""Files between two lines of progress."""
_LEAST_WIDTH = 110
"""Characters the table needs."""


def try_paths(paths: list[Path], answers: list[str]) -> int:
    """Try every file below `paths` and show what became of each; 1 unless all of every file was read and is right."""
    given = dict(answer.split("=", 1) for answer in answers if "=" in answer)
    files = files_under(paths)
    if not files:
        raise SourceError("There is no file here to try.")
    trials = []
    with Decoder() as decoder, following("trying"):
        for trial in try_files(decoder, families(paths, files), given):
            trials.append(trial)
            if len(trials) % _TOLD_EACH == 0:
                tell(f"{len(trials)} of {len(files)} files")
    _show(trials)
    for verdict in Verdict:
        told = [trial for trial in trials if trial.verdict is verdict and trial.reason]
        if told:
            console.print(f"\n[bold]{verdict.value.capitalize()}[/]")
        for trial in told:
            console.print(escape(f"  {trial.family}/{trial.path.name}: {trial.reason}"), soft_wrap=True)
    return 1 if any(trial.reason for trial in trials) else 0


def _show(trials: list[FileTrial]) -> None:
    counted = ("Files", *(verdict.value.capitalize() for verdict in Verdict), "Rows")
    shown = table("Family", "Read as", *counted, right=counted)
    for column in shown.columns[:2]:
        column.no_wrap = True
    for family in sorted({trial.family for trial in trials}):
        here = [trial for trial in trials if trial.family == family]
        counts = Counter(trial.verdict for trial in here)
        shown.add_row(
            escape(family),
            ", ".join(sorted({trial.source for trial in here} - {""})) or "–",
            f"{len(here):,}",
            *(f"{counts[verdict]:,}" for verdict in Verdict),
            f"{sum(trial.rows for trial in here):,}",
        )
    # A heading cut to pieces says nothing: where the screen is narrow, the lines run on.
    if console.width < _LEAST_WIDTH:
        shown.width = _LEAST_WIDTH
    console.print(shown, crop=False)
