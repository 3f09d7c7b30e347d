"""The charting library of the pages: Vega-Lite and what it needs as one script, from the installed vl-convert package.

Bundling takes a second or two, so the script is kept in the folder of the pages, under a name that tells its version.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from warehouse.home import write_whole


def vega_library(folder: Path) -> str:
    """The script, as kept in `folder`; bundled first when this version is not there yet."""
    kept = _kept(folder)
    if not kept.exists():
        import vl_convert

        for outdated in folder.glob(".vega-*.js"):
            outdated.unlink(missing_ok=True)
        write_whole(kept, str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")).encode())
    return kept.read_text(encoding="utf-8")


@contextmanager
def bundling_beside(folder: Path) -> Iterator[None]:
    """Bundle in a process of its own while the block runs, where the script is not kept yet; its failure is nobody's.

    A page that does not find the script bundles it itself.
    """
    if _kept(folder).exists():
        yield
        return
    with subprocess.Popen(
        [sys.executable, "-m", "dashboards.library", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ):
        yield


def _kept(folder: Path) -> Path:
    return folder / f".vega-{version('vl-convert-python')}.js"


if __name__ == "__main__":
    vega_library(Path(sys.argv[1]))
