"""From a page of Hishebi to records: which list it holds and which reader reads it.

Put here the whole of a page. Keep out what a row means (`ledger`, `planning`, `rent_houses`) and requests (`client`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pipelines.sources.exact_json import NotJson, read_json
from pipelines.sources.hishebi import ledger, planning, rent_houses, surfaces
from pipelines.sources.hishebi.rows import Around, Contents, Part, Reader, contents, read_rows, rejects_of
from pipelines.sources.hishebi.surfaces import SURFACES, Surface
from pipelines.sources.source import Batch, Decoded, Page, SourceError, Window
from warehouse.record_kinds import KINDS

OPENS_PULL, CURSOR = "opens_pull", "cursor"
LIST, PROPERTY_ID = "list", "property_id"
NOT_THE_END, IS_EMPTY = "not_the_end", "is_empty"
"""Names in a page's meta: its surface, the property it is of, that other lists of its group are to follow, and that
its whole list holds nothing."""


def _each(rows: list[Any]) -> Iterator[Part]:
    return (Part(row) for row in rows)


_READERS: Mapping[str, tuple[tuple[str, Callable[[list[Any]], Iterable[Part]], Reader], ...]] = {
    surfaces.LEDGER.name: (("ledger_entries", _each, ledger.entry),),
    surfaces.DEBTS.name: (("debts", _each, planning.debt),),
    surfaces.GOALS.name: (("savings_goals", _each, planning.goal),),
    surfaces.CASH_COUNTS.name: (("cash_counts", planning.count_lines, planning.count_line),),
    surfaces.NOTES.name: (("notes", _each, planning.note),),
    surfaces.PROPERTIES.name: (
        ("properties", _each, rent_houses.property_),
        ("units", rent_houses.units_of, rent_houses.unit),
    ),
    surfaces.TENANTS.name: (("tenancies", _each, rent_houses.tenancy),),
    surfaces.DUES.name: (("rent_charges", _each, rent_houses.charge),),
    surfaces.PAYMENTS.name: (("rent_payments", _each, rent_houses.payment),),
}


def decode(page: Page) -> Decoded:
    """Turn one page into records, and with the ledger's first page of a pull the account. Raises SourceError.

    A window is told with the last page of the last list it speaks of, the cursor with the last page of the pull. A
    list that was not given says nothing, least of all that its rows are gone.
    """
    if page.unanswered:
        return Decoded(batches=())
    surface = SURFACES.get(page.meta.get(LIST, surfaces.LEDGER.name))
    if surface is None:
        raise SourceError("A landed page of Hishebi is of a list that is not known. Update Hisab.")
    held, first, last = _opened(page, surface)
    around = Around(held.currency, page.meta.get(PROPERTY_ID))
    lists = [read_rows(KINDS[kind], parts(held.rows), reader, around) for kind, parts, reader in _READERS[surface.name]]
    batches = [each.batch for each in lists]
    rows_read = {each.batch.kind: each.count for each in lists}
    if page.meta.get(OPENS_PULL):
        batches.append(Batch("accounts", ledger.account(held.currency)))
        rows_read["accounts"] = 1
    is_whole = held.next_page is None and NOT_THE_END not in page.meta
    kinds = surface.kinds
    if surface is surfaces.PROPERTIES and IS_EMPTY in page.meta:
        kinds += surfaces.TENANTS.kinds  # without a property there is nobody to ask about
    return Decoded(
        batches=tuple(batches),
        rejects=rejects_of(lists),
        rows_read=rows_read,
        windows=tuple(Window(kind, first, last) for kind in kinds) if is_whole else (),
        cursor=page.meta.get(CURSOR),
    )


def _opened(page: Page, surface: Surface) -> tuple[Contents, dt.date, dt.date]:
    """The contents of a landed page, and the first and the last day it was asked for."""
    try:
        held = contents(read_json(page.body), surface.list_name, surface.title)
        first, last = (dt.date.fromisoformat(page.meta[name]) for name in ("first_date", "last_date"))
    except NotJson:
        raise SourceError(f"A landed page of Hishebi's {surface.title} is not whole JSON. Sync again.") from None
    except (KeyError, ValueError):
        raise SourceError(
            f"A landed page of Hishebi's {surface.title} lost the days it was asked for. Sync again."
        ) from None
    return held, first, last
