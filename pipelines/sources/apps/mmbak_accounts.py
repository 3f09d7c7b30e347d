"""Accounts, their groups and the currencies of a Money Manager backup."""

from __future__ import annotations

import re

import polars as pl

from pipelines.sources.apps.account_names import account_kind
from pipelines.sources.apps.mmbak_tables import Backup
from pipelines.sources.currency_words import ISO_CODES, sure_currency
from pipelines.sources.source import Batch, Decoded
from warehouse.record_kinds import ACCOUNTS
from warehouse.schema_renderings import polars_schema

_IN_UID = re.compile(r"^[A-Z]{3}_([A-Z]{3})$")
_GROUP_KINDS = {
    "1": "current",
    "2": "card",
    "3": "card",
    "4": "savings",
    "5": "loan",
    "8": "investment",
    "11": "cash",
}
"""Kind of the groups the app ships with; people rename them, their type stays."""
_DELETED = "1"


def iso_codes(backup: Backup) -> dict[str, str]:
    """ISO 4217 code of each currency the backup refers to; what leaves a doubt is left out."""
    found = {}
    for uid, iso in backup.currencies.select("uid", "iso").iter_rows():
        code = sure_currency({(iso or "").strip()}) or sure_currency({(iso or "").strip().upper()})
        if uid and code:
            found[uid] = code
    referred = {*backup.entries["currency"].drop_nulls().unique(), *backup.assets["currency"].drop_nulls().unique()}
    for uid in referred - set(found):
        named = _IN_UID.match(uid)
        code = named[1] if named else uid
        if code in ISO_CODES:
            found[uid] = code
    return found


def main_currency(backup: Backup) -> str:
    """The main currency, when the backup marks one or has only one."""
    codes = iso_codes(backup)
    marked = {
        codes[uid]
        for uid, is_main in backup.currencies.select("uid", "is_main").iter_rows()
        if is_main == "1" and uid in codes
    }
    candidates = marked or set(codes.values())
    return candidates.pop() if len(candidates) == 1 else ""


def accounts_of(backup: Backup) -> Decoded:
    """One row per account; deleted ones only where an entry is theirs, and those entries name though they are gone."""
    used = {*backup.entries["asset"].drop_nulls().unique(), *backup.entries["to_asset"].drop_nulls().unique()} - {""}
    codes = iso_codes(backup)
    groups = {uid: (name, kind) for uid, name, kind in backup.groups.select("uid", "name", "type").iter_rows()}
    rows: list[dict[str, object]] = []
    known: set[str] = set()
    for uid, name, group, currency, state in backup.assets.select(
        "uid", "name", "group", "currency", "state"
    ).iter_rows():
        if not uid or uid in known or (state == _DELETED and uid not in used):
            continue
        known.add(uid)
        group_name, group_type = groups.get(group, (None, None))
        rows.append(
            {
                "row_no": len(rows) + 1,
                "record_id": uid,
                "account_name": (name or "").strip() or uid,
                "account_kind": _GROUP_KINDS.get(group_type or "") or account_kind(name or ""),
                "currency_code": codes.get(currency or ""),
                "account_group": (group_name or "").strip() or None,
            }
        )
    rows += [
        {"row_no": number, "record_id": uid, "account_name": uid, "account_kind": "other"}
        for number, uid in enumerate(sorted(used - known), start=len(rows) + 1)
    ]
    frame = pl.DataFrame(rows, schema=polars_schema(ACCOUNTS))
    return Decoded((Batch(ACCOUNTS.name, frame),), rows_read={ACCOUNTS.name: frame.height})
