"""Exchange rates a person types in: checked, landed and merged on the road every file goes.

Put here what a rate by hand must say. Keep out its bytes (`sources.rates.hand_rates`) and how it is shown.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
from babel.numbers import is_currency

from pipelines.ingest.decoding import Decoder
from pipelines.ingest.landing import Pack, file_sha256
from pipelines.ingest.merging import merge_packs
from pipelines.ingest.pulling import connection_bytes
from pipelines.sources.money_text import DecimalMark
from pipelines.sources.rates.hand_rates import FORMAT, hand_rate
from pipelines.sources.rates.rate_text import parse_rates
from pipelines.sources.source import SourceError
from pipelines.workplace import Workplace
from warehouse.connections import Connection, Consent, connect


@dataclass(frozen=True, slots=True)
class HandRate:
    """One rate as a person said it.

    Attributes:
        day: The day it is of.
        base: ISO 4217 code of the currency that is priced.
        quote: ISO 4217 code of the currency it is priced in.
        rate: Units of `quote` for one of `base`, above 0, to twelve decimals.
        source: Who published it.
    """

    day: dt.date
    base: str
    quote: str
    rate: Decimal
    source: str


def said_rate(day: str, base: str, quote: str, rate: str, source: str) -> HandRate:
    """What a person typed, checked. Raises SourceError with one line that says what to mend."""
    if not source.strip():
        raise SourceError('A rate needs its source, so that it can be cited: add --source "Bangladesh Bank".')
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        raise SourceError(f"{day!r} is no day; write it as 2026-05-01.") from None
    base, quote = base.strip().upper(), quote.strip().upper()
    for code in (base, quote):
        if not is_currency(code, "en"):
            raise SourceError(f"{code!r} is no currency of ISO 4217; write three letters such as USD or BDT.")
    if base == quote:
        raise SourceError("Both currencies are the same.")
    read = parse_rates(pl.Series([rate], dtype=pl.String), DecimalMark.POINT).requiring("rate")
    if read.refusals.height:
        raise SourceError(f"{rate!r}: {read.refusals['reason'][0]}; {read.refusals['cure'][0]}.")
    return HandRate(date, base, quote, read.values[0], source.strip())


def add_rate(workplace: Workplace, said: HandRate, party_label: str) -> None:
    """Land and merge the rate; one of the same day, pair and source takes the place of the former.

    Raises SourceError when it cannot be merged; its bytes then wait in landing.
    """
    pack = _landed(workplace, said, party_label)
    with Decoder() as decoder:
        outcome = merge_packs(workplace, decoder, [pack])[0]
    if outcome.problem or outcome.quarantined:
        raise SourceError(outcome.problem or "The rate was set aside; `hisab quarantine` says why.")


def _landed(workplace: Workplace, said: HandRate, party_label: str) -> Pack:
    connection = _connection(workplace, party_label)
    body = hand_rate(said.day, said.base, said.quote, format(said.rate, "f"), said.source)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rate-{said.day}-{said.base}-{said.quote}.csv"
        path.write_bytes(body)
        # The file's digest is not among the facts: the same words said again after a correction count anew, and the
        # moment they were said is their version, not the day they speak of.
        facts = {"source": FORMAT.source, "answers": "{}", "page_count": "1", "byte_count": str(len(body))}
        return workplace.landing.land_file(connection, path, file_sha256(path), facts, connection_bytes(connection))


def _connection(workplace: Workplace, party_label: str) -> Connection:
    consent = Consent(scopes=(), purpose="kept for the party that typed it in", granted_at=dt.datetime.now(dt.UTC))
    return connect(
        workplace.home,
        workplace.keyring,
        party_label=party_label,
        source=FORMAT.source,
        user_name="",
        consent=consent,
        label=FORMAT.title,
    )


@dataclass(frozen=True, slots=True)
class KnownRates:
    """Rates as they stand in the warehouse.

    Attributes:
        rows: (day, base, quote, rate, kind, source), the newest day first.
        total: How many there are in all.
    """

    rows: list[tuple[dt.date, str, str, Decimal, str, str]]
    total: int


def known_rates(workplace: Workplace, currency: str, limit: int) -> KnownRates:
    """The newest rates, of one currency where `currency` names one, `limit` at most."""
    where = "where not deleted and ($code = '' or $code in (base_currency_code, quote_currency_code))"
    code = {"code": currency.strip().upper()}
    with workplace.warehouse("listing exchange rates") as con:
        total = con.execute(f"select count(*) from raw.fx_rates {where}", code).fetchone()
        rows = con.execute(
            "select rate_date, base_currency_code, quote_currency_code, quote_rate, rate_kind, rate_source "
            f"from raw.fx_rates {where} "
            "order by rate_date desc, base_currency_code, quote_currency_code, rate_kind, rate_source limit $limit",
            {**code, "limit": limit},
        ).fetchall()
    return KnownRates(rows, int(total[0]) if total else 0)
