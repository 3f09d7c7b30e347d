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


def try_paths(paths: list[Path], answers: list[str]) -> int:
    """Try every file below `paths` and show what became of each; 1 when one differs or was refused."""
    given = dict(answer.split("=", 1) for answer in answers if "=" in answer)
    files = files_under(paths)
    if not files:
        raise SourceError("There is no file here to try.")
    trials = []
    with Decoder() as decoder, following("trying"):
        for trial in try_files(decoder, families(paths, files), given):
            trials.append(trial)
            tell(f"{len(trials)} of {len(files)} files")
    _show(trials)
    for trial in trials:
        if trial.reason:
            place = escape(f"{trial.family}/{trial.path.name}")
            console.print(f"  {place}: [bold]{trial.verdict.value}[/]: {escape(trial.reason)}", soft_wrap=True)
    return 1 if any(trial.verdict in {Verdict.DIFFERS, Verdict.REFUSED} for trial in trials) else 0


def _show(trials: list[FileTrial]) -> None:
    names = [verdict.value for verdict in Verdict]
    shown = table("Family", "Files", *names, "Rows", right=("Files", *names, "Rows"))
    for family in sorted({trial.family for trial in trials}):
        here = [trial for trial in trials if trial.family == family]
        counts = Counter(trial.verdict for trial in here)
        shown.add_row(
            escape(family),
            f"{len(here):,}",
            *(f"{counts[verdict]:,}" for verdict in Verdict),
            f"{sum(trial.rows for trial in here):,}",
        )
    console.print(shown)
