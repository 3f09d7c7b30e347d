"""One dashboard as one HTML file that needs nothing else: no network, no server, no font, no second file.

Put here how the parts in `page_parts/` become a page. Keep out what is on it (`dashboards.spec`) and its numbers
(`dashboards.results`). Its content-security policy allows exactly the scripts and the style inside it, by hash; data
stand in a JSON block and reach the document as text only.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

from dashboards.library import vega_library
from dashboards.results import Results
from dashboards.spec import Dashboard
from warehouse.home import write_whole

_PARTS = Path(__file__).resolve().parent / "page_parts"
_SCRIPTS = ("format.js", "charts.js", "page.js")


def render_page(spec: Dashboard, results: Results, path: Path, *, published_at: str = "") -> Path:
    """Write the page to `path`, whole or not at all, readable by its owner only; give that path.

    The same spec, results and `published_at` (UTC, ISO 8601) give the same bytes.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, page_text(spec, results, published_at, vega_library(path.parent)).encode())
    return path


def page_text(spec: Dashboard, results: Results, published_at: str, library: str) -> str:
    """The page as text, with the charting `library` inside it."""
    style = _part("page.css")
    script = "\n".join(_part(name) for name in _SCRIPTS)
    return Template(_part("page.html")).substitute(
        policy=_policy(scripts=(library, script), style=style),
        title=html.escape(spec.titles.en),
        style=style,
        data=_json_block(_page_data(spec, results, published_at)),
        library=library,
        script=script,
    )


@cache
def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _policy(*, scripts: tuple[str, ...], style: str) -> str:
    script_hashes = " ".join(_source_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {script_hashes}; style-src {_source_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _source_hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json_block(data: dict[str, Any]) -> str:
    """JSON that cannot end its script element, whatever a payee is called."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _page_data(spec: Dashboard, results: Results, published_at: str) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    rows: dict[str, dict[str, Any]] = {}
    for selection, by_card in results.by_selection.items():
        key = json.dumps(selection, ensure_ascii=False, separators=(",", ":"))
        rows[key] = {card: {"rows": result.rows} for card, result in by_card.items()}
        columns |= {card: result.columns for card, result in by_card.items()}
    return {
        "titles": spec.titles.model_dump(),
        "labels": {name: titles.model_dump() for name, titles in spec.labels.items()},
        "params": [
            {
                "key": one.param.key,
                "titles": one.param.titles.model_dump(),
                "required": one.param.required,
                "all": one.param.all.model_dump() if one.param.all else None,
                "choices": one.values,
                "has_more": one.has_more,
            }
            for one in results.choices
        ],
        "cards": [card.model_dump(by_alias=True, exclude={"sql"}) for card in spec.cards],
        "columns": columns,
        "results": rows,
        "published_at": published_at,
        "words": yaml.safe_load(_part("words.yaml")),
    }
