"""Exchange rates: adding one by hand, and listing those that are known."""

from __future__ import annotations

from decimal import Decimal

from babel import Locale, UnknownLocaleError, default_locale
from babel.numbers import format_decimal
from rich.markup import escape

from pipelines.commands.screen import console, table
from pipelines.rates_by_hand import add_rate, known_rates, said_rate
from pipelines.workplace import open_workplace


def add(day: str, base: str, quote: str, rate: str, source: str, party: str) -> None:
    """Keep one rate with its source. Raises SourceError when it is not whole."""
    said = said_rate(day, base, quote, rate, source)
    add_rate(open_workplace(), said, party)
    console.print(
        f"[green]✓[/] {said.day}: 1 {said.base} = {local_digits(said.rate)} {said.quote} ({escape(said.source)}). "
        "Next: [bold]hisab sync[/] converts with it."
    )


def show(currency: str, limit: int) -> None:
    """Show the rates that are known, newest first."""
    found = known_rates(open_workplace(), currency, limit)
    if not found.rows:
        console.print(
            "No rate is known yet: import a file of rates with [bold]hisab import[/], or type one in with "
            "[bold]hisab rate add[/]."
        )
        return
    shown = table("Day", "One", "Costs", "In", "Kind", "Source", right=("Costs",))
    for day, base, quote, rate, kind, source in found.rows:
        shown.add_row(str(day), base, local_digits(rate), quote, kind.replace("_", " "), escape(source))
    console.print(shown)
    if found.total > len(found.rows):
        console.print(f"{found.total:,} rates are known in all; --limit shows more.")


def local_digits(value: Decimal) -> str:
    """A number in the digits, grouping and decimal mark of the person's own locale, exact."""
    try:
        locale = Locale.parse(default_locale("LC_NUMERIC") or "en")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    # A rate is stored with twelve decimals; the zeros at its end say nothing.
    plain = value.normalize() if value != value.to_integral_value() else value.to_integral_value()
    text: str = format_decimal(plain, locale=locale, decimal_quantization=False, numbering_system="default")
    zero = ord(_ZEROS.get(locale.default_numbering_system, "0"))
    return text.translate({ord(str(digit)): zero + digit for digit in range(10)})


_ZEROS = {"beng": "০", "arab": "٠", "arabext": "۰", "deva": "०"}
"""First digit of the scripts that a locale may write numbers in; Babel knows their marks, not their digits."""
