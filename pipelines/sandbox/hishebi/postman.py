"""A Postman collection (v2.1) of the API, made from its description.

`python -m pipelines.sandbox.hishebi.postman` writes it; a test notices when it is older than the description.
"""

from __future__ import annotations

import json
from typing import Any

from pipelines.sandbox.hishebi.description import FOLDER, described, examples_of, operations

FILE = FOLDER / "postman_collection.json"
_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_BASE = "{{address}}/api/v1/hishebi"


def collection() -> dict[str, Any]:
    """The collection: a folder for each tag, a request for each operation, with its good answers."""
    document = described()
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, method, operation in operations(document["paths"]):
        folders[operation["tags"][0]].append(_item(path, method, operation))
    info = document["info"]
    return {
        "info": {"name": info["title"], "description": info["description"], "schema": _SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{access_token}}", "type": "string"}]},
        "variable": [
            {"key": "address", "value": document["servers"][0]["variables"]["address"]["default"]},
            {"key": "access_token", "value": ""},
        ],
        "item": [{"name": name, "item": items} for name, items in folders.items()],
    }


def rendered() -> str:
    """The file's text."""
    return json.dumps(collection(), ensure_ascii=False, indent=1) + "\n"


def _item(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    request = _request(path, method, operation)
    answers = [
        _answer(request, int(status), answer, example)
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for content in answer["content"].values()
        for example in examples_of(content)
    ]
    return {"name": operation["operationId"], "request": request, "response": answers}


def _request(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    told = [f"{part}: {origin}" for part, origin in operation["x-origin"].items()]
    request: dict[str, Any] = {
        "method": method.upper(),
        "description": "\n\n".join([operation["summary"], operation.get("description", ""), ", ".join(told)]),
        "header": [_pair(each) for each in parameters if each["in"] == "header"],
        "url": _url(path, parameters),
    }
    if not operation["security"]:
        request["auth"] = {"type": "noauth"}
    if "requestBody" in operation:
        (example,) = examples_of(operation["requestBody"]["content"]["application/json"])
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        text = json.dumps(example, ensure_ascii=False, indent=1)
        request["body"] = {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}
    return request


def _url(path: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    steps = [f":{step[1:-1]}" if step.startswith("{") else step for step in path.strip("/").split("/")]
    query = [_pair(each) for each in parameters if each["in"] == "query"]
    asked = "&".join(f"{each['key']}={each['value']}" for each in query if not each.get("disabled"))
    return {
        "raw": f"{_BASE}/{'/'.join(steps)}" + (f"?{asked}" if asked else ""),
        "host": ["{{address}}"],
        "path": ["api", "v1", "hishebi", *steps],
        "query": query,
        "variable": [_pair(each) for each in parameters if each["in"] == "path"],
    }


def _pair(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter; one that may be left out is there, switched off."""
    pair = {
        "key": parameter["name"],
        "value": str(parameter.get("example", "")),
        "description": parameter.get("description", "").strip(),
    }
    return pair if parameter["required"] else {**pair, "disabled": True}


def _answer(request: dict[str, Any], status: int, answer: dict[str, Any], example: Any) -> dict[str, Any]:
    return {
        "name": f"{status} {answer['description']}".strip(),
        "originalRequest": request,
        "code": status,
        "header": [{"key": "Content-Type", "value": "application/json"}],
        "body": json.dumps(example, ensure_ascii=False, indent=1),
    }


if __name__ == "__main__":
    FILE.write_text(rendered(), encoding="utf-8")
