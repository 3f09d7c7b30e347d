"""The description of Hishebi's API is sound, and the pretend service is what it describes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking_hishebi import PREFIX, SPAN, Person, description, holds, is_as_described, log_in
from openapi_spec_validator import validate
from pretend_hishebi import TODAY, Server

from pipelines.sandbox.hishebi import postman
from pipelines.sandbox.hishebi.api import OPERATION_NAMES
from pipelines.sandbox.hishebi.description import FOLDER, examples_of, operations
from pipelines.sandbox.hishebi.events import EVENT_TYPES
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.running import running_sandbox

HERE = Path(__file__).parent
OPERATIONS = operations(description()["paths"])
EVENTS = operations(description()["webhooks"])
Start = Callable[..., Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    """A sandbox for the tests that leave it as it was."""
    with running_sandbox(SandboxSettings(today=TODAY, requests_per_minute=1_000_000)) as url:
        yield Server(url)


def named(operation: tuple[str, str, dict[str, Any]]) -> str:
    return str(operation[2]["operationId"])


def test_the_description_is_sound_openapi() -> None:
    validate(description())


def test_everything_in_the_folder_belongs_to_the_description() -> None:
    told = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.yaml"))
    for path in FOLDER.rglob("*.yaml"):
        assert path.name == "openapi.yaml" or f"{path.name}#/" in told


@pytest.mark.parametrize("operation", [*OPERATIONS, *EVENTS], ids=named)
def test_every_request_says_what_is_published_and_what_is_our_reading(operation: tuple[str, str, Any]) -> None:
    origin = operation[2]["x-origin"]
    assert set(origin) == {"request", "answer"}
    assert set(origin.values()) <= {"published", "our reading"}


@pytest.mark.parametrize("operation", [*OPERATIONS, *EVENTS], ids=named)
def test_every_example_is_what_its_schema_says(operation: tuple[str, str, Any]) -> None:
    _, _, described = operation
    contents = [described["requestBody"]["content"]] if "requestBody" in described else []
    contents += [answer["content"] for answer in described["responses"].values() if "content" in answer]
    for parameter in described.get("parameters", []):
        if "example" in parameter:
            holds(parameter["schema"], parameter["example"])
    for content in contents:
        for media_type, told in content.items():
            examples = examples_of(told)
            assert examples or media_type != "application/json"
            for example in examples:
                holds(told["schema"], example)


def test_the_four_events_of_the_description_are_those_that_are_sent() -> None:
    assert tuple(description()["webhooks"]) == EVENT_TYPES


def request_of(url: str, operation: tuple[str, str, dict[str, Any]], given: dict[str, Any]) -> httpx.Response:
    """Ask what an operation's own examples ask; `given` are ids and tokens that only a running service knows."""
    path, method, described = operation
    where: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
    for parameter in described.get("parameters", []):
        if parameter["required"]:
            name = parameter["name"]
            where[parameter["in"]][name] = str(given.get(name, parameter["example"]))
    if described["security"]:
        where["header"]["authorization"] = f"Bearer {given['access_token']}"
    body = None
    if "requestBody" in described:
        (example,) = examples_of(described["requestBody"]["content"]["application/json"])
        body = {name: given.get(name, value) for name, value in example.items()}
    address = f"{url}{PREFIX}{path.format(**where['path'])}"
    return httpx.request(method, address, params=where["query"], headers=where["header"], json=body)


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_what_an_example_asks_is_answered(shared: Server, operation: tuple[str, str, Any]) -> None:
    somebody = Person(shared.url)
    tokens = log_in(shared.url)
    if named(operation) == "logIn":
        given: dict[str, Any] = {}
    elif named(operation) == "refreshTokens":
        given = {"refresh_token": tokens["refresh_token"], "device_id": "d"}
    else:
        given = {"access_token": tokens["access_token"], "property_id": somebody.houses()[0]}
    answer = request_of(shared.url, operation, given)
    assert answer.status_code == int(next(iter(operation[2]["responses"])))
    is_as_described(answer)


@pytest.mark.parametrize("email", ["ayesha@example.com", "tanvir@example.com", "rafiqul@example.com"])
def test_every_page_of_every_list_is_as_described(start_server: Start, email: str) -> None:
    whole, paged = start_server(requests_per_minute=100_000), start_server(page_size=7, requests_per_minute=100_000)
    assert Person(whole.url, email).everything() == Person(paged.url, email).everything()


