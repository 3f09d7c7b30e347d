"""A rate typed in: refused without its source, corrected by saying it again, there again after a rebuild."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from written_files import Hisab

from pipelines.commands.rates import local_digits
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.rebuild import rebuild
from pipelines.rates_by_hand import HandRate, add_rate, known_rates, said_rate
from pipelines.sources.source import SourceError
from pipelines.workplace import Workplace

MAY = dt.date(2026, 5, 1)


def test_a_rate_said_again_takes_the_place_of_the_former_and_survives_a_rebuild(workplace: Workplace) -> None:
    for rate in ("121.50", "122", "121.50"):
        add_rate(workplace, said_rate("2026-05-01", "usd", "BDT", rate, "Bangladesh Bank"), "Amina")
    add_rate(workplace, said_rate("2026-05-01", "USD", "BDT", "121.7", "a money changer"), "Amina")
    wanted = [
        (MAY, "USD", "BDT", Decimal("121.5"), "by_hand", "Bangladesh Bank"),
        (MAY, "USD", "BDT", Decimal("121.7"), "by_hand", "a money changer"),
    ]
    assert known_rates(workplace, "", 50).rows == wanted
    with Decoder() as decoder:
        assert rebuild(workplace, decoder).loads == 4
    assert known_rates(workplace, "bdt", 1).rows == wanted[:1]
    assert known_rates(workplace, "BDT", 1).total == 2
    assert known_rates(workplace, "EUR", 1).total == 0


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (("2026-05-01", "USD", "BDT", "121.5", " "), "source"),
        (("2026-13-01", "USD", "BDT", "121.5", "x"), "no day"),
        (("2026-05-01", "UDS", "BDT", "121.5", "x"), "UDS"),
        (("2026-05-01", "USD", "USD", "1", "x"), "same"),
        (("2026-05-01", "USD", "BDT", "0", "x"), "is 0"),
        (("2026-05-01", "USD", "BDT", "1e2", "x"), "no rate"),
        (("2026-05-01", "USD", "BDT", "", "x"), "empty"),
    ],
)
def test_a_rate_that_is_not_whole_is_refused_in_one_line(said: tuple[str, ...], message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        said_rate(*said)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_bangla_digits_are_digits_too() -> None:
    assert said_rate("2026-05-01", "USD", "BDT", "১২১.৫০", "x") == HandRate(MAY, "USD", "BDT", Decimal("121.5"), "x")


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("bn_BD.UTF-8", "১২,৩৪,৫৬৭.০৮২৩"),
        ("en_IN", "12,34,567.0823"),
        ("de_DE", "1.234.567,0823"),
        ("nowhere", "1,234,567.0823"),
    ],
)
def test_rates_are_shown_in_the_digits_of_the_persons_locale(
    monkeypatch: pytest.MonkeyPatch, locale: str, shown: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_NUMERIC", locale)
    assert local_digits(Decimal("1234567.082300000000")) == shown


def test_the_commands_say_what_was_kept_and_list_it(workplace: Workplace, hisab: Hisab) -> None:
    empty = hisab("rate", "list")
    assert "No rate is known yet" in empty.stdout
    refused = hisab("rate", "add", "2026-05-01", "USD", "BDT", "121.50")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "source" in refused.stderr
    added = hisab("rate", "add", "2026-05-01", "USD", "BDT", "121.50", "--source", "Bangladesh Bank", LC_ALL="en_US")
    assert (added.returncode, added.stderr) == (0, "")
    assert "1 USD = 121.5 BDT (Bangladesh Bank)" in added.stdout
    listed = hisab("rate", "list", LC_ALL="bn_BD")
    assert "১২১.৫" in listed.stdout
    assert "by hand" in listed.stdout
