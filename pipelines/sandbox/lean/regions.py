"""The two regions of the pretend Lean and the banks in them. The banks are made up, but for Lean's own mock banks."""

from __future__ import annotations

from dataclasses import dataclass

PERMISSIONS = (
    "identity",
    "accounts",
    "balance",
    "transactions",
    "identities",
    "scheduled_payments",
    "standing_orders",
    "direct_debits",
    "beneficiaries",
)
"""Everything a customer can permit, in the order entities name it."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank that can be connected.

    Attributes:
        identifier: Lean's name for it.
        name: Its name in English.
        arabic_name: Its name in Arabic.
        swift_code: Its BIC.
        number: Its digits inside an IBAN.
        products: Kinds of account its customers have.
        writes_arabic: Whether most of its descriptions are in Arabic.
        gives_new_ids: Whether a pending transaction gets another id when it posts.
    """

    identifier: str
    name: str
    arabic_name: str
    swift_code: str
    number: str
    products: tuple[str, ...]
    writes_arabic: bool
    gives_new_ids: bool


@dataclass(frozen=True, slots=True)
class Region:
    """One of Lean's regions.

    Attributes:
        name: `uae` or `ksa`, the prefix of its addresses here.
        country: ISO 3166 alpha-3.
        currency: Currency of most of its accounts.
        iban_country: Start of its IBANs.
        iban_digits: Digits of an account behind the bank's in an IBAN.
        utc_offset_hours: Its time zone.
        refresh_word: The status its webhook gives a finished refresh; the official examples of the regions differ.
        numbers_consents: Whether banks give consents numbers; else their ids look like Lean's.
        banks: What can be connected.
    """

    name: str
    country: str
    currency: str
    iban_country: str
    iban_digits: int
    utc_offset_hours: int
    refresh_word: str
    numbers_consents: bool
    banks: tuple[Bank, ...]


_EVERYTHING = ("CURRENT", "SAVINGS", "CREDIT", "PERSONAL_LOAN")
_DAILY = ("CURRENT", "CREDIT", "SAVINGS")
_TRAVELLER = ("CURRENT", "USD_SAVINGS")

UAE = Region(
    name="uae",
    country="ARE",
    currency="AED",
    iban_country="AE",
    iban_digits=16,
    utc_offset_hours=4,
    refresh_word="OK",
    numbers_consents=False,
    banks=(
        Bank(
            "LEAN_OF_RETAIL_UAE",
            "Lean Open Finance MockBank",
            "بنك لين التجريبي",
            "MOCKAE01",
            "027",
            _EVERYTHING,
            writes_arabic=False,
            gives_new_ids=False,
        ),
        Bank(
            "PALM_RETAIL_UAE",
            "Palm Pretend Bank",
            "مصرف النخلة",
            "PALMAEPT",
            "084",
            _DAILY,
            writes_arabic=True,
            gives_new_ids=True,
        ),
        Bank(
            "DUNES_RETAIL_UAE",
            "Dunes Pretend Bank",
            "بنك الكثبان",
            "DUNEAEPT",
            "061",
            _TRAVELLER,
            writes_arabic=False,
            gives_new_ids=True,
        ),
    ),
)
KSA = Region(
    name="ksa",
    country="SAU",
    currency="SAR",
    iban_country="SA",
    iban_digits=18,
    utc_offset_hours=3,
    refresh_word="FINISHED",
    numbers_consents=True,
    banks=(
        Bank(
            "LEA1_SAMAOB_SAU",
            "Mockbank 1",
            "البنك التجريبي الأول",
            "MOCKSA01",
            "20",
            _EVERYTHING,
            writes_arabic=True,
            gives_new_ids=True,
        ),
        Bank(
            "LEA2_SAMAOB_SAU",
            "Mockbank 2",
            "البنك التجريبي الثاني",
            "MOCKSA02",
            "76",
            _DAILY,
            writes_arabic=False,
            gives_new_ids=False,
        ),
        Bank(
            "NAJD_SAMAOB_SAU",
            "Najd Pretend Bank",
            "بنك نجد",
            "NAJDSAPT",
            "98",
            _TRAVELLER,
            writes_arabic=True,
            gives_new_ids=False,
        ),
    ),
)
REGIONS = (UAE, KSA)
