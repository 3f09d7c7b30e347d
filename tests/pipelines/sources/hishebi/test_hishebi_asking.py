"""Notes are written once, exports are handed through as they come; nothing is asked outside the consent."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_hishebi import FakeGrant, FakeHishebi, error, once, response

from pipelines.asking_hishebi import fetch_file, write_note
from pipelines.sources.hishebi.export import FORMS, fetch_export
from pipelines.sources.hishebi.notes import idempotency_key, post_note
from pipelines.sources.source import SourceError
from pipelines.workplace import Workplace
from warehouse import connections
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import Consent
from warehouse.tokens import Tokens

NOW = dt.datetime(2026, 5, 9, 12, tzinfo=dt.UTC)
FIRST, LAST = dt.date(2026, 4, 1), dt.date(2026, 4, 30)
ALL = frozenset({"ledger.read", "property.read", "notes.write", "export.read"})
GRANT = FakeGrant(scopes=ALL)
BOOK = b"PK\x03\x04 a workbook"
PDF = b"%PDF-1.7 a document"


@dataclass
class Notebook:
    """Keeps notes by their keys, as the service would; the first answers may get lost."""

    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    lost: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST" or not request.url.path.endswith("/notes"):
            return None
        key, body = request.headers["idempotency-key"], json.loads(request.content)
        note = self.notes.setdefault(key, {"id": f"n_{len(self.notes) + 1}", **body})
        if {"id": note["id"], **body} != note:
            return error(409, "IDEMPOTENCY_CONFLICT")
        if self.lost:
            self.lost -= 1
            raise httpx.ReadError("lost")
        return response(note, 201)


def serving(*answers: Any) -> FakeHishebi:
    """A Hishebi that answers with these again and again."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        fake.answers.append(answer)
        return next((made for each in answers if (made := each(request)) is not None), None)

    fake = FakeHishebi({}, answers=[answer])
    return fake


def file(body: bytes, content_type: str, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=body, headers={"content-type": content_type})


def test_a_note_is_posted_with_its_entry_and_its_key() -> None:
    book = Notebook()
    fake = serving(book)
    assert post_note(GRANT, "মিলিয়ে দেখুন", "e_88", "a key", source=fake.source()) == "n_1"
    assert book.notes == {"a key": {"id": "n_1", "text": "মিলিয়ে দেখুন", "entry_id": "e_88"}}
    assert fake.asked[0].headers["authorization"] == "Bearer at_0"


def test_a_note_whose_answer_got_lost_is_written_once() -> None:
    book = Notebook(lost=3)
    source = serving(book).source()
    key = idempotency_key("c_1", "short by 70", None, FIRST)
    assert post_note(GRANT, "short by 70", None, key, source=source) == "n_1"
    assert post_note(GRANT, "short by 70", None, key, source=source) == "n_1"
    with pytest.raises(SourceError, match="IDEMPOTENCY_CONFLICT"):
        post_note(GRANT, "short by 80", None, key, source=source)
    assert len(book.notes) == 1


def test_the_key_of_a_note_is_its_connection_words_entry_and_day() -> None:
    same = ("c_1", "text", "e_1", FIRST)
    others = [("c_2", *same[1:]), ("c_1", "Text", "e_1", FIRST), ("c_1", "text", None, FIRST), (*same[:3], LAST)]
    keys = {idempotency_key(*words) for words in [same, *others]}
    assert len(keys) == 5
    assert idempotency_key(*same) in keys
    assert all(len(key) == 64 and "text" not in key for key in keys)


@pytest.mark.parametrize("text", ["", " \n", "x" * 4001])
def test_a_note_without_words_or_with_too_many_is_not_sent(text: str) -> None:
    fake = serving(Notebook())
    with pytest.raises(SourceError, match="between 1 and 4000"):
        post_note(GRANT, text, None, "key", source=fake.source())
    assert fake.asked == []


def test_nothing_is_written_or_fetched_outside_the_consent() -> None:
    fake, reader = serving(Notebook()), FakeGrant()
    with pytest.raises(SourceError, match=r"does not cover notes\.write"):
        post_note(reader, "x", None, "key", source=fake.source())
    with pytest.raises(SourceError, match=r"does not cover export\.read"):
        fetch_export(reader, "pdf", FIRST, LAST, source=fake.source())
    assert fake.asked == []


def test_an_answer_that_names_no_note_is_no_trouble() -> None:
    fake = serving(once("/notes", response({"ok": True})))
    assert post_note(GRANT, "x", None, "key", source=fake.source()) == ""


