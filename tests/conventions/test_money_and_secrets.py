"""Money is never a float, secrets are never shown, and the environment is read in one place."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tree import name, parsed, python_files

MONEY_ROOMS = ("pipelines/sources", "pipelines/ingest", "pipelines/outputs", "warehouse")
FLOATS_THAT_ARE_NOT_MONEY = {
    "pipelines/sources/pacing.py": "seconds to wait",
    "pipelines/sources/service_answers.py": "seconds to wait",
    "pipelines/outputs/query.py": "seconds to wait, and columns of a person's own query that are no amounts",
    "warehouse/lock.py": "seconds to wait",
    "warehouse/build.py": "seconds a model took",
}
FLOAT_NAMES = {"float", "Float32", "Float64", "float32", "float64", "DOUBLE"}

ENVIRONMENT_READERS = {
    "pipelines/settings.py": "the one place for settings",
    "pipelines/nightly.py": "hands the home on to Dagster",
    "pipelines/event_log.py": "DAGSTER_HOME, where Dagster itself finds its folder",
    "pipelines/ingest/decoding.py": "hands an environment without keys on to the decoder's process",
    "warehouse/keys.py": "HISAB_KEY, which is no setting and never in an object that is printed",
    "warehouse/faults.py": "HISAB_FAULT, asked at every named point",
    "warehouse/marts.py": "HISAB_HOME for notebooks, which have no settings",
    "warehouse/build.py": "hands the key on to dbt and takes it back",
}

SECRET = re.compile(r"(?i)password|passphrase|secret|token|access|refresh|home_key|engine_key|subject_key")
SHOWING = {"print", "echo", "secho", "tell", "warn", "warning", "info", "debug", "error", "exception", "log"}


def _floats(path: Path) -> list[str]:
    found = []
    for node in ast.walk(parsed(path)):
        word = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if word in FLOAT_NAMES and isinstance(node, ast.expr):
            found.append(f"{name(path)}:{node.lineno} {word}")
    return found


def test_money_is_never_a_float() -> None:
    found = [
        place
        for path in python_files(*MONEY_ROOMS)
        if name(path) not in FLOATS_THAT_ARE_NOT_MONEY
        for place in _floats(path)
    ]
    assert found == []


def test_every_excuse_for_a_float_is_still_needed() -> None:
    needed = {name(path) for path in python_files(*MONEY_ROOMS) if _floats(path)}
    assert set(FLOATS_THAT_ARE_NOT_MONEY) - needed == set()


def _reads_environment(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"} and ast.unparse(node.value) == "os"
        for node in ast.walk(parsed(path))
    )


def test_the_environment_is_read_in_one_place_and_in_explained_others() -> None:
    readers = {name(path) for path in python_files("pipelines", "warehouse", "dashboards") if _reads_environment(path)}
    assert readers == set(ENVIRONMENT_READERS)


def _shown(call: ast.Call) -> bool:
    word = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return word in SHOWING


def test_no_secret_is_printed_or_logged() -> None:
    """A value whose name says that it is secret is no argument of what shows text; a constant is no secret."""
    found = []
    for path in python_files("pipelines", "warehouse", "dashboards"):
        calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call) and _shown(node)]
        for call in calls:
            values = [inner for part in [*call.args, *call.keywords] for inner in ast.walk(part)]
            names = {value.id for value in values if isinstance(value, ast.Name)}
            names |= {value.attr for value in values if isinstance(value, ast.Attribute)}
            found += [
                f"{name(path)}:{call.lineno} {word}"
                for word in sorted(names)
                if SECRET.search(word) and not word.isupper()
            ]
    assert found == []
