"""Code pages: what bytes prove, what is asked, and that nothing is read in the wrong letters."""

from __future__ import annotations

import io

import pytest

from pipelines.sources.code_pages import CODE_PAGES, InCodePage, code_pages_of
from pipelines.sources.recognising import readable, recognised
from pipelines.sources.source import SourceError

HEAD = b"Date,Description,Original Description,Amount,Transaction Type,Category,Account Name,Labels,Notes\n"


def pages_of(text: str, page: str) -> tuple[str, ...]:
    return code_pages_of(io.BytesIO(f"a,b\n{text}\n".encode(page)))


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Żabka\nŁódź\nzakupy spożywcze\nbyło", "cp1250"),
        ("Příliš žluťoučký kůň", "cp1250"),
        ("البقالة\nراتب", "cp1256"),
        ("Продукты\nЗарплата", "cp1251"),
    ],
)
def test_what_only_one_code_page_can_mean_is_sure(text: str, page: str) -> None:
    assert pages_of(text, page) == (page,)


def test_several_code_pages_that_give_one_text_are_sure() -> None:
    assert pages_of("Büro\nStraße\nKäse", "cp1252") == ("cp1252",)
    assert pages_of("Büro\nStraße\nKäse", "cp1250") == ("cp1252",)


@pytest.mark.parametrize(
    ("text", "page"),
    [("crème brûlée", "cp1252"), ("Alışveriş", "cp1254"), ("išlaidos", "cp1257"), ("Česká účet", "cp1250")],
)
def test_what_may_be_several_is_asked_and_the_right_one_is_among_them(text: str, page: str) -> None:
    found = pages_of(text, page)
    assert len(found) > 1
    assert page in found


def test_unicode_is_never_a_code_page() -> None:
    for body in (
        "Żabka".encode(),
        "Żabka".encode("utf-16"),
        "Żabka".encode("utf-8-sig"),
        b"plain",
        b"",
        b"PK\x03\x04\xff",
    ):
        assert code_pages_of(io.BytesIO(body)) == ()
    damaged = "Żabka, Łódź".encode() + b" \xff"
    assert code_pages_of(io.BytesIO(damaged)) == ()


def test_words_are_found_where_pieces_of_a_large_file_meet() -> None:
    for cut in range(4):
        body = (
            b"1," * ((1 << 19) - 1) + b"1," + b"," * (4 - cut) + "Żółw było\n".encode("cp1250") + b"1,2\n" * (1 << 19)
        )
        assert code_pages_of(io.BytesIO(body[4:])) == ("cp1250",)


def test_a_byte_the_code_page_lacks_stays_for_its_row_to_be_set_aside() -> None:
    assert InCodePage(io.BytesIO(b"\xdf \x81 \xdf"), "cp1250").read() == "ß".encode() + b" \x81 " + "ß".encode()
    stream = InCodePage(io.BytesIO("ßß".encode("cp1250")), "cp1250")
    assert [stream.read(1) for _ in range(5)] == [b"\xc3", b"\x9f", b"\xc3", b"\x9f", b""]


def test_a_sure_code_page_is_settled_with_the_file_and_a_doubtful_one_asked() -> None:
    sure = HEAD + "8/2/2016,Żabka było,O,1.00,debit,C,Łódź,,\n".encode("cp1250")
    found = recognised(io.BytesIO(sure), {})
    assert found.layout.settled == {"encoding": "cp1250"}
    assert [question.name for question in found.questions()] == ["currency"]
    answers = {**found.layout.settled, "currency": "PLN"}
    entries = next(iter(found.file_format.read(readable(io.BytesIO(sure), answers), answers))).batches[0].frame
    assert entries.select("account_id", "payee_name").rows() == [("Łódź", "Żabka było")]

    doubtful = HEAD + "8/2/2016,crème,O,1.00,debit,C,A,,\n".encode("cp1252")
    asked = recognised(io.BytesIO(doubtful), {}).questions()
    assert [question.name for question in asked] == ["encoding", "currency"]
    assert set(asked[0].choices) <= set(CODE_PAGES)


def test_an_unknown_code_page_is_refused() -> None:
    with pytest.raises(SourceError, match="is not one of cp1252"):
        readable(io.BytesIO(b"x"), {"encoding": "rot13"})
