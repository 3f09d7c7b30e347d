"""The commands that build the marts of a benchmark home: dbt's own, and the hand-written SQL's.

Put here how a build is started as a process; what is compared with what stands in `benchmarks.cases`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.measure import Command
from benchmarks.raw_tables import open_home
from warehouse.build import PROJECT
from warehouse.working_file import WORKING_KEY, pin_extensions

BIN = Path(sys.executable).parent
"""Where the programs of this environment lie."""

MEMORY = "2GB"
"""Engine memory where nothing else is said: what a home has by default."""


def hand_file(root: Path) -> Path:
    """Where the hand-written build of a home puts its marts."""
    return root / "warehouse" / "hand.duckdb"


def dbt_command(
    root: Path, *, full: bool, tests: bool = False, memory: str = MEMORY, name: str = "dbt build"
) -> Command:
    """`dbt build`, as a person would type it, over every model of the project."""
    home, keyring = open_home(root)
    arguments = [
        *(str(BIN / "dbt"), "--no-send-anonymous-usage-stats", "--quiet", "build"),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(home.dbt / "target"), "--log-path", str(home.dbt / "logs")),
        *("--exclude-resource-types", "unit_test", *([] if tests else ["test"])),
        *(["--full-refresh"] if full else []),
    ]
    environment = {
        "HISAB_WAREHOUSE_FILE": str(home.warehouse_file),
        "DBT_ENV_SECRET_WH_KEY": keyring.engine_key(WORKING_KEY),
        "HISAB_EXTENSIONS": str(pin_extensions(home)),
        "HISAB_SPILL": str(home.spill),
        "HISAB_MEMORY_LIMIT": memory,
        "DO_NOT_TRACK": "1",
    }
    return Command(name, tuple(arguments), environment)


def hand_command(root: Path, memory: str = MEMORY) -> Command:
    """The hand-written SQL, one process, into `hand_file`."""
    return Command("hand SQL", (sys.executable, "-m", "benchmarks.hand_sql", str(root), memory))
