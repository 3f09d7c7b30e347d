"""A home: the one folder that holds a person's or office's Hisab, and where each thing lies in it.

Put here paths and the making of folders. Keep out what is inside the files. Names under a home never hold a
person's name: parties and connections appear by opaque ids only.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class HomeError(Exception):
    """The home cannot be used as it is; the message says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Home:
    """Paths of one home. `root` is absolute."""

    root: Path

    @property
    def settings_file(self) -> Path:
        """What people may edit."""
        return self.root / "hisab.toml"

    @property
    def keys(self) -> Path:
        """The home's key and the wrapped keys of the data subjects."""
        return self.root / "keys"

    @property
    def connections(self) -> Path:
        """One sealed file per connection: consent, tokens, remembered answers."""
        return self.root / "connections"

    @property
    def landing(self) -> Path:
        """Sealed bytes as they came; the only thing that must never be lost."""
        return self.root / "landing"

    @property
    def events(self) -> Path:
        """Sealed webhook events, one file each; a part of landing."""
        return self.landing / "events"

    @property
    def warehouse_file(self) -> Path:
        """The encrypted working database; one process at a time."""
        return self.root / "warehouse" / "hisab.duckdb"

    @property
    def spill(self) -> Path:
        """Where the engine puts what does not fit in memory, encrypted."""
        return self.root / "warehouse" / "spill"

    @property
    def lock_file(self) -> Path:
        """Held by the one writer; its text names the holder."""
        return self.root / "warehouse" / "writer.lock"

    @property
    def night_lock_file(self) -> Path:
        """Held by the process that runs the night; its text names the holder."""
        return self.dagster / "night.lock"

    @property
    def publish(self) -> Path:
        """Immutable snapshots of the marts and the pointer to the present one."""
        return self.root / "publish"

    @property
    def pages(self) -> Path:
        """Rendered dashboards: the one place where amounts stand in clear, on purpose."""
        return self.root / "pages"

    @property
    def profiles(self) -> Path:
        """Layouts of bank files that people wrote or confirmed: TOML in clear, without any record."""
        return self.root / "profiles"

    @property
    def extensions(self) -> Path:
        """DuckDB's extension folder, pinned, filled from installed packages."""
        return self.root / "extensions"

    @property
    def dbt(self) -> Path:
        """Target and log folders of dbt."""
        return self.root / "dbt"

    @property
    def dagster(self) -> Path:
        """Dagster's instance: runs, events, schedules."""
        return self.root / "dagster"

    def require(self) -> Home:
        """This home, if it exists. Raises HomeError."""
        if not self.keys.is_dir():
            raise HomeError(f"There is no home at {self.root}. Make one with `hisab init`, or set HISAB_HOME to yours.")
        return self

    def make_folders(self) -> None:
        """Create the folders, readable by their owner only; existing ones are left as they are."""
        for folder in (
            self.root,
            self.keys,
            self.keys / "subjects",
            self.connections,
            self.landing,
            self.warehouse_file.parent,
            self.spill,
            self.publish,
            self.pages,
            self.profiles,
            self.extensions,
            self.dbt,
            self.dagster,
        ):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` so that `path` holds either its old content or all of the new: tmp, fsync, rename, fsync."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)
