"""Pulling every Lean connection of a home in a process of its own, so that it can be killed: `HOME` is the argument."""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.ingest.pulling import connections_of, pull_connections
from pipelines.workplace import open_workplace
from warehouse.home import Home


def main() -> int:
    """1 when a pull did not finish."""
    workplace = open_workplace(Home(Path(sys.argv[1])))
    outcomes = pull_connections(workplace, connections_of(workplace, "lean"))
    return 1 if any(outcome.problem for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
