"""A person's unknown bank file is learned once, in a talk or by answers, and read the same for good."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from rich.prompt import Confirm, Prompt
from written_files import WALLET_HEAD, wallet_row

from pipelines.commands import moving
from pipelines.commands.moving import ImportOrder
from pipelines.ingest import importing
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.rebuild import rebuild
from pipelines.sources.source import SourceError
from pipelines.workplace import Workplace

FIXTURES = Path(__file__).parents[1] / "fixtures"
CARD = "When,Shop,Sum\n03/04/2026,Agora,10.00\n05/04/2026,Meena Bazar,5.50\n"


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder() as made:
        yield made


def hand_over(workplace: Workplace, decoder: Decoder, path: Path, *, yes: bool = True, **answers: str) -> None:
    """What `hisab import` does with one file."""
    order = ImportOrder("Amina", answers, yes)
    moving._import_one(workplace, decoder, path, order, importing.known_files(workplace))


def booked(workplace: Workplace) -> list[tuple[str, str, str]]:
    with workplace.warehouse("test") as con:
        return con.execute(
            "select booked_date::varchar, coalesce(description, payee_name), transaction_amount::varchar "
            "from raw.bank_transactions order by 1, 2"
        ).fetchall()


class Person:
    """Answers prompts in order and notes what was asked."""

    def __init__(self, *answers: str) -> None:  # noqa: D107 - the class says it
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, prompt: object, **given: object) -> str:
        self.asked.append(str(prompt))
        answer = self.answers.pop(0)
        choices = given.get("choices")
        assert not choices or answer in choices  # type: ignore[operator]
        return answer or str(given.get("default"))


@pytest.fixture
def at_the_keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(Confirm, "ask", lambda *_args, **_given: True)
    return


def test_a_layout_is_learned_in_a_talk_and_recognised_afterwards(
    workplace: Workplace, decoder: Decoder, at_the_keyboard: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path, later = tmp_path / "card.csv", tmp_path / "later.csv"
    path.write_text(CARD)
    later.write_text(CARD + "06/04/2026,Chaldal,1.00\n")
    person = Person(
        *("day-first", "signed"),  # the doubts
        *("sign", "inverted", "Sum"),  # a correction
        *("payee", "Nowhere"),  # one that does not fit
        *("yes", "City card"),
        *("BDT", "My card"),  # what no file of this layout says
    )
    monkeypatch.setattr(Prompt, "ask", person)
    hand_over(workplace, decoder, path, yes=False)
    assert person.answers == []
    assert booked(workplace) == [
        ("2026-04-03", "Agora", "-10.0000"),
        ("2026-04-05", "Meena Bazar", "-5.5000"),
    ]
    (profile,) = workplace.home.profiles.iterdir()
    assert profile.name == "city-card.toml"
    assert 'sign = "inverted"' in profile.read_text()
    monkeypatch.setattr(Prompt, "ask", Person())
    hand_over(workplace, decoder, later, yes=False)
    assert [row[1] for row in booked(workplace)] == ["Agora", "Meena Bazar", "Chaldal"]


def test_a_person_may_decline_and_nothing_is_kept(
    workplace: Workplace, decoder: Decoder, at_the_keyboard: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "card.csv"
    path.write_text(CARD)
    monkeypatch.setattr(Prompt, "ask", Person("day-first", "inverted", "no"))
    hand_over(workplace, decoder, path, yes=False)
    assert list(workplace.home.profiles.iterdir()) == []
    assert list(workplace.home.landing.iterdir()) == []


def test_with_nobody_to_ask_one_line_says_what_to_do(workplace: Workplace, decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "card.csv"
    path.write_text(CARD)
    answers: dict[str, str] = {}
    for name, value, complaint in (
        ("layout", "proposed", "in a layout Hisab does not know.* --answer layout=proposed"),
        ("date_order", "day-first", r"--answer date_form=day-first\|month-first\|year-first"),
        ("sign", "inverted", r"--answer sign=signed\|inverted"),
        ("currency", "BDT", "--answer currency=… --answer account="),  # of the layout nothing is open any more
        ("account", "Card", "--answer account="),
    ):
        with pytest.raises(SourceError, match=complaint) as caught:
            hand_over(workplace, decoder, path, **answers)
        assert "\n" not in str(caught.value)
        assert list(workplace.home.profiles.iterdir()) == []  # a layout is kept with the first file it read
        answers[name] = value
    hand_over(workplace, decoder, path, **answers)
    assert [row[2] for row in booked(workplace)] == ["-10.0000", "-5.5000"]


def test_an_edited_profile_changes_the_next_file_and_never_what_was_read(
    workplace: Workplace, decoder: Decoder, tmp_path: Path
) -> None:
    profile = workplace.home.profiles / "mine.toml"
    text = (
        'title = "Mine"\ncurrency = "BDT"\ndate_form = "day-first"\ndecimal_mark = "point"\nsign = "inverted"\n'
        '[columns]\nbooked_date = "When"\ndescription = "Shop"\namount = "Sum"\n'
    )
    profile.write_text(text)
    path, later = tmp_path / "card.csv", tmp_path / "later.csv"
    path.write_text(CARD)
    later.write_text("When,Shop,Sum\n03/05/2026,Agora,7.00\n")
    hand_over(workplace, decoder, path, account="Card")
    before = booked(workplace)
    assert [row[2] for row in before] == ["-10.0000", "-5.5000"]
    profile.write_text(text.replace("inverted", "signed"))
    hand_over(workplace, decoder, later)
    after = booked(workplace)
    assert [row for row in after if row[0] < "2026-05"] == before
    assert after[-1][2] == "7.0000"
    profile.unlink()
    assert rebuild(workplace, decoder).loads == 2
    assert booked(workplace) == after


def test_a_broken_profile_is_named_and_stops_no_other_format(
    workplace: Workplace, decoder: Decoder, tmp_path: Path
) -> None:
    (workplace.home.profiles / "mine.toml").write_text(
        'title = "Mine"\n[columns]\nbooked_date = "When"\namuont = "Sum"\n'
    )
    card, wallet = tmp_path / "card.csv", tmp_path / "wallet.csv"
    card.write_text(CARD)
    wallet.write_text(WALLET_HEAD + wallet_row())
    with pytest.raises(SourceError, match=r"card\.csv: The profile mine\.toml .*columns\.amuont: there is no such key"):
        hand_over(workplace, decoder, card)
    hand_over(workplace, decoder, wallet)


def test_overlapping_files_add_nothing_twice_and_equal_purchases_stay_two(
    workplace: Workplace, decoder: Decoder, tmp_path: Path
) -> None:
    header = "Date,Status,Type,CheckNumber,Description,Withdrawal,Deposit,RunningBalance\n"
    rows = [
        "08/19/2022,Posted,ATM,,Cafe,$3.00,,$44.00\n",
        "08/18/2022,Posted,ATM,,Cafe,$3.00,,$47.00\n",
        "08/18/2022,Posted,ATM,,Cafe,$3.00,,$50.00\n",
    ]
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(header + "".join(rows[1:]))
    # The bank booked something late, so the balances of the same rows differ.
    two.write_text(header + "".join(rows).replace("$44", "$43").replace("$47", "$46"))
    for path in (one, two):
        hand_over(workplace, decoder, path, account="Schwab")
    assert [Decimal(row[2]) for row in booked(workplace)] == [Decimal(-3)] * 3


def test_an_apps_table_is_learned_as_a_ledger_and_becomes_entries(
    workplace: Workplace, decoder: Decoder, at_the_keyboard: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "hisaab.csv"
    path.write_bytes((FIXTURES / "ledger_csv" / "hisaab.csv").read_bytes())
    person = Person("ledger", "note", "-", "note", "মন্তব্য", "yes", "Hisaab", "BDT")
    monkeypatch.setattr(Prompt, "ask", person)
    hand_over(workplace, decoder, path, yes=False)
    assert person.answers == []
    with workplace.warehouse("test") as con:
        entries = con.execute(
            "select account_id, entry_amount::varchar, category_name, note from raw.ledger_entries order by entry_date"
        ).fetchall()
    assert entries == [
        ("Hisaab | নগদ", "-1250.5000", "বাজার", "শুক্রবারের বাজার"),
        ("Hisaab | ব্যাংক", "125000.0000", "বেতন", "মার্চ মাস"),
        ("Hisaab | ব্যাংক", "-25000.0000", "বাসা ভাড়া", None),
    ]
    assert rebuild(workplace, decoder).loads == 1
    with workplace.warehouse("test") as con:
        assert con.execute("select count(*) from raw.ledger_entries").fetchone() == (3,)
