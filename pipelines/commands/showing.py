"""The demo: the whole road with pretend services and sample files, and a summary a person can scan."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
from rich.markup import escape

from pipelines.commands.screen import amount, console, following, table
from pipelines.commands.setting_up import make_home
from pipelines.commands.showing_banks import connect_banks, receiving
from pipelines.commands.showing_household import connect_partners, household_names, write_household, write_rates
from pipelines.ingest import importing
from pipelines.ingest.decoding import Decoder
from pipelines.local_server import ServeProblem, free_port
from pipelines.nightly import run_night
from pipelines.progress import tell
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.lean.settings import LeanTownSettings
from pipelines.sandbox.running import running_sandbox
from pipelines.settings import home_of_environment
from pipelines.sources.source import Question
from pipelines.workplace import Workplace, open_workplace
from warehouse.home import Home, HomeError, write_whole
from warehouse.marts import open_marts

MARK = "demo.json"
PORT = 8767
"""Where the pretend services answer, when it is free as the demo's home is made."""
SAMPLES = (("ynab-register.csv", 0), ("wallet-records.csv", 1), ("padma-bank.ofx", 1))
"""Sample files and which of the two people they belong to."""
ANSWERS = {"currency": "USD"}


def demo() -> int:
    """Make or continue the demo home and end with a summary; 1 when the night did not go through."""
    home = home_of_environment()
    is_first = _prepare(home)
    workplace = open_workplace(home)
    with following("demo") as warnings, _sandbox(home, workplace.today) as url:
        if not is_first:
            tell("a day passes in the sandbox: an entry is edited, one is deleted")
            httpx.post(f"{url}/sandbox/change", timeout=10).raise_for_status()
        tell("connecting two people: one keeps a Hishebi ledger, the other a YNAB plan")
        labels = connect_partners(workplace, url)
        with receiving(workplace, url) as landing:
            connect_banks(workplace, url, labels, landing)
            _land_samples(workplace, labels, dt.date.fromisoformat(_marked(home)["made_on"]))
            result = run_night(workplace)
        warnings.extend([] if warnings else result.problems)
    if result.ok:
        _summary(workplace)
    return 0 if result.ok and not warnings else 1


def _prepare(home: Home) -> bool:
    """Make the demo's home, unless it is there; whether it was made now. Raises HomeError in another home."""
    mark = home.root / MARK
    if home.keys.is_dir() and not mark.exists():
        raise HomeError(f"The home at {home.root} is not a demo: set HISAB_HOME to another folder for the demo.")
    if mark.exists() and _marked(home)["whole"]:
        return False
    home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    today = dt.datetime.now(dt.UTC).date()
    made = {"made_on": today.isoformat(), "port": free_port(PORT), "whole": False}
    write_whole(mark, json.dumps(made).encode())  # first, so that a demo that was killed here can begin again
    make_home(home, "Asia/Dhaka")
    write_household(home, household_names(today))
    write_whole(mark, json.dumps({**made, "whole": True}).encode())
    return True


@contextmanager
def _sandbox(home: Home, today: dt.date) -> Iterator[str]:
    """The pretend services where the home's connections look for them; they remember who logged in.

    Raises ServeProblem when another program answers there.
    """
    settings = SandboxSettings(today=today, people_count=1, state_file=home.root / "sandbox.json")
    lean = LeanTownSettings(today=today, state_file=home.root / "sandbox-lean.json")
    port = _marked(home)["port"]
    with ExitStack() as stack:
        try:
            url = stack.enter_context(running_sandbox(settings, lean=lean, port=port))
        except ServeProblem:
            raise ServeProblem(
                f"Another program holds port {port}, where this demo's pretend services answer. End it and run "
                "`hisab demo` again, or see a new demo: HISAB_HOME=another-folder hisab demo"
            ) from None
        yield url


def _marked(home: Home) -> dict[str, Any]:
    """When the demo was made (`made_on`, an ISO date in UTC), its services' `port`, and whether the home is `whole`."""
    made: dict[str, Any] = json.loads((home.root / MARK).read_text(encoding="utf-8"))
    return made


