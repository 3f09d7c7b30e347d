"""Importing a file a person handed over: recognise, ask, show, land, merge.

Nothing is kept of a file the person declines. A file that was imported before, under any name, adds nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pipelines.ingest.decoding import Decoder, Recognised
from pipelines.ingest.landing import Pack, file_sha256
from pipelines.ingest.pulling import connection_bytes
from pipelines.ingest.understanding import Understanding, understand
from pipelines.sources.currency_words import ISO_CODES
from pipelines.sources.recognising import SHEET
from pipelines.sources.source import Question, SourceError
from pipelines.workplace import Workplace
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import (
    Connection,
    Consent,
    connect,
    connection_id_of,
    load,
    party_id_of,
    remember_answers,
)
from warehouse.home import Home

T = TypeVar("T")
Ask = Callable[[Path, Question], str | None]
"""Asks the person; None when nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recognised file with every question answered, ready to be shown and merged."""

    path: Path
    recognised: Recognised
    party_label: str
    connection_id: str
    answers: Mapping[str, str]
    sha256: str
    is_known: bool

    @property
    def said(self) -> Mapping[str, str]:
        """The answers a person gave that hold for their next file too; without what the layout settles."""
        passing = {SHEET, *self.recognised.layout.settled}
        return {name: value for name, value in self.answers.items() if name not in passing}


def files_under(paths: list[Path]) -> list[Path]:
    """Every file named or inside a named folder, hidden ones left out, in a steady order.

    Raises SourceError naming a path that does not exist.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.is_file())
            found += [each for each in inside if not any(part.startswith(".") for part in each.relative_to(path).parts)]
        elif path.is_file():
            found.append(path)
        else:
            raise SourceError(f"{path}: there is no such file or folder.")
    return list(dict.fromkeys(found))


def known_files(workplace: Workplace) -> set[tuple[str, str]]:
    """(connection, SHA-256) of every file merged so far."""
    with workplace.warehouse("looking up imported files") as con:
        rows = con.execute("select connection_id, file_sha256 from raw.loads where file_sha256 is not null").fetchall()
    return {(connection_id, sha256) for connection_id, sha256 in rows}


def prepare(
    workplace: Workplace,
    decoder: Decoder,
    path: Path,
    *,
    party_label: str,
    given: Mapping[str, str],
    ask: Ask,
    known: set[tuple[str, str]],
) -> Candidate:
    """Recognise a file and settle what it leaves open: given on the command line, remembered, or asked.

    Raises SourceError with one line that names the file.
    """
    path = path.resolve()
    if path.stat().st_size == 0:
        raise SourceError(f"{path.name}: the file is empty. Export it again.")
    with ThreadPoolExecutor(1) as beside:  # a large file is hashed while another process recognises it
        digest = beside.submit(file_sha256, path)
        recognised = _named(path, lambda: decoder.inspect(path, own_layouts(workplace.home)))
        sha256 = digest.result()
    party_id = party_id_of(workplace.keyring, party_label)
    connection_id = connection_id_of(workplace.keyring, party_id, recognised.source, "")
    given = {**_remembered(workplace, connection_id, _layout_key(recognised)), **given}
    said = _answers(path, recognised.questions, given, ask)
    answers = {**said, **recognised.layout.settled}
    is_known = (connection_id, sha256) in known
    return Candidate(path, recognised, party_label, connection_id, answers, sha256, is_known)


def show(decoder: Decoder, candidate: Candidate) -> Understanding:
    """Read the file once to say what it holds, keeping nothing. Raises SourceError naming the file."""
    preview = decoder.preview(candidate.path, candidate.recognised.source, candidate.answers)
    return _named(candidate.path, lambda: understand(preview))


def land(workplace: Workplace, candidate: Candidate) -> Pack:
    """Make the connection, seal the file into landing, remember the answers; from here on it cannot be lost."""
    connection = _file_connection(workplace, candidate.party_label, candidate.recognised)
    if candidate.said:
        now = dt.datetime.now(dt.UTC)
        layout = _layout_key(candidate.recognised)
        remember_answers(workplace.home, workplace.keyring, connection.connection_id, layout, candidate.said, now)
    facts = {
        "source": candidate.recognised.source,
        "answers": json.dumps(dict(candidate.answers), ensure_ascii=False),
        "page_count": "1",
        "byte_count": str(candidate.path.stat().st_size),
        "file_sha256": candidate.sha256,
    }
    return workplace.landing.land_file(
        connection, candidate.path, candidate.sha256, facts, connection_bytes(connection)
    )


def _file_connection(workplace: Workplace, party_label: str, recognised: Recognised) -> Connection:
    """The connection all files of one format and party share; its consent is the handing over itself."""
    consent = Consent(
        scopes=(), purpose="kept for the party that handed the file over", granted_at=dt.datetime.now(dt.UTC)
    )
    return connect(
        workplace.home,
        workplace.keyring,
        party_label=party_label,
        source=recognised.source,
        user_name="",
        consent=consent,
        label=recognised.title,
    )


def _named(path: Path, work: Callable[[], T]) -> T:
    try:
        return work()
    except SourceError as error:
        message = str(error)
        raise type(error)(message if path.name in message else f"{path.name}: {message}") from None


def own_layouts(home: Home) -> dict[str, str]:
    """The profiles in the home, texts by file name. Raises SourceError naming one that is no text."""
    texts = {}
    for path in sorted(home.profiles.glob("*.toml")):
        try:
            texts[path.name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise SourceError(f"The profile {path.name} is not UTF-8; save it as such.") from None
    return texts


def _layout_key(recognised: Recognised) -> str:
    """What answers are remembered under: another bank's files leave other things open."""
    return "/".join(filter(None, (recognised.source, recognised.layout.name)))


def _remembered(workplace: Workplace, connection_id: str, layout: str) -> Mapping[str, str]:
    """What was answered about earlier files of this connection; nothing when this is the first."""
    try:
        connection = load(workplace.home, workplace.keyring, connection_id)
    except ConnectionProblem:
        return {}
    return connection.answers.get(layout, {})


def _answers(path: Path, questions: Iterable[Question], given: Mapping[str, str], ask: Ask) -> dict[str, str]:
    said, unanswered = {}, []
    for question in questions:
        answer = given.get(question.name) or ask(path, question)
        if answer is None:
            unanswered.append(question)
        else:
            said[question.name] = _checked(path, question, answer)
    if unanswered:
        raise SourceError(f"{path.name}: {how_to_answer(unanswered)}")
    return said


def how_to_answer(questions: Sequence[Question]) -> str:
    """What is asked and the options that answer it, for a run in which nobody can be asked."""
    texts = " ".join(question.text for question in questions)
    options = " ".join(f"--answer {question.name}={'|'.join(question.choices) or '…'}" for question in questions)
    return f"{texts} Say it with {options} and try again."


def problem_with(question: Question, answer: str) -> str:
    """Why an answer cannot be taken, in one line; empty when it can."""
    if question.choices and answer not in question.choices:
        return f"{question.name} must be one of {', '.join(question.choices)}, not {answer!r}."
    if question.name == "currency" and answer not in ISO_CODES:
        return f"{answer!r} is no currency; write its code of three capitals, such as BDT, AED or USD."
    if question.pattern and not re.fullmatch(question.pattern, answer):
        return f"{answer!r} says no {question.name}; write one."
    return ""


def _checked(path: Path, question: Question, answer: str) -> str:
    if problem := problem_with(question, answer):
        raise SourceError(f"{path.name}: {problem}")
    return answer
