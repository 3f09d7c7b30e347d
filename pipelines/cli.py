"""The command line: one short function per command, no logic of its own."""

from __future__ import annotations

import gc
import os
import sys
import threading
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="hisab",
    help="Everyday money in one trusted warehouse: connect, import, sync, read.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback could show other people's records
    add_completion=False,
)
connect_app = typer.Typer(help="Connect a source that has an API.", no_args_is_help=True)
app.add_typer(connect_app, name="connect")
note_app = typer.Typer(help="Write a note at a source.", no_args_is_help=True)
app.add_typer(note_app, name="note")
fetch_app = typer.Typer(help="Fetch the file a source makes of somebody's books.", no_args_is_help=True)
app.add_typer(fetch_app, name="fetch")
rate_app = typer.Typer(help="Exchange rates by hand, and those that are known.", no_args_is_help=True)
app.add_typer(rate_app, name="rate")
export_app = typer.Typer(help="Write what was read for another app.", no_args_is_help=True)
app.add_typer(export_app, name="export")


class Format(StrEnum):
    """Forms an answer can take."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


class ExportFormat(StrEnum):
    """Forms Hishebi's export can have."""

    xlsx = "xlsx"
    pdf = "pdf"


class HishebiScope(StrEnum):
    """What Hishebi is asked to allow only when a person says so."""

    write_notes = "notes.write"
    read_exports = "export.read"


class Region(StrEnum):
    """Countries whose banks Lean reaches."""

    uae = "uae"
    ksa = "ksa"


class EntriesFormat(StrEnum):
    """Apps whose layout entries can be written in; `csv` is Hisab's own, which loses nothing."""

    ynab = "ynab"
    actual = "actual"
    firefly = "firefly"
    wallet = "wallet"
    csv = "csv"


@app.command()
def init(
    time_zone: Annotated[str, typer.Option(help="IANA name, e.g. Asia/Dhaka or Asia/Dubai.")] = "Asia/Dhaka",
) -> None:
    """Make a home with a fresh key."""
    from pipelines.commands import setting_up

    setting_up.init(time_zone)


@app.command()
def doctor() -> None:
    """Say in plain words what is wrong, and how to mend it."""
    from pipelines.commands import setting_up

    raise typer.Exit(setting_up.doctor())


@connect_app.command("hishebi")
def connect_hishebi(
    party: Annotated[str, typer.Option(help="What you call the person or household.")],
    email: Annotated[str, typer.Option(help="The login at Hishebi Online.")],
    url: Annotated[str, typer.Option(help="Where the service answers.")] = "",
    days: Annotated[int, typer.Option(min=1, max=365, help="How long the consent stands.")] = 180,
    scope: Annotated[
        list[HishebiScope] | None, typer.Option(help="What else to allow: writing notes, fetching exports.")
    ] = None,
) -> None:
    """Connect a Hishebi Online ledger; the password is asked for, or read from HISAB_PASSWORD."""
    from pipelines.commands import connecting

    connecting.connect_hishebi(party, email, url, days, [each.value for each in scope or []])


@connect_app.command("ynab")
def connect_ynab(
    party: Annotated[str, typer.Option(help="What you call the person or household.")],
    url: Annotated[str, typer.Option(help="Where the service answers.")] = "",
    days: Annotated[int, typer.Option(min=1, max=365, help="How long the consent stands.")] = 180,
) -> None:
    """Connect YNAB; the personal access token is asked for, or read from HISAB_YNAB_TOKEN."""
    from pipelines.commands import connecting_ynab

    connecting_ynab.connect_ynab(party, url, days)


