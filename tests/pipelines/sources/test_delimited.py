"""Delimited text: every row of a file comes out once, whatever its encoding and its faults."""

from __future__ import annotations

import csv
import io
import resource
import sys
from collections.abc import Iterator

import polars as pl
import pytest
from file_reading import OnceOnly
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.delimited import BLOCK_BYTES, Stretch, header_of, read_delimited
from pipelines.sources.source import SourceError

NONE_NEEDED: frozenset[str] = frozenset()


def stretches(body: bytes, block_bytes: int = BLOCK_BYTES) -> Iterator[Stretch]:
    return read_delimited(OnceOnly(body), kind="ledger_entries", needed=NONE_NEEDED, block_bytes=block_bytes)


def read(body: bytes, block_bytes: int = BLOCK_BYTES) -> tuple[list[tuple[object, ...]], list[tuple[int, str | None]]]:
    """Rows with their numbers, and number and column of the rejects."""
    found = list(stretches(body, block_bytes))
    rejects = [pair for stretch in found for pair in stretch.rejects.select("row_no", "column").rows()]
    return [row for stretch in found for row in stretch.frame.rows()], rejects


PLAIN = "name;note\nRahim;চাল\nकमला;قهوة\n"
ROWS = [(2, "Rahim", "চাল"), (3, "कमला", "قهوة")]


@pytest.mark.parametrize(
    "body",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        b"\xfe\xff" + PLAIN.encode("utf-16-be"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.rstrip("\n").encode(),
        PLAIN.replace("\n", "\n\n").encode(),
        b"\n\n" + PLAIN.encode(),
        PLAIN.replace(";", ",").encode(),
        PLAIN.replace(";", "\t").encode(),
        PLAIN.replace("Rahim", '"Rahim"').encode(),
    ],
    ids=["lf", "bom", "utf16", "utf16be", "crlf", "cr", "no end", "blank", "blank first", "comma", "tab", "quoted"],
)
def test_the_same_table_is_read_from_every_encoding_line_end_and_delimiter(body: bytes) -> None:
    assert read(body) == (ROWS, [])
    assert read(body, block_bytes=64) == (ROWS, [])


def test_quoted_cells_hold_line_ends_quotes_and_delimiters() -> None:
    rows, rejects = read(b'a;b\n"x\ny";"q""q;"\nplain "inner" quote;2\n')
    assert (rows, rejects) == ([(2, "x\ny", 'q"q;'), (3, 'plain "inner" quote', "2")], [])


def test_ragged_rows_are_set_aside_by_number_and_the_rest_keep_theirs() -> None:
    body = b"a;b\n1;2\n3\n4;5\n6;7;8\n\n9;10\n"
    assert read(body) == ([(2, "1", "2"), (4, "4", "5"), (6, "9", "10")], [(3, None), (5, None)])
    (stretch,) = stretches(body)
    assert stretch.rejects["reason"][0] == "the row has 1 cells where the header has 2"
    assert stretch.rejects["value"][1] == "6;7;8"


def test_a_byte_that_is_no_utf8_sets_aside_its_row_and_names_the_column() -> None:
    body = b"a;b\n1;ok\n2;caf\xe9\n3;ok\n\xff\xfe;4\n5;6;\xff\n6;\xe2\x82"
    rows, rejects = read(body)
    assert rows == [(2, "1", "ok"), (4, "3", "ok")]
    assert rejects == [(3, "b"), (5, "a"), (6, None), (7, "b")]
    (stretch,) = stretches(body)
    assert stretch.rejects["reason"][0] == "column b of row 3 holds bytes that are no UTF-8"
    assert stretch.rejects["value"][0] == "2 | caf\ufffd"


def test_a_character_cut_by_a_block_is_not_taken_for_a_bad_byte() -> None:
    text = "a;b\n" + "".join(f"{'৳' * (n % 7)}x;{'চ' * 300}\n" for n in range(2000))
    rows, rejects = read(text.encode(), block_bytes=2048)
    assert len(rows) == 2000
    assert rejects == []
    assert {row[2] for row in rows} == {"চ" * 300}


@pytest.mark.parametrize(
    "body",
    [
        b'a;b\n1;2\n3;"4\n5;6\n7;8\n',
        b'a;b\n1;2\n"3;4\n5;6\n7;8',
        b'a;b\n1;"2\n',
        b'a;b\n1;"',
        b'a;"b\n1;2\n',
    ],
)
def test_a_quote_that_is_never_closed_swallows_nothing_silently(body: bytes) -> None:
    with pytest.raises(SourceError, match="never closed"):
        list(stretches(body))


