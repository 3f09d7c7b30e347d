"""Which column of an unknown table is what: days, amounts and their sign rule, the running balance, the texts.

Put here what values prove and what names suggest. The strongest proof is the running balance: a choice of columns and
a sign rule by which every balance follows from its neighbour is right. Without one, the names count; what neither
settles is left open and asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, permutations

import polars as pl

from pipelines.sources.bank_csv.column_words import IN_WORDS, OPPOSITES, OUT_WORDS, likeness
from pipelines.sources.bank_csv.signs import NOTHING
from pipelines.sources.currency_words import ISO_CODES
from pipelines.sources.date_text import DateOrder, parse_days
from pipelines.sources.money_text import MONEY, DecimalMark, decimal_mark_clues, parse_money

TWO_COLUMNS = frozenset({"columns", "signed columns", "inverted columns"})
"""Sign rules that read a column of debits and one of credits."""
_MOSTLY = 0.8
_ADDS_UP = 0.95
PROOF_PAIRS = 2
"""Pairs of rows from which balances that follow are a proof."""
_MOST_MONEY = 7
"""Columns of amounts among which the proof is sought."""
_SIDES = "cr|dr|db"
"""What stands behind an amount for money in and out."""
_FEW_WORDS = 6
_SHORT = 14
_LEAST_DAYS = 0.6
"""Share of days in a column of days; banks write `Pending` there too."""
_LEAST_NAMED = 0.5
"""Share of amounts in a column that is called one."""
_LOOKS = r"^(?:[^\W\d_]{1,4}\.? ?)?[-+(]?[^\w]{0,3}[0-9][0-9.,' ]*[^\w]{0,4}[^\W\d_]{0,4}\.?\)?$"
"""What looks like an amount: digits, with a currency's code or symbol, `Cr` or `Dr` beside them perhaps."""


@dataclass(frozen=True, slots=True)
class Money:
    """A choice of columns for the amount.

    Attributes:
        sign: The sign rule of a profile.
        columns: Column by field: amount, or debit and credit, with an indicator perhaps.
        debit: Words of the indicator for money out.
        credit: Words for money in.
        balance: The balance column that proves it, if any.
        pairs: Pairs of rows whose balances follow by it.
    """

    sign: str
    columns: dict[str, int]
    debit: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    balance: int | None = None
    pairs: int = 0


@dataclass(slots=True)
class Facts:
    """What the values of each column are.

    Attributes:
        names: The header's names, empty where there are none.
        days: Columns of days.
        money: Columns of amounts, read with the file's decimal mark.
        codes: Columns of currency codes.
        words: Columns of a few short words: column to its words and how often each stands there.
        texts: Columns of other text, to the average length.
    """

    names: list[str]
    days: list[int] = field(default_factory=list)
    money: dict[int, pl.Series] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)
    words: dict[int, dict[str, int]] = field(default_factory=dict)
    texts: dict[int, int] = field(default_factory=dict)

    def by_name(self, wanted: str, among: list[int]) -> list[int]:
        """Columns that sound like a field, the likest first."""
        liked = [(likeness(wanted, self.names[place]), place) for place in among]
        return [place for like, place in sorted(liked, key=lambda pair: (-pair[0], pair[1])) if like]


def facts_of(frame: pl.DataFrame, days: pl.DataFrame, names: list[str], mark: DecimalMark) -> Facts:
    """What the columns hold; `days` is the frame with its days made plain."""
    facts = Facts(names)
    for place, name in enumerate(frame.columns):
        filled = frame[name].drop_nulls()
        if filled.is_empty():
            continue
        if _are_days(days[name]):
            facts.days.append(place)
            continue
        read = parse_money(_bare(frame[name]), mark).values
        if _is_money(filled, read, facts, place):
            facts.money[place] = read
            if sides := _sides_beside(frame[name]):
                facts.words[place] = sides
        elif filled.is_in(list(ISO_CODES)).mean() == 1:
            facts.codes.append(place)
        else:
            counted = filled.str.strip_chars().str.to_lowercase().value_counts(name="count")
            if counted.height <= _FEW_WORDS and all(len(word) < _SHORT for word, _ in counted.rows()):
                facts.words[place] = dict(counted.rows())
            facts.texts[place] = int(filled.str.len_chars().sum()) // len(frame)
    return facts


