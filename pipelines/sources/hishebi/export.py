"""The file Hishebi makes of a person's books: handed through as it comes, once it is sure to be one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus

from pipelines.sources.grant import Grant
from pipelines.sources.hishebi import pull
from pipelines.sources.hishebi.answers import data_of
from pipelines.sources.hishebi.surfaces import EXPORT_READ
from pipelines.sources.service_answers import Answer, require_clock
from pipelines.sources.source import SourceError


@dataclass(frozen=True, slots=True)
class ExportForm:
    """A form a file can have.

    Attributes:
        name: What it is asked for as.
        content_type: What the answer must say it is.
        beginning: What its bytes must begin with.
    """

    name: str
    content_type: str
    beginning: bytes

    def check(self, answer: Answer, who: str, now: dt.datetime) -> None:
        """Pass for the file itself. Raises Passing, TokenRefused or SourceError for anything else."""
        said = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.status != HTTPStatus.OK or said.endswith("json") or said.startswith("text/"):
            data_of(answer, who, now)
        require_clock(answer, who, now)
        if said != self.content_type or not answer.body.startswith(self.beginning):
            raise SourceError(f"{who} answered with something that is no {self.name} file. Nothing was written.")


FORMS = {
    form.name: form
    for form in (
        ExportForm("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
        ExportForm("pdf", "application/pdf", b"%PDF-"),
    )
}
"""Every form by its name."""


def fetch_export(
    grant: Grant, form: str, first: dt.date, last: dt.date, *, source: pull.HishebiSource = pull.SOURCE
) -> bytes:
    """The file of the books from `first` to `last` (both included), as it came.

    Raises SourceError when the consent does not cover export.read, the days are the wrong way round, or the answer is
    no such file or larger than an answer may be (32 MB); LoginNeeded when the grant is gone.
    """
    pull.require_scope(grant, EXPORT_READ)
    if first > last:
        raise SourceError(f"{first} comes after {last}: give the first day as --from and the last one as --to.")
    params = {"format": form, "from": first.isoformat(), "to": last.isoformat()}
    with source.client(grant) as client:
        return client.file(grant, "export", params, FORMS[form].check)
