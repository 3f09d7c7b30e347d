"""Run dbt inside this process on the working file: parse once, build, close.

Put here what concerns dbt's invocation: its arguments, its environment, its manifest and what its answer means.
Keep out where the home keeps things (the caller passes paths), the writer's lock, and Dagster. Every other
connection of this process to the working file must be closed before `build`; afterwards it may be opened again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.faults import fault_point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PROJECT = Path(__file__).resolve().parent.parent / "dbt_project"
"""The dbt project this module runs."""

PARSED = PROJECT / "target" / "parsed"
"""What dbt made of the project's text, by its hash and dbt's version. It takes seconds and holds nothing of a home."""

_HASH_FILE = "project.sha256"
_PARSE_ANSWER = ("manifest.json", "partial_parse.msgpack")
_LITERAL = re.compile(r"'[^']*'|(?<=key )\"[^\"]*\"")
_NOT_ASKED_ENOUGH = "not needed to parse"


class BuildError(Exception):
    """dbt could not run at all (a model that does not parse, a file that cannot be opened); one clear line."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What dbt did with one seed, model or test.

    Attributes:
        unique_id: dbt's id, the key of the node in the manifest.
        resource_type: seed, model, test or unit_test.
        name: The node's name.
        status: success or pass, warn, fail, error, or skipped.
        seconds: Wall time of the node.
        failures: Rows a data test returned, where it is one; 0 otherwise.
        message: Why it failed, one line without values from rows; empty when it did not.
    """

    unique_id: str
    resource_type: str
    name: str
    status: str
    seconds: float
    failures: int
    message: str


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The outcome of one `build`.

    Attributes:
        ok: Whether every node succeeded; warnings do not spoil it.
        nodes: One result per node that was selected, in the order they ended.
        problems: One line per failed node, for people.
        project_hash: `project_hash()` at the time; store it, and ask for a full refresh when it differs.
    """

    ok: bool
    nodes: tuple[NodeResult, ...]
    problems: tuple[str, ...]
    project_hash: str


