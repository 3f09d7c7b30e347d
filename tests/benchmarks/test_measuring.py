"""A measurement tells the truth about time, memory and failure, and a table about what was measured."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import run
from benchmarks.measure import Command, MeasureError, Ratio, Sample, ratio_of, run_once, run_rounds, wall_ratio
from benchmarks.results import BEGIN, END, Row, not_measured, table, write_results

MIB = 1 << 20
HOLD = "import time; held = b'x' * (200 * 1024 * 1024); time.sleep(0.4)"


def _python(code: str, name: str = "python") -> Command:
    return Command(name, (sys.executable, "-c", code))


def test_memory_of_one_process_is_what_it_held() -> None:
    idle = run_once(_python("import time; time.sleep(0.2)"))
    sample = run_once(_python(HOLD))
    assert 199 * MIB <= sample.tree_bytes - idle.tree_bytes < 215 * MIB
    assert 199 * MIB <= sample.largest_bytes - idle.largest_bytes < 215 * MIB


def test_memory_of_a_tree_is_the_sum_while_the_largest_process_is_told_apart() -> None:
    child = f"subprocess.Popen([sys.executable, '-c', {HOLD!r}])"
    sample = run_once(_python(f"import subprocess, sys; made = [{child}, {child}]; [one.wait() for one in made]"))
    assert 399 * MIB <= sample.tree_bytes < 480 * MIB
    assert 199 * MIB <= sample.largest_bytes < 240 * MIB


def test_time_is_told_as_wall_and_as_work() -> None:
    waiting = run_once(_python("import time; time.sleep(0.5)"))
    assert 0.5 <= waiting.wall_seconds < 2.5
    assert waiting.cpu_seconds < 0.4


def test_a_failed_command_is_an_error_that_shows_its_last_words() -> None:
    with pytest.raises(MeasureError, match=r"python ended with 3:\n  it broke"):
        run_once(_python("import sys; print('it broke', file=sys.stderr); sys.exit(3)"))


def test_commands_take_turns_and_each_is_prepared_every_round(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def told(name: str) -> Command:
        def prepare() -> None:
            with log.open("a") as file:
                file.write(f"({name})")

        return Command(name, ("/bin/sh", "-c", f"printf {name} >> {log}"), prepare=prepare)

    samples = run_rounds([told("a"), told("b")], 3)
    assert log.read_text() == "(a)a(b)b" * 3
    assert {name: len(taken) for name, taken in samples.items()} == {"a": 3, "b": 3}


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_sides() -> None:
    assert ratio_of([1.0, 10.0, 6.0], [1.0, 5.0, 2.0]) == Ratio(2.0, 1.0, 3.0, 3)


def test_a_fixed_cost_is_taken_off_both_sides_of_its_own_round() -> None:
    def walls(*seconds: float) -> list[Sample]:
        return [Sample(wall, wall, 0, 0) for wall in seconds]

    assert wall_ratio(walls(3, 5), walls(9, 11), less=walls(1, 3)) == Ratio(0.25, 0.25, 0.25, 2)


def test_the_table_says_met_not_met_and_not_measured() -> None:
    rows = [
        Row("a", "one", 5.0, Ratio(4.99, 4.0, 6.0, 5), times="x 1.0 s"),
        Row("d", "two", 1.5, Ratio(1.51, 1.5, 1.6, 2), "GB"),
        not_measured("f", "three", "ledger is not installed", 0.25),
    ]
    assert table(rows).splitlines()[2:] == [
        "| a | one | ≤ 5x | 4.99x | met | 5 | 4.00 to 6.00 | x 1.0 s |",
        "| d | two | ≤ 1.5 GB | 1.51 GB | **not met** | 2 | 1.50 to 1.60 |  |",
        "| f | three | ≤ 0.25x | not measured: ledger is not installed | - | 0 | - | - |",
    ]


def test_results_replace_only_what_stands_between_the_marks(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_results(readme, "new\n")
    write_results(readme, "newest")
    assert readme.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnewest\n\n{END}\nafter\n"


def test_the_committed_page_has_both_marks() -> None:
    page = run.README.read_text(encoding="utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert page.index(BEGIN) < page.index(END)


def test_an_unknown_case_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--only", "a,z"]) == 2
    assert "There is no case z" in capsys.readouterr().out
