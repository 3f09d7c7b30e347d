"""Write the generated entries to a folder: `python -m benchmarks.generate FOLDER --entries 100000`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.entries import SEED, Scale
from benchmarks.journals import write_beancount, write_journal
from benchmarks.raw_tables import add_night, fill_home
from benchmarks.wallet_files import write_wallet_csv


def main(arguments: list[str] | None = None) -> None:
    """Write the forms that were asked for; all of the files by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--home", action="store_true", help="also a home whose raw tables hold the entries")
    parser.add_argument("--night", action="store_true", help="and change one row in a hundred in it")
    options = parser.parse_args(arguments)
    folder, scale = options.folder, Scale(options.entries, options.seed)
    write_wallet_csv(folder / "wallet.csv", scale)
    write_journal(folder / "entries.journal", scale)
    write_beancount(folder / "entries.beancount", scale)
    if options.home or options.night:
        fill_home(folder / "home", scale)
    if options.night:
        add_night(folder / "home", scale)


if __name__ == "__main__":
    main()
