"""Making and examining a home; serving the sandbox."""

from __future__ import annotations

from pipelines.commands.screen import console
from pipelines.doctor import examine, print_findings
from pipelines.nightly import prepare_instance
from pipelines.settings import home_of_environment, load_settings, require_time_zone, write_settings
from warehouse.home import Home, HomeError
from warehouse.keys import make_keyring
from warehouse.working_file import pin_extensions


def init(time_zone: str) -> None:
    """Make a home where HISAB_HOME says. Raises HomeError when there is one already."""
    home = home_of_environment()
    if any(path.is_file() for path in home.keys.rglob("*")):
        raise HomeError(f"There is a home at {home.root} already; its key is kept as it is.")
    make_home(home, time_zone)
    console.print(f"Made a home at [bold]{home.root}[/].", soft_wrap=True)
    console.print(
        f"Its key is {home.keys / 'home.key'}: copy it to a safe place; without it nothing can be read.", soft_wrap=True
    )
    console.print("Next: [bold]hisab import FILE[/], [bold]hisab connect hishebi[/], then [bold]hisab sync[/].")


def make_home(home: Home, time_zone: str) -> None:
    """Make the folders, settings, extension folder, Dagster's settings and, last, the key.

    Raises HomeError, with nothing made, when there is no such time zone.
    """
    require_time_zone(time_zone)
    home.make_folders()
    write_settings(home, time_zone)
    load_settings(home)
    pin_extensions(home)
    prepare_instance(home)
    make_keyring(home)


def doctor() -> int:
    """Print the findings; 1 when something must be mended."""
    return print_findings(examine(home_of_environment()))


def sandbox(port: int) -> None:
    """Serve until interrupted."""
    from pipelines.sandbox.running import serve

    serve(port=port, ready=_tell_where)


def _tell_where(url: str) -> None:
    from pipelines.sandbox.hishebi.people import PASSWORD
    from pipelines.sandbox.lean.regions import REGIONS
    from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET
    from pipelines.sandbox.ynab.settings import TOKEN

    lean = " and ".join(f"[bold]{url}/{region.name}[/]" for region in REGIONS)
    console.print(
        f"Pretend Hishebi Online on [bold]{url}[/]; people at {url}/sandbox/people, password {PASSWORD}.",
        soft_wrap=True,
    )
    console.print(f"Pretend Lean on {lean}; client id {CLIENT_ID}, client secret {CLIENT_SECRET}.", soft_wrap=True)
    console.print(f"Pretend YNAB on [bold]{url}/ynab/v1[/]; access token {TOKEN}.", soft_wrap=True)
    console.print("Ctrl+C ends them.")
