"""The pretend customers: who they are, how they are reached, what they earn. No real person is meant."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from pipelines.sandbox.lean.naming import pretend_id
from pipelines.sandbox.lean.regions import Region

_NAMES = (
    ("Mariam Al Suwaidi", "مريم السويدي", "F"),
    ("Omar Haddad", "عمر حداد", "M"),
    ("Noura Al Qahtani", "نورة القحطاني", "F"),
    ("Faisal Al Harbi", "فيصل الحربي", "M"),
    ("Huda Mansour", "هدى منصور", "F"),
    ("Tariq Siddiqui", "طارق صديقي", "M"),
    ("Layla Al Zaabi", "ليلى الزعابي", "F"),
    ("Yusuf Rahman", "يوسف رحمن", "M"),
)
_TOWNS = {
    "uae": (("Dubai", "Al Barsha"), ("Abu Dhabi", "Al Khalidiyah"), ("Sharjah", "Al Majaz")),
    "ksa": (("Riyadh", "Al Olaya"), ("Jeddah", "Al Rawdah"), ("Dammam", "Al Faisaliyah")),
}
_COUNTRIES = {"uae": "AE", "ksa": "SA"}
_EMPLOYERS = {
    "uae": (("GULF PALM TRADING LLC", "شركة نخلة الخليج التجارية"), ("MARINA DESIGN FZCO", "مارينا للتصميم")),
    "ksa": (("NAJD LOGISTICS CO", "شركة نجد للخدمات اللوجستية"), ("RAWABI HEALTH EST", "مؤسسة روابي الصحية")),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One pretend customer. Amounts are in the smallest unit of the region's currency.

    Attributes:
        name: Their name in English.
        arabic_name: Their name in Arabic.
        gender: `F` or `M`.
        salary: Monthly pay.
        salary_day: Day of the month it arrives.
        rent: Monthly rent.
        employer: Who pays, in English and Arabic.
        sends_home: Currency of their monthly transfer abroad, or empty.
        identity: What the bank knows of them, as Lean sends it, without the entity's id.
    """

    name: str
    arabic_name: str
    gender: str
    salary: int
    salary_day: int
    rent: int
    employer: tuple[str, str]
    sends_home: str
    identity: dict[str, object]


def person_of(seed: int, region: Region, app_user_id: str) -> Person:
    """The person behind an app user id; the same one for every bank."""
    chance = Random(f"{seed}/{region.name}/person/{app_user_id}")
    name, arabic_name, gender = chance.choice(_NAMES)
    salary = chance.randrange(9_000, 32_000, 250) * 100
    return Person(
        name=name,
        arabic_name=arabic_name,
        gender=gender,
        salary=salary,
        salary_day=chance.randint(25, 28),
        rent=salary // 100 * chance.randint(22, 33) // 100 * 100,
        employer=chance.choice(_EMPLOYERS[region.name]),
        sends_home=chance.choice(("", "BDT", "INR", "PHP", "EGP")),
        identity=_identity(region, app_user_id, name, gender, chance),
    )


def _identity(region: Region, app_user_id: str, name: str, gender: str, chance: Random) -> dict[str, object]:
    town, area = chance.choice(_TOWNS[region.name])
    phone = f"{'9715' if region.name == 'uae' else '9665'}{chance.randint(10_000_000, 99_999_999)}"
    street = f"{chance.randint(1, 120)}, {area} Street"
    return {
        "full_legal_name": name,
        "name": name,
        "national_id": f"{'784' if region.name == 'uae' else '1'}{chance.randint(10**8, 10**9 - 1)}",
        "birth_date": f"{chance.randint(1962, 2003)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "gender": gender,
        "email_address": f"{name.split(maxsplit=1)[0].lower()}.{pretend_id(app_user_id)[:4]}@example.com",
        "legal_structure": None,
        "phone": phone,
        "mobile_number": phone,
        "address": {
            "address_line": f"{street}, {town}",
            "address_type": "Residential",
            "building_type": None,
            "apartment_or_villa_number": str(chance.randint(1, 900)),
            "building_name": None,
            "street": street,
            "area": area,
            "street_address": street,
            "post_code": f"{chance.randint(10_000, 29_999)}",
            "town_name": town,
            "region": town,
            "po_box": None,
            "country": _COUNTRIES[region.name],
        },
        "account_role": "PRINCIPAL",
        "party_type": "SOLE",
        "party_id": str(chance.randint(10_000, 999_999)),
        "party_number": pretend_id(app_user_id, "party")[:10],
        "regional_data": None,
    }
