"""Longer fuzzing of the file formats, guided by coverage: `python -m tests.fuzz.statements --minutes 5`.

It needs atheris, which is no part of the locks (no wheels for some machines): `pip install atheris`. Every format is
tried in a process of its own, because the first find ends it; a find is left as a file beside its traceback.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What the fuzzing shares with the hypothesis suite lies with the tests of the formats.
sys.path.insert(0, str(ROOT / "tests" / "pipelines" / "sources"))

LONGEST_SECONDS = 20
"""What one file of at most LARGEST_BYTES may take; longer counts as a hang."""
MOST_MEGABYTES = 2048
LARGEST_BYTES = 20_000


def main() -> int:
    """Fuzz the chosen formats one after the other; 1 when any gave a find."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.statements", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="minutes for each format")
    parser.add_argument("--format", action="append", help="only this format, such as camt; may be repeated")
    parser.add_argument("--finds", type=Path, default=Path("fuzz-finds"), help="folder for files that were found")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        return _ended("atheris is not installed; it is no part of the locks: pip install atheris", failed=True)
    if asked.inside:
        _fuzz(asked.inside, asked.minutes, asked.finds)
    from damaged_files import FOLDERS

    unknown = sorted(set(asked.format or ()) - set(FOLDERS))
    if unknown:
        return _ended(f"there is no format {', '.join(unknown)}; there are {', '.join(FOLDERS)}", failed=True)
    asked.finds.mkdir(parents=True, exist_ok=True)
    failed = [name for name in asked.format or FOLDERS if _finds(name, asked.minutes, asked.finds)]
    if failed:
        return _ended(f"finds in {', '.join(failed)}: see {asked.finds}", failed=True)
    return _ended("no finds", failed=False)


def _ended(line: str, *, failed: bool) -> int:
    sys.stderr.write(f"{line}\n")
    return int(failed)


def _finds(name: str, minutes: float, finds: Path) -> bool:
    command = [sys.executable, "-m", "tests.fuzz.statements", "--inside", name]
    done = subprocess.run([*command, f"--minutes={minutes}", f"--finds={finds.resolve()}"], cwd=ROOT, check=False)
    return done.returncode != 0


def _fuzz(name: str, minutes: float, finds: Path) -> None:
    """Fuzz one format in this process; does not return."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["pipelines.sources"]):
        from damaged_files import FORMATS, HEADS, PIECES, try_all, whole_files
    file_format = next(each for each in FORMATS if each.source == name)
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, body in enumerate([*whole_files(file_format), HEADS.get(name, b"") + b"\n".join(PIECES)]):
        (seeds / str(number)).write_bytes(body)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(piece)}"\n' for piece in PIECES), encoding="ascii")
    arguments = {
        "dict": words,
        "artifact_prefix": f"{finds}/{name}-",
        "max_total_time": round(minutes * 60),
        "timeout": LONGEST_SECONDS,
        "rss_limit_mb": MOST_MEGABYTES,
        "max_len": LARGEST_BYTES,
        "print_final_stats": 1,
    }
    options = [f"-{option}={value}" for option, value in arguments.items()]
    atheris.Setup([sys.argv[0], *options, str(seeds)], lambda body: try_all(file_format, body))
    atheris.Fuzz()


def _escaped(piece: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in piece)


if __name__ == "__main__":
    sys.exit(main())
