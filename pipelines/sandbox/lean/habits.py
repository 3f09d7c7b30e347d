"""What people in the two regions spend money on: merchants in English and Arabic, and what is paid abroad."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habit:
    """A way to spend.

    Attributes:
        merchant: Its name in English.
        arabic: Its name in Arabic.
        mcc: Merchant category code, four digits.
        category: What the service's insights call it.
        least: Smallest amount, in the smallest unit of the region's currency.
        most: Largest amount.
        kind: Lean's transaction type.
    """

    merchant: str
    arabic: str
    mcc: str
    category: str
    least: int
    most: int
    kind: str = "POS"


_EVERYWHERE = (
    Habit("CARREFOUR HYPERMARKET", "كارفور هايبرماركت", "5411", "GROCERIES", 4_000, 48_000),
    Habit("LULU HYPERMARKET", "لولو هايبرماركت", "5411", "GROCERIES", 2_500, 36_000),
    Habit("AL BAIK RESTAURANT", "مطعم البيك", "5814", "RESTAURANTS_DINING", 1_800, 9_500),
    Habit("QAHWA HOUSE", "بيت القهوة", "5814", "RESTAURANTS_DINING", 900, 4_200),
    Habit("CAREEM RIDE", "كريم", "4121", "TRANSPORT", 1_200, 7_800, "E_COMMERCE"),
    Habit("NOON.COM", "نون", "5311", "RETAIL", 3_500, 60_000, "E_COMMERCE"),
    Habit("AL NAHDI PHARMACY", "صيدلية النهدي", "5912", "HEALTH_AND_WELLBEING", 1_500, 24_000),
    Habit("VOX CINEMAS", "فوكس سينما", "7832", "ENTERTAINMENT", 4_500, 18_000),
    Habit("RED CRESCENT DONATION", "تبرع للهلال الأحمر", "8398", "CHARITY", 1_000, 20_000, "E_COMMERCE"),
)
_LOCAL = {
    "uae": (
        Habit("ENOC PETROL STATION", "محطة إينوك", "5541", "TRANSPORT", 5_000, 19_000),
        Habit("DUBAI TAXI", "تاكسي دبي", "4121", "TRANSPORT", 1_500, 9_000),
        Habit("ATM WITHDRAWAL DEIRA", "سحب نقدي ديرة", "6011", "OTHER", 10_000, 100_000, "ATM"),
        Habit("SALIK TOP UP", "شحن سالك", "4784", "TRANSPORT", 5_000, 20_000, "BILL_PAYMENTS"),
    ),
    "ksa": (
        Habit("ALDREES PETROLEUM", "الدريس للمحروقات", "5541", "TRANSPORT", 3_000, 15_000),
        Habit("PANDA RETAIL", "بنده للتجزئة", "5411", "GROCERIES", 3_000, 40_000),
        Habit("ATM WITHDRAWAL OLAYA", "سحب نقدي العليا", "6011", "OTHER", 10_000, 100_000, "ATM"),
        Habit("MADA BUS", "حافلات الرياض", "4111", "TRANSPORT", 400, 1_600),
    ),
}


def habits(region_name: str) -> tuple[Habit, ...]:
    """What a person of the region spends on."""
    return _EVERYWHERE + _LOCAL[region_name]


@dataclass(frozen=True, slots=True)
class Abroad:
    """A purchase in another currency: the merchant, and the least and most in that currency's smallest unit."""

    merchant: str
    mcc: str
    category: str
    currency: str
    least: int
    most: int


ABROAD = (
    Abroad("AMAZON.COM SEATTLE", "5942", "RETAIL", "USD", 900, 14_000),
    Abroad("UNIQLO TOKYO", "5651", "RETAIL", "JPY", 1_500, 24_000),
    Abroad("MARKS AND SPENCER LONDON", "5311", "RETAIL", "GBP", 800, 16_000),
    Abroad("KUWAIT TOWERS CAFE", "5814", "RESTAURANTS_DINING", "KWD", 1_250, 22_500),
    Abroad("HOTEL ISTANBUL", "7011", "TRAVEL", "EUR", 6_000, 45_000),
)
_WORTH = {
    "uae": {"USD": 36725, "JPY": 245, "GBP": 46500, "KWD": 119500, "EUR": 39800, "BDT": 305, "INR": 430},
    "ksa": {"USD": 37500, "JPY": 250, "GBP": 47500, "KWD": 122000, "EUR": 40600, "BDT": 312, "INR": 440},
}
_WORTH_OF_HOME = {"PHP": 640, "EGP": 760}


def worth(region_name: str, currency: str) -> int:
    """Ten-thousandths of the region's currency that one unit of `currency` is worth, before the day's sway."""
    return _WORTH[region_name].get(currency) or _WORTH_OF_HOME[currency]
