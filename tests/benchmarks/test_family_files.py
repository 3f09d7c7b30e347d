"""Every family's generated CSV is one its reader understands whole, and holds the money a bare COPY sums."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from benchmarks import bare_family_copy
from benchmarks.entries import Scale
from benchmarks.family_files import FAMILIES, write_family_csv
from pipelines.sources import registry

SMALL = Scale(2000)


@pytest.mark.parametrize("name", FAMILIES)
def test_hisab_and_a_bare_copy_read_the_same_money(name: str, tmp_path: Path) -> None:
    family, path, copied = FAMILIES[name], tmp_path / "file.csv", tmp_path / "copy.duckdb"
    write_family_csv(path, family, SMALL)
    with path.open("rb") as body:
        found = registry.recognise(body.read(65536))
        body.seek(0)
        assert [each.name for each in found.questions(body)] == (["currency"] if family.asks_currency else [])
        body.seek(0)
        answers = {"currency": "USD"} if family.asks_currency else {}
        pieces = list(found.read(body, answers))
    assert found.source == name
    assert all(piece.rejects.is_empty() for piece in pieces)
    frames = [batch.frame for piece in pieces for batch in piece.batches if batch.kind == "ledger_entries"]
    read = (sum(frame.height for frame in frames), sum((frame["entry_amount"].sum() for frame in frames), Decimal(0)))
    bare_family_copy.main(name, str(path), str(copied))
    with duckdb.connect(str(copied), read_only=True) as con:
        sums = f"sum({family.legs})::bigint, sum(({family.signed})::decimal(18, 4))"
        assert con.execute(f"select {sums} from entries").fetchone() == read
