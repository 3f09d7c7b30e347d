"""A pretend YNAB for tests: asked in this process or served over HTTP; and raw tables to merge its pulls into."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import httpx

from pipelines.ingest.decoding import Rows, Stretch
from pipelines.ingest.merge import KindMerge, LoadStamp
from pipelines.ingest.staging_area import drop_stage, stage_load
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.running import running_sandbox
from pipelines.sandbox.ynab.settings import YnabSettings
from pipelines.sandbox.ynab.town import YnabTown
from pipelines.sources.exact_json import json_text, read_json
from pipelines.sources.source import Decoded, Page
from pipelines.sources.ynab.knowledge import knowledge_of
from pipelines.sources.ynab.pull import PlansPull
from pipelines.sources.ynab.records import decode
from warehouse.record_kinds import KINDS
from warehouse.road_tables import ROAD_TABLES
from warehouse.schema_renderings import arrow_schema, ddl

TODAY = dt.date(2026, 11, 20)


@dataclass(frozen=True)
class Granted:
    """As much of a grant as a pull looks at before it asks."""

    today: dt.date


@dataclass
class InProcess:
    """A client that asks a town without HTTP."""

    town: YnabTown
    plans_path: str = "plans"
    asked: list[str] = field(default_factory=list)

    def get(self, _grant: Any, path: str, params: Mapping[str, str]) -> tuple[bytes, dict[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in params.items())
        self.asked.append(f"{path}?{query}" if query else path)
        body = json_text({"data": self._answer(path.split("/")[3:], params)}).encode()
        return body, read_json(body)["data"]

    def _answer(self, parts: list[str], params: Mapping[str, str]) -> dict[str, Any]:
        town, knowledge = self.town, params.get("last_knowledge_of_server")
        known = int(knowledge) if knowledge is not None else None
        match parts:
            case []:
                return town.plans()
            case ["transactions"]:
                until = params.get("until_date")
                since = dt.date.fromisoformat(params["since_date"])
                return town.transactions(known, since, dt.date.fromisoformat(until) if until else None)
            case ["months", month]:
                return town.month(dt.date.fromisoformat(month)) or {}
            case ["scheduled_transactions"]:
                return town.scheduled(known)
            case [name]:
                answer: dict[str, Any] = getattr(town, name)(known)
                return answer
        raise AssertionError(parts)


def pulled(client: InProcess, cursor: str | None, *, full: bool = False) -> list[Page]:
    """Every page of one pull on the town's day."""
    granted: Any = Granted(client.town.today)
    pull: Any = PlansPull(client, granted, {}, knowledge_of(cursor), full=full)  # type: ignore[arg-type]
    return list(pull.pages())


@contextmanager
def raw_tables() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute("create schema raw")
    for table in (*KINDS.values(), *ROAD_TABLES.values()):
        con.execute(ddl(table))
    yield con
    con.close()


def merged(con: duckdb.DuckDBPyConnection, version: int, pages: list[Page]) -> str | None:
    """Merge one load as the road does; the cursor it told."""
    decoded = [decode(page) for page in pages]
    staged = stage_load(con, f"load-{version}", "c_1", iter(_pieces(decoded)))
    stamp = LoadStamp(f"load-{version}", version, "c_1", version, dt.datetime.now(dt.UTC))
    merges = {kind: KindMerge(con, KINDS[kind], stamp) for kind in KINDS}
    for kind in staged.kinds:
        count = merges[kind].run()
        assert count.merged + count.unchanged == staged.read.get(kind, 0)
    for kind, first, last, account in staged.windows:
        assert merges[kind].delete_absent(first, last, account, accept=False).held_back == 0
    for (kind, column), values in staged.restated.items():
        merges[kind].delete_restated(column, values)
    drop_stage(con, staged)
    return staged.cursor


def _pieces(decoded: list[Decoded]) -> Iterator[Rows | Stretch]:
    for each in decoded:
        assert each.rejects.is_empty(), each.rejects
        for batch in each.batches:
            table = batch.frame.select(arrow_schema(KINDS[batch.kind]).names).to_arrow()
            yield Rows(batch.kind, batch.identity, "page", "00", table.cast(arrow_schema(KINDS[batch.kind])))
        windows = tuple((w.kind, str(w.first_date), str(w.last_date), w.account_id) for w in each.windows)
        restated = tuple((r.kind, r.column, r.values) for r in each.restated)
        yield Stretch(each.rows_read, windows, each.cursor, restated)


def live(con: duckdb.DuckDBPyConnection, kind: str) -> list[tuple[Any, ...]]:
    """The live rows of a kind, own columns only."""
    columns = ", ".join(f'"{name}"' for name in KINDS[kind].own_names)
    return con.execute(f"select {columns} from raw.{kind} where not deleted order by record_id").fetchall()


@dataclass
class PlanServer:
    """A served pretend YNAB, steered over HTTP."""

    url: str

    @property
    def api(self) -> str:
        return f"{self.url}/ynab/v1"

    def steer(self, path: str, **body: Any) -> Any:
        answer = httpx.post(f"{self.url}/ynab/pretend/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stats(self) -> dict[str, Any]:
        stats: dict[str, Any] = httpx.get(f"{self.url}/ynab/pretend/stats").json()
        return stats


@contextmanager
def plan_server(today: dt.date = TODAY, **settings: Any) -> Iterator[PlanServer]:
    """A sandbox whose YNAB has these settings."""
    with running_sandbox(SandboxSettings(today=today), ynab=YnabSettings(today=today, **settings)) as url:
        yield PlanServer(url)