def test_two_stray_quotes_that_join_rows_are_noticed() -> None:
    rows, rejects = read(b'a;b;c\n1;2;3\n4;"5;6\n7;8;9\n10;"11;12\n13;14;15\n')
    assert rows == [(2, "1", "2", "3"), (4, "13", "14", "15")]
    assert rejects == [(3, "b")]
    assert read(b'a;b;c\n1;"2;3\n4;"5;6\n7;8;9\n') == ([(3, "7", "8", "9")], [(2, "b")])


def test_a_note_of_several_lines_is_kept() -> None:
    rows, rejects = read(b'a;b;c\n1;"milk\nbread; eggs\n";3\n')
    assert (rows, rejects) == ([(2, "1", "milk\nbread; eggs\n", "3")], [])


def test_a_ragged_row_over_several_lines_says_so() -> None:
    (stretch,) = stretches(b'a;b;c\n1;"2\n3;4";5;6\n7;8;9\n')
    assert stretch.rejects["reason"][0] == "the row has 4 cells where the header has 3, and runs over 2 lines"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\n \r\n", "empty"),
        (b"a;b\n", "no rows below"),
        (b"a;b", "no rows below"),
        (b"PK\x03\x04" + b"x" * 99, "ZIP archive"),
        (b"\x1f\x8b\x08" + b"x" * 99, "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "Excel"),
        (b"a;b\n1;\x00\n", "NUL"),
        (b"a;b\n" + b"1;2\n" * 50000 + b"1;\x00\n", "NUL"),
        (b'a;b\n1;"' + b"x\n" * BLOCK_BYTES, "never closed"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(body: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        list(stretches(body))
    assert "\n" not in str(caught.value)


def test_a_file_that_lacks_a_column_is_refused_by_its_name() -> None:
    with pytest.raises(SourceError, match="lacks amount, date"):
        list(read_delimited(OnceOnly(b"a;b\n1;2\n"), kind="ledger_entries", needed=frozenset({"a", "date", "amount"})))


def test_names_that_repeat_or_lack_are_told_apart() -> None:
    (stretch,) = stretches(b"a;b;a;;row_no\n1;2;3;4;5\n")
    assert stretch.frame.row(0, named=True) == {
        "row_no": 2,
        "a": "1",
        "b": "2",
        "a #3": "3",
        "column 4": "4",
        "row_no #5": "5",
    }


def test_the_header_is_found_below_blank_lines_and_in_utf16() -> None:
    assert header_of("\n\n a ; b\n1;2".encode("utf-16")) == (["a", "b"], ";")
    assert header_of(b'"a","b;c"\n') == (["a", "b;c"], ",")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@given(
    st.lists(st.tuples(cells, cells), min_size=1, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([64 << 10, 4096]),
)
def test_every_cell_comes_back_as_it_was_written(rows: list[tuple[str, str]], line_end: str, block: int) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("first", "second"), *rows])
    found, rejects = read(text.getvalue().encode(), block_bytes=block)
    assert found == [(number, one or None, two or None) for number, (one, two) in enumerate(rows, start=2)]
    assert rejects == []


lines = st.sampled_from([b"1;2", b"1", b"1;2;3", b"\xff;2", b";", b"x;\xc3"])


@given(st.lists(lines, min_size=1, max_size=60), st.sampled_from([64, 256, 4096]))
def test_rows_out_and_rejects_are_together_the_rows_of_the_file(body: list[bytes], block: int) -> None:
    found = list(stretches(b"a;b\n" + b"\n".join(body) + b"\n", block))
    rows = pl.concat([stretch.frame for stretch in found])
    numbers = [n for stretch in found for n in (*stretch.frame["row_no"], *stretch.rejects["row_no"])]
    assert sorted(numbers) == list(range(2, 2 + len(body)))
    assert rows["row_no"].to_list() == [n for n, line in enumerate(body, start=2) if line in (b"1;2", b";")]


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is measured in Linux units")
def test_memory_does_not_grow_with_the_file() -> None:
    class Endless(io.RawIOBase):
        left = 60 << 20
        block = b"2025-07-31;-12.50;a note of some length\n" * 1600

        def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - a file of whole blocks
            if self.left <= 0:
                return b""
            self.left -= len(self.block)
            return self.block

    def run(size: int) -> int:
        body = Endless()
        body.left = size
        rows = sum(s.row_count for s in read_delimited(body, kind="k", needed=NONE_NEEDED))  # type: ignore[arg-type]
        assert rows > size // 60
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    warm = run(60 << 20)
    assert run(240 << 20) - warm < 100 << 10
