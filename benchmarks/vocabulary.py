"""The words of the generated entries: merchants, categories and currencies.

Put here lists only; how often each occurs and what an entry looks like stands in `benchmarks.entries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True)
class Category:
    """One category of the generated entries.

    Attributes:
        name: As Wallet by BudgetBakers writes it (or as a person called their own).
        slug: The same as the last part of a journal account: ASCII, which every journal program takes.
        kind: The entry kind: income, expense or transfer.
        weight: How often it occurs among its kind.
        typical: A typical amount in units of the smallest of the three currencies' price levels (US dollars).
    """

    name: str
    slug: str
    kind: str
    weight: int
    typical: int


CATEGORIES = (
    Category("Groceries", "Groceries", "expense", 22, 18),
    Category("Restaurant, fast-food", "Restaurant", "expense", 13, 12),
    Category("Bar, cafe", "Cafe", "expense", 8, 5),
    Category("Public transport", "Public-Transport", "expense", 9, 2),
    Category("Taxi", "Taxi", "expense", 6, 6),
    Category("Fuel", "Fuel", "expense", 5, 25),
    Category("Rent", "Rent", "expense", 2, 450),
    Category("Energy, utilities", "Utilities", "expense", 3, 40),
    Category("Phone, cell phone", "Phone", "expense", 5, 8),
    Category("Internet", "Internet", "expense", 2, 20),
    Category("Health care, doctor", "Health", "expense", 2, 35),
    Category("Drug-store, chemist", "Pharmacy", "expense", 4, 9),
    Category("Education, development", "Education", "expense", 2, 90),
    Category("TV, Streaming", "Streaming", "expense", 2, 10),
    Category("Clothes & shoes", "Clothes", "expense", 4, 30),
    Category("Charity, gifts", "Charity", "expense", 2, 20),
    Category("Holiday, trips, hotels", "Travel", "expense", 1, 260),
    Category("Electronics, accessories", "Electronics", "expense", 1, 120),
    Category("Home, garden", "Home", "expense", 2, 28),
    Category("Charges, Fees", "Fees", "expense", 2, 3),
    # two that people named themselves
    Category("কাঁচা বাজার", "Bazar", "expense", 2, 6),
    Category("بقالة الحي", "Baqala", "expense", 1, 7),
    Category("Wage, invoices", "Salary", "income", 6, 1400),
    Category("Rental income", "Rental", "income", 1, 500),
    Category("Interests, dividends", "Interest", "income", 1, 15),
    Category("Refunds (tax, purchase)", "Refund", "income", 2, 22),
    Category("Transfer, withdraw", "Transfer", "transfer", 1, 80),
)
"""Every category, its kind and its weight."""

CURRENCIES = (("BDT", 60, 120), ("AED", 25, 4), ("USD", 15, 1))
"""Currency code, percent of the parties that use it, and its price level against the dollar."""

_NAMES = (
    "Agora",
    "Shwapno",
    "Meena Bazar",
    "Unimart",
    "Star Kabab",
    "Kacchi Bhai",
    "North End Coffee",
    "Pathao",
    "Uber",
    "Careem",
    "bKash Agent",
    "Nagad Agent",
    "Lazz Pharma",
    "Aarong",
    "Bata",
    "Daraz",
    "Carrefour",
    "Lulu Hypermarket",
    "Spinneys",
    "Al Baik",
    "ENOC",
    "ADNOC",
    "Etisalat",
    "du Telecom",
    "DEWA",
    "DESCO",
    "Titas Gas",
    "Grameenphone",
    "Netflix",
    "Starbucks",
    "IKEA",
    "Aster Pharmacy",
    "মীনা বাজার",
    "স্বপ্ন সুপারশপ",
    "আগোরা",
    "রহিম স্টোর",
    "করিম জেনারেল স্টোর",
    "হাজী বিরিয়ানি",
    "নান্না মিয়ার দোকান",
    "লাজ ফার্মা",
    "ঢাকা ওয়াসা",
    "পল্লী বিদ্যুৎ",
    "كارفور",
    "لولو هايبرماركت",
    "صيدلية النهدي",
    "مطعم البيك",
    "محطة أدنوك",
    "اتصالات",
    "هيئة كهرباء ومياه دبي",
    "بقالة المدينة",
)
_PLACES = (
    "Dhanmondi",
    "Gulshan-1",
    "Mirpur 10",
    "Uttara",
    "Chattogram",
    "Sylhet",
    "Deira",
    "Al Barsha",
    "Sharjah",
    "ধানমন্ডি",
    "دبي",
    "Online",
)

MERCHANTS = tuple(f"{name} {place}" for name, place in product(_NAMES, _PLACES))
"""Six hundred payees: Latin, Bangla and Arabic letters, also mixed in one name."""