def which_are_days(text: pl.Series) -> pl.Series:
    """Whether each cell, made plain, is a day in some order; an empty one is none."""
    read = [parse_days(text, order).values.is_not_null() for order in DateOrder]
    return read[0] | read[1]


def _are_days(text: pl.Series) -> bool:
    filled = text.drop_nulls()
    return int(which_are_days(filled).sum()) >= _LEAST_DAYS * len(filled)


def _sides_beside(text: pl.Series) -> dict[str, int]:
    """`Cr` and `Dr` behind the amounts of a column, where nearly every one has it: words and how often; else none."""
    filled = text.drop_nulls().str.strip_chars()
    said = filled.str.to_lowercase().str.extract(rf"[0-9)]\s*({_SIDES})\.?$").drop_nulls()
    if len(said) < _MOSTLY * len(filled) or said.n_unique() > 2:  # noqa: PLR2004 - one for in, one for out
        return {}
    return dict(said.value_counts(name="count").rows())


def _bare(text: pl.Series) -> pl.Series:
    """Amounts without dashes for nothing, and without the words behind them."""
    blank = text.str.contains(NOTHING).fill_null(value=False)
    return text.set(blank, None).str.replace(rf"(?i)\s*(?:{_SIDES})\.?$", "")


def _is_money(filled: pl.Series, read: pl.Series, facts: Facts, place: int) -> bool:
    some = len(filled) - int(filled.str.contains(NOTHING).sum())
    named = any(likeness(each, facts.names[place]) for each in ("amount", "debit", "credit", "balance"))
    if not some or read.count() < (_LEAST_NAMED if named else _MOSTLY) * some:
        return False
    if any(likeness(each, facts.names[place]) for each in ("account", "reference")):
        return False
    # A number of many digits without cents is an account's or a reference.
    whole = filled.str.contains(r"^0?[0-9]{6,}$|^0[0-9]+$").any()
    return named or (not whole and bool(filled.str.contains(r"[.,][0-9]{1,3}\D*$").any()))


def mark_of(frame: pl.DataFrame) -> DecimalMark | None:
    """The decimal mark of the table's amounts; None when its values leave it open."""
    point = comma = 0
    for name in frame.columns:
        filled = frame[name].drop_nulls()
        looks = filled.str.contains(_LOOKS)
        if filled.is_empty() or int(looks.sum()) < _MOSTLY * len(filled):
            continue
        clues = decimal_mark_clues(_bare(filled.filter(~filled.str.contains(r"^\d{1,2}\.\d{1,2}\.\d{2,4}$"))))
        point, comma = point + clues.point, comma + clues.comma
    if not point and not comma:
        return None
    return DecimalMark.POINT if point >= comma else DecimalMark.COMMA


def choices(facts: Facts) -> Iterator[Money]:
    """Every way the columns could make an amount."""
    money = list(facts.money)[:_MOST_MONEY]
    for amount in money:
        yield Money("signed", {"amount": amount})
        yield Money("inverted", {"amount": amount})
    for debit, credit in permutations(money, 2):
        yield Money("columns", {"debit": debit, "credit": credit})
        yield Money("signed columns", {"debit": debit, "credit": credit})
        yield Money("inverted columns", {"debit": debit, "credit": credit})
    for amount in money:
        if not (facts.money[amount] < 0).any():
            for column, words in facts.words.items():
                yield from _worded(amount, column, words)


def _worded(amount: int, column: int, words: dict[str, int]) -> Iterator[Money]:
    if len(words) != 2:  # noqa: PLR2004 - one for in, one for out
        return
    one, two = sorted(words)
    for out, come in ((one, two), (two, one)):
        yield Money("indicator", {"amount": amount, "indicator": column}, (out,), (come,))


def signed(money: Money, facts: Facts, frame: pl.DataFrame) -> pl.Series:
    """The signed amounts a choice gives."""
    zero = pl.lit(0, dtype=MONEY)
    if money.sign in TWO_COLUMNS:
        debit, credit = (pl.lit(facts.money[money.columns[each]]).fill_null(zero) for each in ("debit", "credit"))
        out = -debit if money.sign == "signed columns" else debit
        come = -credit if money.sign == "inverted columns" else credit
        return pl.select((come - out).cast(MONEY)).to_series()
    values = facts.money[money.columns["amount"]]
    if money.sign == "indicator":
        word = frame[:, money.columns["indicator"]].str.strip_chars().str.to_lowercase()
        if money.columns["indicator"] == money.columns["amount"]:
            word = word.str.extract(rf"({_SIDES})\.?$").fill_null("")
        out = pl.lit(word.is_in(list(money.debit)))
        return pl.select(pl.when(out).then(-pl.lit(values)).otherwise(pl.lit(values)).cast(MONEY)).to_series()
    return -values if money.sign == "inverted" else values


