"""The demo as `make run` runs it: once, and again; and what it says when its home or its port is not its own."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

from written_files import Hisab

from pipelines.commands.showing import MARK
from pipelines.local_server import LOOPBACK
from warehouse.home import Home


def rows_read(shown: str) -> int:
    found = re.search(r"^Rows read +([\d,]+)$", shown, re.MULTILINE)
    assert found, shown
    return int(found[1].replace(",", ""))


def leave_mark(home: Path, *, port: int, whole: bool) -> None:
    (home / MARK).write_text(json.dumps({"made_on": "2026-11-21", "port": port, "whole": whole}), encoding="utf-8")


def test_a_demo_killed_at_its_beginning_begins_anew_and_a_second_one_reads_its_pretend_services_again(
    hisab: Hisab, tmp_path: Path
) -> None:
    Home(tmp_path / "home").make_folders()
    leave_mark(tmp_path / "home", port=1, whole=False)
    first = hisab("demo")
    assert first.returncode == 0, first.stderr
    again = hisab("demo")
    assert again.returncode == 0, again.stderr
    assert "a day passes in the sandbox" in again.stderr
    assert "logs in at" in first.stderr
    assert "logs in at" not in again.stderr
    assert rows_read(again.stdout) > rows_read(first.stdout)
    for shown in (first.stdout, again.stdout):
        assert "Lean Open Finance MockBank" in shown
        assert re.search(r"Tarek Rahman +YNAB +BRAC Current +[\d,]+\.\d\d BDT", shown)


def test_a_demo_does_not_begin_in_a_home_of_ones_own(hisab: Hisab, tmp_path: Path) -> None:
    assert hisab("init", "--time-zone", "Asia/Dhaka").returncode == 0
    refused = hisab("demo")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"hisab: The home at {tmp_path / 'home'} is not a demo: set HISAB_HOME to another folder for the demo.\n"
    )


def test_a_demo_whose_port_is_held_by_another_program_says_so(hisab: Hisab, tmp_path: Path) -> None:
    assert hisab("init").returncode == 0
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        leave_mark(tmp_path / "home", port=port, whole=True)
        refused = hisab("demo")
    assert refused.returncode == 1
    assert f"Another program holds port {port}, where this demo's pretend services answer." in refused.stderr
    assert "Traceback" not in refused.stderr