@connect_app.command("lean")
def connect_lean(
    party: Annotated[str, typer.Option(help="What you call the person or household.")],
    region: Annotated[Region, typer.Option(help="Where the banks are.")],
    environment: Annotated[str, typer.Option(help="sandbox, production, or the address of a pretend.")] = "sandbox",
    minutes: Annotated[int, typer.Option(min=1, max=60, help="How long to wait for the bank login.")] = 15,
) -> None:
    """Connect bank accounts through Lean, on a local page; the application's secret is asked for once."""
    from pipelines.commands import connecting_banks

    connecting_banks.connect_lean(party, region.value, environment, minutes)


@note_app.command("hishebi")
def note_hishebi(
    text: Annotated[str, typer.Argument(help="The words of the note.")],
    party: Annotated[str, typer.Option(help="Whose ledger, or the connection's id.")],
    entry: Annotated[str, typer.Option(help="Hishebi's id of the entry it is about.")] = "",
) -> None:
    """Write a note at Hishebi Online; the same words on the same day are written once."""
    from pipelines.commands import asking_hishebi

    asking_hishebi.note(party, text, entry or None)


@fetch_app.command("hishebi")
def fetch_hishebi(
    party: Annotated[str, typer.Option(help="Whose books, or the connection's id.")],
    output: Annotated[Path, typer.Option(help="Write to this file.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")],
    form: Annotated[ExportFormat, typer.Option("--format", help="Excel or PDF.")] = ExportFormat.xlsx,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Fetch Hishebi's own Excel or PDF export, byte for byte."""
    from pipelines.commands import asking_hishebi

    asking_hishebi.fetch(party, form.value, (first.date(), last.date()), output, force=force)


@app.command()
def connections() -> None:
    """List every connection: whose, which source, its consent, its state and what to do."""
    from pipelines.commands import connecting

    connecting.connections()


@app.command()
def refresh(
    connection: Annotated[str, typer.Argument(help="The bank's connection; every bank when left out.")] = "",
) -> None:
    """Ask banks to be read anew at the source, a few times a day at most."""
    from pipelines.commands import connecting_banks

    raise typer.Exit(connecting_banks.refresh(connection))


@app.command()
def disconnect(
    connection: Annotated[str, typer.Argument(help="The connection's id, as `hisab connections` shows it.")],
) -> None:
    """End a connection: its consent is over and its tokens are gone; what was read stays."""
    from pipelines.commands import connecting

    connecting.disconnect(connection)


@app.command("import")
def import_files(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    party: Annotated[str, typer.Option(help="Whose records these are.")] = "me",
    answer: Annotated[list[str] | None, typer.Option(help="What the file cannot say, e.g. currency=BDT.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before merging.")] = False,
    sync: Annotated[bool, typer.Option("--sync", help="Refresh marts and pages afterwards.")] = False,
) -> None:
    """Import files exported from other apps or banks."""
    from pipelines.commands import moving

    raise typer.Exit(moving.import_files(paths, party, answer or [], yes=yes, refresh=sync))


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    answer: Annotated[list[str] | None, typer.Option(help="What the files cannot say, e.g. currency=BDT.")] = None,
) -> None:
    """Try files without keeping anything: what each would give, and whether it agrees with its own totals."""
    from pipelines.commands import trying

    raise typer.Exit(trying.try_paths(paths, answer or []))


@app.command()
def sync(
    full: Annotated[bool, typer.Option("--full", help="Read every API source from its beginning.")] = False,
    accept_deletions: Annotated[
        bool, typer.Option("--accept-deletions", help="Believe a source that suddenly lacks many entries.")
    ] = False,
) -> None:
    """Pull, merge, build, test, publish and render; what did not change is skipped."""
    from pipelines.commands import moving

    raise typer.Exit(moving.sync(full=full, accept_deletions=accept_deletions))


@app.command()
def rebuild() -> None:
    """Make the warehouse anew from landing alone."""
    from pipelines.commands import moving

    raise typer.Exit(moving.rebuild())


