"""The seeded entries: one SQL query from which every form of the same data is made.

An entry is a function of its number and the seed alone, so any stretch can be made again, by itself and in any order.
Random bits come from MD5, which stays the same in every version of every engine. Put here what an entry holds; how it
is written as a file or a table stands in `benchmarks.wallet_files`, `benchmarks.journals` and `benchmarks.raw_tables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

from benchmarks.vocabulary import CATEGORIES, CURRENCIES, MERCHANTS, Category

SEED = 20261120
"""The seed of every measurement."""

DAYS = 730
"""Days the entries are spread over, from FIRST_DAY; the night's new entries fall on the day after."""

FIRST_DAY = "2024-01-01"

_INCOME_PERCENT = 8
_TRANSFER_EVERY = 50
_PICKS = 200


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is generated.

    Attributes:
        entries: Rows of the full set, numbered from 0.
        seed: The seed.
    """

    entries: int
    seed: int = SEED

    @property
    def parties(self) -> int:
        """People the entries belong to: a thousand entries each, but never fewer than a thousand people."""
        return max(1000, self.entries // 1000)


def _text_list(words: list[str]) -> str:
    quoted = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    return f"[{quoted}]"


def _picks(kind: str) -> list[int]:
    """Numbers (from 1) into CATEGORIES, each as often as its weight, stretched to _PICKS places."""
    pool = [(number, one) for number, one in enumerate(CATEGORIES, 1) if one.kind == kind]
    ends = list(accumulate(one.weight for _, one in pool))
    return [
        next(number for (number, _), end in zip(pool, ends, strict=True) if place * ends[-1] < end * _PICKS)
        for place in range(_PICKS)
    ]


def _by_category(value: str, attribute: str) -> str:
    def sql(one: Category) -> str:
        held = getattr(one, attribute)
        return str(held) if isinstance(held, int) else "'" + str(held).replace("'", "''") + "'"

    return f"[{', '.join(sql(one) for one in CATEGORIES)}][{value}]"


def _by_currency(percent: str, values: list[str]) -> str:
    """A CASE over the currencies by cumulated percent."""
    ends = accumulate(share for _, share, _ in CURRENCIES)
    arms = " ".join(f"when {percent} < {end} then {value}" for end, value in zip(ends, values, strict=True))
    return f"case {arms} end"


def entries_sql(scale: Scale, first: int = 0, count: int | None = None) -> str:
    """A query of the entries numbered `first` to `first + count`, in that order, which is the order of their days.

    Columns: entry_no, party_no, account_name ("Bank" or "Cash"), entry_date, entry_at (UTC, between 04:00 and 18:00, so
    that the day is the same in Dhaka, Dubai and London), entry_kind, amount (DECIMAL(18,2), signed, in is positive),
    currency_code, category_name, category_slug, payee_name, note and labels (empty text where there is none).
    Every fiftieth entry opens a transfer between the party's two accounts; the next one is its other leg.
    """
    last = first + (scale.entries - first if count is None else count)
    transfer = f"entry_no % {_TRANSFER_EVERY} < 2"
    return f"""
with numbered as (
    select
        range as entry_no,
        {transfer} as is_transfer,
        case when {transfer} then entry_no - entry_no % {_TRANSFER_EVERY} else entry_no end as draw_no
    from range({first}, {last})
),
drawn as (
    select
        *,
        md5_number_lower('{scale.seed}/' || draw_no) as bits_a,
        md5_number_upper('{scale.seed}/' || draw_no) as bits_b
    from numbered
),
split as (
    select
        entry_no,
        is_transfer,
        (bits_a & 4294967295)::bigint as payee_bits,
        ((bits_a >> 32) % 50400)::bigint as second_no,
        ((bits_a >> 48) % 1000)::bigint as note_pick,
        (bits_b % {scale.parties})::bigint as party_no,
        ((bits_b >> 24) % {_PICKS})::bigint + 1 as pick,
        ((bits_b >> 33) % 280)::bigint + 20 as scale_percent,
        (bits_b >> 42) % 100 < {_INCOME_PERCENT} as is_income,
        (bits_b >> 50) % 2 = 0 as is_cash,
        is_transfer and entry_no % {_TRANSFER_EVERY} = 1 as is_other_leg,
        date '{FIRST_DAY}' + least(entry_no * {DAYS} // {scale.entries}, {DAYS})::integer as entry_date
    from drawn
),
categorised as (
    select
        *,
        case
            when is_transfer then {len(CATEGORIES)}
            when is_income then {_picks("income")}[pick]
            else {_picks("expense")}[pick]
        end as category_no,
        (party_no * 37) % 100 as currency_percent
    from split
)
select
    entry_no,
    party_no,
    case when is_cash <> is_other_leg then 'Cash' else 'Bank' end as account_name,
    entry_date,
    entry_date::timestamp + to_seconds(14400 + second_no) as entry_at,
    {_by_category("category_no", "kind")} as entry_kind,
    case when (is_income and not is_transfer) or is_other_leg then 1 else -1 end
    * cast(
        {_by_category("category_no", "typical")} * scale_percent
        * {_by_currency("currency_percent", [str(level) for _, _, level in CURRENCIES])}
        as decimal(15, 0)
    ) * 0.01::decimal(2, 2) as amount,
    {_by_currency("currency_percent", [f"'{code}'" for code, _, _ in CURRENCIES])} as currency_code,
    {_by_category("category_no", "name")} as category_name,
    {_by_category("category_no", "slug")} as category_slug,
    case
        when is_transfer then ''
        else {_text_list(list(MERCHANTS))}[payee_bits % {len(MERCHANTS)} + 1]
            || case when note_pick % 10 < 3 then ' ' || (100000 + payee_bits % 899981)::varchar else '' end
    end as payee_name,
    case
        when is_transfer then ''
        when note_pick < 60 then 'card; contactless'
        when note_pick < 110 then 'মাসের বাজার'
        when note_pick < 150 then 'مصاريف البيت'
        when note_pick < 220 then 'shared with family'
        else ''
    end as note,
    case when note_pick >= 950 then 'home, family' else '' end as labels
from categorised
"""
