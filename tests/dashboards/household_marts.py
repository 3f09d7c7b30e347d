"""Small marts with the contract's columns and known sums, for the tests of dashboards."""

from __future__ import annotations

import csv
import random
import uuid
from pathlib import Path
from typing import Any

import duckdb
import yaml

ROOT = Path(__file__).resolve().parents[2]
AMINA, KARIM, HOSTILE = (str(uuid.UUID(int=number)) for number in (1, 2, 3))
PARTIES = {
    AMINA: "আমিনা বেগম",
    KARIM: "Karim",
    HOSTILE: "</script><img src=x onerror=alert(1)>",
}
SPENDING = {
    "groceries": 9000,
    "rent": 18000,
    "public_transport": 2500,
    "mobile_recharge": 800,
    "medicine": 1500,
    "tuition": 4000,
    "clothing": 2200,
    "entertainment": 1400,
    "uncategorised": 700,
}


def contract_columns() -> dict[str, list[tuple[str, str]]]:
    """Every mart's columns and types as dbt's contracts declare them, by `schema.table`."""
    found = {}
    for path in sorted((ROOT / "dbt_project" / "models" / "marts").glob("*/*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            columns = [(column["name"], column["data_type"]) for column in model["columns"]]
            found[f"{path.parent.name}.{model['name']}"] = columns
    return found


def create_marts(con: duckdb.DuckDBPyConnection) -> None:
    """Make every mart of the contracts, empty."""
    for name, columns in contract_columns().items():
        con.execute(f"create schema if not exists {name.split('.')[0]}")
        con.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns)})")


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows that name their columns."""
    names = list(rows[0])
    marks = ", ".join("?" for _ in names)
    con.executemany(f"insert into {table} ({', '.join(names)}) values ({marks})", [list(row.values()) for row in rows])


def fill_marts(con: duckdb.DuckDBPyConnection, months: int = 24) -> None:
    """Two people in taka, one of them in dirham too, and one whose label is an attack; amounts with odd digits."""
    create_marts(con)
    parties = [{"party_key": key, "household_key": key, "party_label": label} for key, label in PARTIES.items()]
    insert(con, "core.dim_parties", parties)
    insert(con, "core.dim_categories", _categories())
    dice = random.Random(7)  # noqa: S311 - a seeded story, not a secret
    flows = []
    for number in range(months):
        month = f"{2025 + number // 12}-{number % 12 + 1:02d}-01"
        for party, currency, scale in ((AMINA, "BDT", 1.0), (KARIM, "BDT", 1.6), (KARIM, "AED", 0.1)):
            flows.append(_flow(party, month, "salary", currency, income=round(58000 * scale) + dice.randrange(5000)))
            for category, usual in SPENDING.items():
                taka = round(usual * scale) + dice.randrange(int(usual * scale) + 1)
                flows.append(_flow(party, month, category, currency, expense=taka + dice.randrange(100) / 100))
    flows.append(_flow(HOSTILE, "2026-12-01", "groceries", "BDT", expense=0.1234))
    flows.append(_flow(AMINA, "2026-06-01", "loan_repayment", "BDT", debt=7000))
    insert(con, "household.rpt_monthly_cashflow", flows)
    con.execute(
        """
        insert into household.rpt_monthly_savings by name
        select party_key, month_date, currency_code, sum(income_amount) as income_amount,
               sum(expense_amount) as expense_amount, sum(debt_amount) as debt_amount,
               sum(saving_amount) as saving_amount, sum(net_amount) as net_amount
        from household.rpt_monthly_cashflow group by party_key, month_date, currency_code
        """
    )


def _flow(
    party: str, month: str, category: str, currency: str, income: float = 0, expense: float = 0, debt: float = 0
) -> dict[str, Any]:
    return {
        "party_key": party,
        "month_date": month,
        "category_id": category,
        "currency_code": currency,
        "income_amount": f"{income:.4f}",
        "expense_amount": f"{expense:.4f}",
        "debt_amount": f"{debt:.4f}",
        "saving_amount": "0",
        "net_amount": f"{income - expense - debt:.4f}",
    }


def _categories() -> list[dict[str, Any]]:
    with (ROOT / "dbt_project" / "seeds" / "categories.csv").open(encoding="utf-8", newline="") as file:
        seeds = {row["category_id"]: row for row in csv.DictReader(file)}
    return [
        {
            "category_id": key,
            "group_id": row["parent_id"] or key,
            **{f"category_name_{tongue}": row[f"name_{tongue}"] for tongue in ("en", "bn", "ar")},
            **{
                f"group_name_{tongue}": seeds[row["parent_id"] or key][f"name_{tongue}"]
                for tongue in ("en", "bn", "ar")
            },
        }
        for key, row in seeds.items()
    ]