@app.command()
def quarantine(
    limit: Annotated[int, typer.Option(min=1, help="Rows to show.")] = 50,
) -> None:
    """List the rows that were set aside, and why."""
    from pipelines.commands import reading

    reading.quarantine(limit)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One select statement over the marts.")],
    form: Annotated[Format, typer.Option("--format", help="How to give the answer.")] = Format.table,
    output: Annotated[Path | None, typer.Option(help="Write to this file instead.")] = None,
) -> None:
    """Ask the published marts a question in SQL."""
    from pipelines.commands import reading

    reading.query(sql, form.value, output)


@rate_app.command("add")
def rate_add(
    day: Annotated[str, typer.Argument(help="The day the rate is of, e.g. 2026-05-01.")],
    base: Annotated[str, typer.Argument(help="The currency that is priced, e.g. USD.")],
    quote: Annotated[str, typer.Argument(help="The currency it is priced in, e.g. BDT.")],
    rate: Annotated[str, typer.Argument(help="What one unit costs, e.g. 121.50.")],
    source: Annotated[str, typer.Option(help="Who published it; cited beside every converted amount.")] = "",
    party: Annotated[str, typer.Option(help="Whose records it is kept with.")] = "me",
) -> None:
    """Keep an exchange rate with its day and source; saying it again corrects it."""
    from pipelines.commands import rates

    rates.add(day, base, quote, rate, source, party)


@rate_app.command("list")
def rate_list(
    currency: Annotated[str, typer.Argument(help="Only rates of this currency.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Rates to show.")] = 50,
) -> None:
    """List the exchange rates that are known, newest first."""
    from pipelines.commands import rates

    rates.show(currency, limit)


@export_app.command("entries")
def export_entries(
    form: Annotated[EntriesFormat, typer.Option("--format", help="The app they go to.")],
    output: Annotated[Path, typer.Option(help="The file to write.")],
    party: Annotated[str, typer.Option(help="Only this person's or household's.")] = "",
    first: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    account: Annotated[list[str] | None, typer.Option(help="Only this account; may be said again.")] = None,
    currency: Annotated[str, typer.Option(help="Only this currency; some apps hold one only.")] = "",
    report: Annotated[Path | None, typer.Option(help="Also write what the app cannot hold, as CSV.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
) -> None:
    """Write entries in another app's layout, and say what it cannot hold."""
    from pipelines.commands import exporting
    from pipelines.outputs.entries.selecting import Wanted

    wanted = Wanted(
        party, first.date() if first else None, last.date() if last else None, tuple(account or ()), currency
    )
    exporting.entries(form.value, wanted, output, report, force=force)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; put a proxy with TLS in front.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8766,
) -> None:
    """Receive webhooks: verify, land and acknowledge; the next sync or sensor run reads what they speak of."""
    from pipelines.commands import serving

    serving.serve(host, port)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8765,
) -> None:
    """Serve a pretend Hishebi Online, Lean and YNAB on this machine, with people, banks, plans and faults."""
    from pipelines.commands import setting_up

    setting_up.sandbox(port)


@app.command()
def demo() -> None:
    """Show the whole road: a home, pretend services, sample files, marts and a page."""
    from pipelines.commands import showing

    raise typer.Exit(showing.demo())


def main() -> None:
    """Run a command; what goes wrong ends in one clear line on standard error and exit code 1."""
    from pipelines.commands.problems import one_line

    # Starting up makes objects by the hundred thousand that live to the end; looking through them again and again
    # costs a short command a tenth of its time.
    gc.set_threshold(200_000, 20, 20)
    # A killed command's semaphores are taken back by a process beside it, which need not speak of it.
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")
    try:
        app(standalone_mode=True)
    except SystemExit as ending:
        # The threads of a library that was interrupted would speak up while they are taken down.
        if isinstance(ending.code, int) and ending.code and threading.active_count() > 1:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(ending.code)
        raise
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - never a traceback to a person
        print(one_line(error), file=sys.stderr)  # noqa: T201
        sys.exit(1)


if __name__ == "__main__":
    main()