def proven(facts: Facts, frame: pl.DataFrame) -> Money | None:
    """The choice by which the running balances follow from each other, in most pairs of rows; the likest by name."""
    best: tuple[int, int, Money] | None = None
    for choice in choices(facts):
        used = set(choice.columns.values())
        amounts = signed(choice, facts, frame)
        for place, balance in facts.money.items():
            if place in used:
                continue
            pairs, hits = _follow(amounts, balance)
            if not pairs or hits < _ADDS_UP * pairs:
                continue
            like = sum(likeness(each, facts.names[column]) for each, column in choice.columns.items())
            like += likeness("balance", facts.names[place])
            if best is None or (hits, like) > best[:2]:
                found = Money(choice.sign, choice.columns, choice.debit, choice.credit, place, hits)
                best = (hits, like, found)
    return best[2] if best else None


def _follow(amounts: pl.Series, balance: pl.Series) -> tuple[int, int]:
    """Pairs of neighbouring rows with balances, and in how many one follows from the other."""
    frame = pl.DataFrame({"amount": amounts, "balance": balance}).drop_nulls()
    before = pl.all().shift(1)
    # Where nothing moved, any rule would follow.
    moved = frame.with_columns(before.name.prefix("previous ")).slice(1).filter(pl.col("amount") != 0)
    down = pl.col("balance") == pl.col("previous balance") + pl.col("amount")
    up = pl.col("previous balance") == pl.col("balance") + pl.col("previous amount")
    hits = moved.select(down.sum().alias("down"), up.sum().alias("up")).row(0)
    return moved.height, max(hits)


def named(facts: Facts) -> Money | None:
    """The choice that names and filled cells suggest; None when there is no amount."""
    money = list(facts.money)
    balance = next(iter(facts.by_name("balance", money)), None)
    rest = [place for place in money if place != balance]
    debit, credit = (facts.by_name(each, rest) for each in ("debit", "credit"))
    if debit and credit and debit[0] != credit[0]:
        return Money(_two_sign(facts, debit[0], credit[0]), {"debit": debit[0], "credit": credit[0]}, balance=balance)
    amount = next(iter(facts.by_name("amount", rest)), rest[0] if rest else None)
    if amount is None:
        return None
    if not (facts.money[amount] < 0).any():
        for column, words in facts.words.items():
            outs, ins = _sides(words, is_named=bool(likeness("indicator", facts.names[column])))
            if outs and ins:
                return Money("indicator", {"amount": amount, "indicator": column}, outs, ins, balance)
    return Money("signed", {"amount": amount}, balance=balance)


def _sides(words: dict[str, int], *, is_named: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words for money out and in; both empty when the column is no indicator."""
    outs, ins = set(words) & OUT_WORDS, set(words) & IN_WORDS
    if sum(words[word] for word in outs | ins) < _MOSTLY * sum(words.values()):
        return (), ()
    if is_named and len(outs | ins) == 1:
        # Only one side stands in this file; its counterpart will in another.
        outs |= {out for out, come in OPPOSITES if come in ins}
        ins |= {come for out, come in OPPOSITES if out in outs}
    return tuple(sorted(outs)), tuple(sorted(ins))


def exclusive_pair(facts: Facts) -> tuple[int, int] | None:
    """Two columns of amounts of which rows fill one and never both."""
    for one, two in combinations(facts.money, 2):
        filled = [(facts.money[place].fill_null(0) != 0) for place in (one, two)]
        either = int((filled[0] | filled[1]).sum())
        if not (filled[0] & filled[1]).any() and either >= _MOSTLY * len(filled[0]) and all(f.any() for f in filled):
            return one, two
    return None


def _two_sign(facts: Facts, debit: int, credit: int) -> str:
    if _all_negative(facts.money[debit]):
        return "signed columns"
    return "inverted columns" if _all_negative(facts.money[credit]) else "columns"


def _all_negative(values: pl.Series) -> bool:
    return bool((values.drop_nulls() <= 0).all() and (values < 0).any())