def _land_samples(workplace: Workplace, labels: list[str], made_on: dt.date) -> None:
    """Seal the sample files into landing, unless they were merged before; the night merges what has landed."""
    known = importing.known_files(workplace)
    folder = resources.files("pipelines.sandbox") / "samples"
    with Decoder() as decoder, resources.as_file(folder) as samples, tempfile.TemporaryDirectory() as written:
        files = [(samples / name, owner) for name, owner in SAMPLES]
        for path, owner in [*files, (write_rates(Path(written), made_on), 0)]:
            tell(f"importing {path.name}")
            candidate = importing.prepare(
                workplace, decoder, path, party_label=labels[owner], given=ANSWERS, ask=_nobody, known=known
            )
            if not candidate.is_known:
                importing.land(workplace, candidate)


def _nobody(_path: Path, _question: Question) -> None:
    """The demo asks nothing: its answers are given."""


def _summary(workplace: Workplace) -> None:
    with open_marts(workplace.home, workplace.keyring) as marts:
        counts = marts.execute(
            "select (select count(*) from core.dim_parties), (select count(*) from core.dim_accounts), "
            "(select count(*) from core.fct_transactions)"
        ).fetchone()
        accounts_held = marts.execute(_ACCOUNTS).fetchall()
        money = marts.execute(
            "select currency_code, sum(income_amount), sum(expense_amount) "
            "from household.rpt_monthly_cashflow group by currency_code order by currency_code"
        ).fetchall()
    with workplace.warehouse("summing up the demo") as con:
        read, aside = con.execute("select sum(read_count), sum(quarantined_count) from raw.load_counts").fetchone() or (
            0,
            0,
        )
    facts = table("So far", "Count", right=("Count",))
    people_count, accounts, transactions = counts or (0, 0, 0)
    for name, number in (
        ("People", people_count),
        ("Accounts", accounts),
        ("Rows read", read),
        ("Rows set aside", aside),
        ("Transactions", transactions),
    ):
        facts.add_row(name, f"{int(number):,}")
    console.print(facts)
    headings = ("Money in, all months", "Money out, all months")
    totals = table("Currency", *headings, right=headings)
    for currency, money_in, money_out in money:
        totals.add_row(currency, amount(money_in), amount(money_out))
    console.print(totals)
    held = table("Whose", "Bank or app", "Account", "Balance", "On", right=("Balance",))
    for party, bank, account, currency, balance, day in accounts_held:
        held.add_row(escape(party), escape(bank or ""), escape(account), f"{amount(balance)} {currency}", str(day))
    console.print(held)
    if untold := int(accounts) - len(accounts_held):
        console.print(f"Of {untold} more accounts the balance is not known.")
    for page in ("household", "cashflow", "accounts"):
        console.print(f"Your page: [bold]{workplace.home.pages / page}.html[/]", soft_wrap=True)
    for line in NEXT:
        console.print(f"  {escape(line)}", soft_wrap=True)


_ACCOUNTS = """
    select
        parties.party_label,
        coalesce(accounts.institution_name, connections.connection_label),
        accounts.account_name,
        balances.currency_code,
        balances.balance_amount,
        balances.balance_date
    from core.fct_account_balances_daily as balances
    inner join core.dim_accounts as accounts on balances.account_key = accounts.account_key
    inner join core.dim_parties as parties on accounts.party_key = parties.party_key
    left join core.dim_connections as connections on accounts.connection_key = connections.connection_key
    qualify row_number() over (partition by balances.account_key order by balances.balance_date desc) = 1
    order by all
"""
"""Each account whose balance is known, as it stood last."""

NEXT = (
    "Try next:",
    "  hisab quarantine                     why a row was set aside",
    "  hisab connections                    whose records these are, and under which consent",
    '  hisab query "select * from household.rpt_monthly_cashflow"',
    "  hisab demo                           again: only what changed is read",
    "  HISAB_HOME=my-money hisab init       a home for your own records",
)
