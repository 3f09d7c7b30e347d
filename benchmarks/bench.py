"""What all cases share: where data lies, how many rounds, which sizes, and the samples taken so far.

Data is generated once and kept under `benchmarks/.data` until `make clean`; every measured command works on a copy or
a fresh home, so that a case can run alone and in any order.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.builds import BIN
from benchmarks.entries import SEED, Scale
from benchmarks.journals import write_beancount, write_journal
from benchmarks.measure import Command, Sample
from benchmarks.raw_tables import fill_home
from benchmarks.wallet_files import write_wallet_csv

HISAB = str(BIN / "hisab")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many entries each case works on.

    Attributes:
        imports: Rows of the imported files (a); the last is also the one whose memory is measured (d).
        builds: Entries of the full builds (b); the last is also the size of the night (c, d).
        small: Entries of the home whose fixed cost is measured (e).
        peers: Entries the journal programs are given (f).
        webhooks: Different events the receiver is sent.
        logins: Bank logins that are pulled at once.
        families: Rows of the file of each family of apps.
    """

    imports: tuple[int, ...]
    builds: tuple[int, ...]
    small: int
    peers: tuple[int, ...]
    webhooks: int
    logins: int
    families: int


MILLION = 1_000_000
SIZES = {
    "small": Sizes(
        imports=(100_000,), builds=(100_000,), small=20_000, peers=(10_000,), webhooks=1_000, logins=4, families=20_000
    ),
    "full": Sizes(
        imports=(MILLION, 10 * MILLION),
        builds=(MILLION, 10 * MILLION),
        small=100_000,
        peers=(100_000, MILLION),
        webhooks=10_000,
        logins=100,
        families=5 * MILLION,
    ),
}
"""The sizes by the name `--sizes` takes."""


@dataclass(slots=True)
class Bench:
    """One run of the benchmarks.

    Attributes:
        data: Folder of the generated data and the homes.
        rounds: Paired rounds of every comparison.
        sizes: How many entries.
        taken: Samples by (command, entries), for figures that are drawn from several cases.
    """

    data: Path
    rounds: int
    sizes: Sizes
    taken: dict[tuple[str, int], list[Sample]] = field(default_factory=dict)

    def wallet_csv(self, count: int) -> Path:
        """The Wallet export of that many entries."""
        path = self.data / f"wallet-{SEED}-{count}.csv"
        if not path.exists():
            write_wallet_csv(path, Scale(count))
        return path

    def journal(self, count: int) -> Path:
        """The journal for hledger and ledger."""
        path = self.data / f"entries-{SEED}-{count}.journal"
        if not path.exists():
            write_journal(path, Scale(count))
        return path

    def beancount(self, count: int) -> Path:
        """The journal for beancount."""
        path = self.data / f"entries-{SEED}-{count}.beancount"
        if not path.exists():
            write_beancount(path, Scale(count))
        return path

    def raw_home(self, count: int, purpose: str) -> Path:
        """A copy of the home whose raw tables hold that many entries and of which nothing is built yet."""
        whole = self.data / f"raw-{SEED}-{count}"
        if not whole.exists():
            fresh = whole.with_suffix(".tmp")
            shutil.rmtree(fresh, ignore_errors=True)
            fill_home(fresh, Scale(count))
            fresh.rename(whole)
        return copy_home(whole, self.data / f"{purpose}-{count}")

    def new_home(self, name: str) -> Path:
        """A home as `hisab init` makes it, in place of one of the same name."""
        root = self.data / name
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run([HISAB, "init"], env={**os.environ, **environment(root)}, check=True, stdout=subprocess.DEVNULL)
        return root

    def remove_home(self, name: str) -> None:
        """Take away a home that `new_home` made."""
        shutil.rmtree(self.data / name)


def copy_home(source: Path, target: Path) -> Path:
    """Make `target` an exact copy of the home `source`; gives `target`."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target


def environment(root: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables of a `hisab` process on the home at `root`."""
    return {"HISAB_HOME": str(root), **(more or {})}


def hisab(root: Path, name: str, *arguments: str, more: Mapping[str, str] | None = None) -> Command:
    """A `hisab` command on the home at `root`."""
    return Command(name, (HISAB, *arguments), environment(root, more))


def count_text(count: int) -> str:
    """A count of entries as people say it: 100k, 1M."""
    return f"{count // MILLION}M" if count >= MILLION else f"{count // 1000}k"


def seconds_text(**medians: float) -> str:
    """Medians for the table's last column."""
    return ", ".join(f"{name.replace('_', ' ')} {seconds:.1f} s" for name, seconds in medians.items())