def project_hash() -> str:
    """SHA-256 over every file of the dbt project by path and content; what a full refresh depends on."""
    digest = hashlib.sha256()
    for path in sorted(PROJECT.rglob("*")):
        inside = path.relative_to(PROJECT)
        if path.is_file() and inside.parts[0] not in {"target", "logs"} and path.suffix in _PROJECT_FILES:
            digest.update(f"{inside.as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


_PROJECT_FILES = {".sql", ".yml", ".csv", ".md"}


def parse(*, target: Path, logs: Path) -> Path:
    """Path of an up-to-date `manifest.json` under `target`, written only when the project changed.

    Opens no database. Raises BuildError when the project does not parse.
    """
    manifest, mark, now = target / "manifest.json", target / _HASH_FILE, project_hash()
    if manifest.is_file() and mark.is_file() and mark.read_text(encoding="utf-8") == now:
        return manifest
    mark.unlink(missing_ok=True)
    shared = PARSED / f"{now}-{version('dbt-core')}"
    try:
        shutil.copytree(shared, target, copy_function=shutil.copyfile, dirs_exist_ok=True)
    except OSError:
        idle = dict.fromkeys(_PROFILE_VARIABLES, _NOT_ASKED_ENOUGH)
        _invoke(["parse", *_where(target, logs)], environment=idle)
        _share(target, shared)
    mark.write_text(now, encoding="utf-8")
    return manifest


def _parsed(target: Path, logs: Path) -> Any:
    """The parsed project as dbt's own object. A command that is given it does not parse.

    Left to itself dbt parses again in every home: it takes the home's paths and memory limit for a change.
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    parse(target=target, logs=logs)
    packed = (target / "partial_parse.msgpack").read_bytes()
    manifest: Any = Manifest.from_msgpack(packed, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    return manifest


def _share(target: Path, shared: Path) -> None:
    """Keep a parse for every other home of this checkout; where it cannot be written, each home parses for itself."""
    unfinished = shared.with_name(f"{shared.name}.{os.getpid()}")
    try:
        unfinished.mkdir(parents=True)
        for name in _PARSE_ANSWER:
            shutil.copyfile(target / name, unfinished / name)
        unfinished.rename(shared)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)


def read_manifest(*, target: Path, logs: Path) -> dict[str, Any]:
    """The manifest as a dictionary; parses first when it is missing or stale. Raises BuildError."""
    manifest: dict[str, Any] = json.loads(parse(target=target, logs=logs).read_text(encoding="utf-8"))
    return manifest


def build(
    *,
    warehouse_file: Path,
    key: str,
    extensions: Path,
    spill: Path,
    target: Path,
    logs: Path,
    memory_limit: str,
    full_refresh: bool = False,
    tests: bool = True,
    on_node: Callable[[str], None] | None = None,
) -> BuildResult:
    """Build every model on the working file, each followed by its data tests, and close the file again.

    Args:
        warehouse_file: The encrypted working file; no other connection to it may be open in this process.
        key: Its key, as the file was created with.
        extensions: Folder with `v<version>/<platform>/httpfs.duckdb_extension`.
        spill: Where DuckDB may spill (encrypted).
        target: Where dbt keeps its manifest and compiled SQL; outside the repository.
        logs: dbt's log folder; nothing is written to it while all goes well.
        memory_limit: DuckDB's own limit, e.g. "1GB".
        full_refresh: Build the incremental models anew; needed when `project_hash()` changed.
        tests: Whether the data tests run; a failed one stops what stands after its model.
        on_node: Told the name of each node as it ends.

    Raises:
        BuildError: dbt could not start or ended before the first node.
    """
    now = project_hash()
    arguments = ["build", *_where(target, logs), "--no-write-json", "--exclude-resource-type", "unit_test"]
    arguments += [] if tests else ["--exclude-resource-type", "test"]
    arguments += ["--full-refresh"] if full_refresh else []
    environment = {
        "HISAB_WAREHOUSE_FILE": str(warehouse_file),
        "DBT_ENV_SECRET_WH_KEY": key,
        "HISAB_EXTENSIONS": str(extensions),
        "HISAB_SPILL": str(spill),
        "HISAB_MEMORY_LIMIT": memory_limit,
    }
    outcome = _invoke(arguments, environment=environment, on_node=on_node, manifest=_parsed(target, logs))
    nodes = tuple(_node_result(result) for result in outcome.results)
    problems = tuple(_problem(result) for result in outcome.results if str(result.status) in _BAD)
    return BuildResult(not problems, nodes, problems, now)


_PROFILE_VARIABLES = (
    "HISAB_WAREHOUSE_FILE",
    "DBT_ENV_SECRET_WH_KEY",
    "HISAB_EXTENSIONS",
    "HISAB_SPILL",
    "HISAB_MEMORY_LIMIT",
)
_BAD = {"error", "fail", "runtime error"}


def _where(target: Path, logs: Path) -> list[str]:
    """Arguments every command takes: where things are, and silence (dbt's own log would hold values from rows)."""
    return [
        "--project-dir",
        str(PROJECT),
        "--profiles-dir",
        str(PROJECT),
        "--target-path",
        str(target),
        "--log-path",
        str(logs),
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--no-use-colors",
        "--quiet",
        "--no-send-anonymous-usage-stats",
    ]


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the duration of one call; the key must not stay behind for child processes to inherit."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _listener(on_node: Callable[[str], None] | None) -> Callable[[Any], None]:
    def listen(event: Any) -> None:
        if event.info.name == "NodeFinished":
            fault_point("dbt.mid_build")
            if on_node is not None:
                on_node(event.data.node_info.node_name)

    return listen


def _invoke(
    arguments: list[str],
    *,
    environment: Mapping[str, str],
    on_node: Callable[[str], None] | None = None,
    manifest: Any = None,
) -> Any:
    """Run one dbt command and let go of the file, whatever happens. Raises BuildError without an answer."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    with _environment({**environment, "DO_NOT_TRACK": "1"}):
        try:
            answer = dbtRunner(manifest, callbacks=[_listener(on_node)]).invoke(arguments)
        finally:
            DuckDBConnectionManager.close_all_connections()
    if "Interrupt" in type(answer.exception).__name__:  # Python's own, or what Dagster makes of it
        raise BuildError(f"dbt {arguments[0]} was interrupted; nothing was lost, run the command again")
    if answer.exception is not None or answer.result is None:
        raise BuildError(f"dbt {arguments[0]} could not run: {_one_line(str(answer.exception))}")
    return answer.result


def _one_line(text: str) -> str:
    """What dbt says as one line, without the literals that may hold what stood in a row."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("compiled code at", "Runtime Error", "> in macro"))]
    return _LITERAL.sub("'…'", " ".join(useful[:4]))[:400]


def _failures(result: Any) -> int:
    return int(result.failures or 0)


def _node_result(result: Any) -> NodeResult:
    node, status = result.node, str(result.status)
    message = _one_line(result.message or "") if status in _BAD else ""
    return NodeResult(
        node.unique_id,
        str(node.resource_type),
        node.name,
        status,
        float(result.execution_time),
        _failures(result),
        message,
    )


def _problem(result: Any) -> str:
    """One line for people: which test, on which model, how many rows; or which model and why."""
    node = result.node
    if str(result.status) != "fail":
        return f"{node.name}: {_one_line(result.message or 'no reason given')}"
    models = [name.rsplit(".", 1)[-1] for name in node.depends_on.nodes]
    attached = getattr(node, "attached_node", None)
    model = attached.rsplit(".", 1)[-1] if attached else ", ".join(models)
    rows = _failures(result)
    return f"{node.name} on {model}: {rows} row{'s' if rows != 1 else ''} where none may be"


if __name__ == "__main__":  # `make setup`: the first home of a checkout then finds the project parsed
    with tempfile.TemporaryDirectory() as scratch:
        parse(target=Path(scratch), logs=Path(scratch))