def test_every_refusal_is_as_described(start_server: Start) -> None:
    server = start_server(requests_per_minute=30)
    somebody = Person(server.url)
    seen = {
        somebody.get("/ledger").status_code,
        somebody.get("/ledger", **{"from": "2026-11-20", "to": "2026-02-31"}).status_code,
        somebody.get("/cash-counts", **{"from": "2026-11-20", "to": "2026-11-19"}).status_code,
        somebody.get("/debts", page="nonsense").status_code,
        somebody.get("/export", format="docx", **SPAN).status_code,
        somebody.get("/properties/nowhere/tenants").status_code,
        somebody.note("a", "e_nowhere").status_code,
        somebody.note("a").status_code,
        somebody.note("b").status_code,
        Person(server.url, scope=["export.read"]).get("/goals").status_code,
        *(somebody.get("/debts").status_code for _ in range(40)),
    }
    stranger = httpx.get(f"{server.url}{PREFIX}/debts")
    is_as_described(stranger)
    assert {*seen, stranger.status_code} == {200, 201, 400, 401, 403, 404, 409, 429}


@pytest.mark.parametrize("name", OPERATION_NAMES)
def test_troubles_can_be_ordered_for_every_request(shared: Server, name: str) -> None:
    paths = {"token": "/auth/token", "refresh": "/auth/refresh", "write-note": "/notes"}
    path = paths.get(name, f"/properties/p_1/{name}" if name in {"tenants", "payments", "dues"} else f"/{name}")
    before = shared.requests(name)
    method = "POST" if name in paths else "GET"
    for fault, status in (("500", 500), ("429", 429)):
        shared.fault(fault, on=name)
        answer = httpx.request(method, f"{shared.url}{PREFIX}{path}")
        assert answer.status_code == status
        is_as_described(answer)
    shared.fault("html", on=name)
    assert httpx.request(method, f"{shared.url}{PREFIX}{path}").headers["content-type"].startswith("text/html")
    shared.fault("cut", on=name)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.request(method, f"{shared.url}{PREFIX}{path}")
    assert shared.requests(name) == before + 4


def test_what_is_not_there_is_told_in_the_same_form(shared: Server) -> None:
    for answer, outcome in (
        (httpx.get(f"{shared.url}{PREFIX}/nothing"), (404, "NOT_FOUND")),
        (httpx.delete(f"{shared.url}{PREFIX}/notes"), (405, "METHOD_NOT_ALLOWED")),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == outcome


def test_schemathesis_finds_nothing(shared: Server, tmp_path: Path) -> None:
    """All its checks but one stand as they come; `contract_hooks` says why that one is replaced."""
    somebody = log_in(shared.url)
    config = tmp_path / "schemathesis.toml"
    written = (HERE / "schemathesis.toml").read_text(encoding="utf-8")
    config.write_text(written.replace("${HISHEBI_PROPERTY}", Person(shared.url).houses()[0]), encoding="utf-8")
    schemathesis = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", "--no-color"]
    bounds = ["--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--generation-deterministic"]
    found = subprocess.run(
        [*schemathesis, *bounds, "--url", f"{shared.url}{PREFIX}", str(FOLDER / "openapi.yaml")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "HISHEBI_TOKEN": somebody["access_token"],
            "HISHEBI_HOOKS": str(HERE / "contract_hooks.py"),
        },
        timeout=240,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]
    assert "13 selected / 13 total" in found.stdout
    assert "No issues found" in found.stdout


def test_the_postman_collection_is_what_the_description_gives() -> None:
    """After a change of the description: python -m pipelines.sandbox.hishebi.postman."""
    assert postman.FILE.read_text(encoding="utf-8") == postman.rendered()


def test_the_postman_collection_asks_every_request_with_its_examples() -> None:
    made = postman.collection()
    assert made["info"]["schema"].endswith("/v2.1.0/collection.json")
    items = [item for folder in made["item"] for item in folder["item"]]
    assert {item["name"] for item in items} == {named(operation) for operation in OPERATIONS}
    assert all(item["response"] for item in items if item["name"] != "exportBooks")
    (ledger,) = (item["request"] for item in items if item["name"] == "listEntries")
    assert ledger["url"]["raw"] == "{{address}}/api/v1/hishebi/ledger?from=2026-04-01&to=2026-04-30"
    assert ledger["url"]["query"][-1] | {"description": ""} == {
        "key": "page",
        "value": "",
        "description": "",
        "disabled": True,
    }