@pytest.mark.parametrize(("form", "body"), [("xlsx", BOOK), ("pdf", PDF)])
def test_an_export_is_handed_through_byte_for_byte(form: str, body: bytes) -> None:
    fake = serving(once("/export", file(body, f"{FORMS[form].content_type.title()}; charset=binary")))
    assert fetch_export(GRANT, form, FIRST, LAST, source=fake.source()) == body
    assert dict(fake.asked[0].url.params) == {"format": form, "from": "2026-04-01", "to": "2026-04-30"}


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (file(PDF, FORMS["xlsx"].content_type), "is no xlsx file"),
        (file(BOOK, FORMS["pdf"].content_type), "is no xlsx file"),
        (file(b"", FORMS["xlsx"].content_type), "is no xlsx file"),
        (file(BOOK, ""), "is no xlsx file"),
        (file(b"<html>sign in", "text/html"), "a web page instead of data"),
        (response({"fine": True}), "is no xlsx file"),
        (error(403, "INSUFFICIENT_SCOPE"), "does not allow"),
        (error(400, "INVALID_RANGE"), r"status 400\) \(code INVALID_RANGE"),
        (response({"error": {"code": "INVALID_RANGE"}}), "INVALID_RANGE"),
        (file(b"x" * ((32 << 20) + 1), FORMS["xlsx"].content_type), "more than 32 MB"),
    ],
)
def test_what_is_no_export_is_told_in_one_line(answer: httpx.Response, line: str) -> None:
    fake = serving(once("/export", answer))
    with pytest.raises(SourceError, match=line) as caught:
        fetch_export(GRANT, "xlsx", FIRST, LAST, source=fake.source())
    assert "\n" not in str(caught.value)
    assert "words of somebody" not in str(caught.value)


def test_a_passing_trouble_of_an_export_is_waited_out() -> None:
    fake = FakeHishebi({}, answers=[once("/export", error(500, "INTERNAL_ERROR")) for _ in range(5)])
    fake.answers.append(once("/export", file(BOOK, FORMS["xlsx"].content_type)))
    assert fetch_export(GRANT, "xlsx", FIRST, LAST, source=fake.source()) == BOOK


def test_days_the_wrong_way_round_are_not_asked() -> None:
    fake = serving()
    with pytest.raises(SourceError, match="comes after"):
        fetch_export(GRANT, "xlsx", LAST, FIRST, source=fake.source())
    assert fake.asked == []


def connected(workplace: Workplace, source: str = "hishebi", user: str = "u_1", party: str = "Ayesha") -> str:
    scopes = tuple(sorted(ALL))
    made = connections.connect(
        workplace.home,
        workplace.keyring,
        party_label=party,
        source=source,
        user_name=user,
        base_url="http://127.0.0.1:9",
        consent=Consent(scopes, "see", NOW),
        tokens=Tokens("at_1", "rt_1", "d_1", NOW),
    )
    return made.connection_id


def test_a_note_goes_through_the_connection_of_the_party(workplace: Workplace) -> None:
    connected(workplace)
    connected(workplace, source="lean")
    book = Notebook()
    source = serving(book).source()
    assert write_note(workplace, "ayesha", "short", None, source=source) == "n_1"
    assert write_note(workplace, "ayesha", "short", None, source=source) == "n_1"
    assert write_note(workplace, "ayesha", "short", "e_1", source=source) == "n_2"
    with pytest.raises(ConnectionProblem, match="No connection to hishebi is called 'Tanvir'"):
        write_note(workplace, "Tanvir", "short", None, source=source)
    other = connected(workplace, user="u_2")
    with pytest.raises(ConnectionProblem, match="names 2 connections"):
        write_note(workplace, "Ayesha", "short", None, source=source)
    assert write_note(workplace, other, "short", None, source=source) == "n_3"


def test_a_file_is_written_whole_and_replaced_only_by_force(workplace: Workplace, tmp_path: Path) -> None:
    connected(workplace)
    target = tmp_path / "বই.xlsx"
    fake = serving(once("/export", file(BOOK, FORMS["xlsx"].content_type)))

    def fetch(**more: Any) -> int:
        words = {"output": target, "force": False, **more}
        return fetch_file(workplace, "Ayesha", "xlsx", (FIRST, LAST), source=fake.source(), **words)

    assert fetch() == len(BOOK)
    assert target.read_bytes() == BOOK
    assert target.stat().st_mode & 0o777 == 0o600
    target.write_bytes(b"mine")
    before = len(fake.asked)
    with pytest.raises(SourceError, match="--force"):
        fetch()
    assert (target.read_bytes(), len(fake.asked)) == (b"mine", before)
    fetch(force=True)
    assert target.read_bytes() == BOOK
    for wrong in (tmp_path, tmp_path / "nowhere" / "a.xlsx"):
        with pytest.raises(SourceError):
            fetch(output=wrong, force=True)
    assert sorted(each.name for each in tmp_path.iterdir() if each.is_file()) == [target.name]


def test_what_is_no_file_leaves_the_old_one(workplace: Workplace, tmp_path: Path) -> None:
    connected(workplace)
    target = tmp_path / "a.pdf"
    target.write_bytes(b"mine")
    source = serving(once("/export", file(BOOK, FORMS["pdf"].content_type))).source()
    with pytest.raises(SourceError, match="no pdf file"):
        fetch_file(workplace, "Ayesha", "pdf", (FIRST, LAST), target, force=True, source=source)
    assert target.read_bytes() == b"mine"
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["a.pdf"]


def test_a_grant_without_a_token_left_is_told(workplace: Workplace) -> None:
    connection_id = connected(workplace)
    connections.end(workplace.home, workplace.keyring, connection_id, NOW)
    with pytest.raises(SourceError, match="the consent ended on"):
        write_note(workplace, "Ayesha", "x", None, source=serving(Notebook()).source())
    assert replace(GRANT, token="t").access_token() == "t"
