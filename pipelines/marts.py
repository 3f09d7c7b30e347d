"""From raw tables to what people read: decide whether there is anything to build, build, publish, render.

Each step can be killed and run again; readers keep the last published version until a whole new one is proved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dashboards.library import bundling_beside
from pipelines.progress import tell
from pipelines.workplace import Workplace
from warehouse import build as dbt
from warehouse import snapshots
from warehouse.faults import fault_point
from warehouse.marts import open_marts
from warehouse.publish import publish
from warehouse.snapshots import Published
from warehouse.working_file import WORKING_KEY, pin_extensions


@dataclass(frozen=True, slots=True)
class BuildNeed:
    """Why the marts are out of date.

    Attributes:
        reason: For people; empty when everything published is current.
        full_refresh: Whether the incremental models must be built anew.
        load_seq: The last load the build will hold.
    """

    reason: str
    full_refresh: bool
    load_seq: int


def build_need(workplace: Workplace) -> BuildNeed:
    """Compare the raw tables and the dbt project with what was published last."""
    with workplace.warehouse("looking for changes") as con:
        row = con.execute(
            "select coalesce(max(load_seq), 0) from raw.loads where load_id in (select load_id from raw.load_counts "
            "where merged_count + deleted_count + quarantined_count > 0)"
        ).fetchone()
        events, parties = _events_mark(con), _parties_mark(con)
    load_seq = int(row[0]) if row else 0
    published = snapshots.current(workplace.home)
    facts = published.facts if published else {}
    if published is None:
        return BuildNeed("nothing is published yet", full_refresh=True, load_seq=load_seq)
    if facts.get("project_hash") != dbt.project_hash():
        return BuildNeed("the models changed", full_refresh=True, load_seq=load_seq)
    if facts.get("parties", _NO_PARTIES) != parties:
        return BuildNeed("households or base currencies changed", full_refresh=True, load_seq=load_seq)
    if int(facts.get("load_seq", 0)) != load_seq:
        return BuildNeed("new records arrived", full_refresh=False, load_seq=load_seq)
    if facts.get("events", _NO_EVENTS) != events:
        return BuildNeed("webhook events arrived or were handled", full_refresh=False, load_seq=load_seq)
    return BuildNeed("", full_refresh=False, load_seq=load_seq)


_NO_EVENTS = "0 received, 0 handled"
_NO_PARTIES = "none"


def _events_mark(con: duckdb.DuckDBPyConnection) -> str:
    """What the webhook events of a version come to; events may come without any load."""
    received, handled = con.execute(
        "select count(*), count(*) filter (where is_handled) from raw.webhook_events"
    ).fetchall()[0]
    return f"{received} received, {handled} handled"


def _parties_mark(con: duckdb.DuckDBPyConnection) -> str:
    """What hisab.toml says of parties, as a digest of opaque ids: it stands in clear beside the snapshot."""
    (mark,) = con.execute(
        "select md5(string_agg(concat_ws('|', party_id, household_id, base_currency_code), chr(10) "
        "order by party_id)) from raw.party_settings where coalesce(household_id, base_currency_code) is not null"
    ).fetchall()[0]
    return mark or _NO_PARTIES


def build_marts(workplace: Workplace, need: BuildNeed) -> dbt.BuildResult:
    """Run dbt on the working file, inside this process. Raises BuildError, Locked."""
    home = workplace.home
    tell("building the marts")
    fault_point("dbt.before_build")
    with workplace.locked("building the marts"), bundling_beside(home.pages):
        result = dbt.build(
            warehouse_file=home.warehouse_file,
            key=workplace.keyring.engine_key(WORKING_KEY),
            extensions=pin_extensions(home),
            spill=home.spill,
            target=home.dbt / "target",
            logs=home.dbt / "logs",
            memory_limit=workplace.settings.memory_limit,
            full_refresh=need.full_refresh,
            on_node=lambda name: tell(f"built {name}"),
        )
    fault_point("dbt.after_build")
    return result


def publish_marts(workplace: Workplace, load_seq: int) -> Published:
    """Publish the marts as a new snapshot and move the pointer. Raises PublishError, Locked, DiskFull."""
    tell("publishing")
    run_id = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    with workplace.warehouse("publishing") as con:
        facts = {"load_seq": load_seq, "project_hash": dbt.project_hash(), "events": _events_mark(con)}
        facts["parties"] = _parties_mark(con)
        return publish(
            con,
            workplace.home,
            workplace.keyring,
            run_id=run_id,
            facts=facts,
            keep=workplace.settings.keep_snapshots,
            memory_limit=workplace.settings.memory_limit,
        )


def render_pages(workplace: Workplace, keys: Sequence[str]) -> Sequence[Path]:
    """Render these dashboards from the published snapshot; the paths of the pages."""
    from dashboards import render_dashboard

    pages = []
    with open_marts(workplace.home, workplace.keyring) as marts:
        for key in keys:
            tell(f"rendering {key}")
            pages.append(render_dashboard(key, marts, workplace.home.pages / f"{key}.html"))
    return pages
