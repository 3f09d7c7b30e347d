"""Currencies as people and apps write them: ISO 4217 codes, symbols and words.

Put here what stands for money beside a number, and which symbols name one currency beyond doubt. Keep out how
the number itself is read (`money_text`).
"""

from __future__ import annotations

_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
    CHF CLF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
    LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB
    TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XAG XAU XCD XOF XPD XPF XPT YER
    ZAR ZMW ZWL BTC ETH
"""
ISO_CODES = frozenset(_CODES.split())
"""Codes of ISO 4217, and the two coins wallets list like one."""

_WORDS = """
    kr kr. Kr Kr. kn Kč kč zł zl Ft lei Lei leu din din. RSD KM ден ден. дин дин. лв лв. руб руб. р р. грн грн. тг сом
    Rs Rs. rs rs. Re Re. Tk Tk. tk tk. Taka taka টাকা ট৳ रु रु. रू SR QR DH Dh Dhs Dhs. DHS DT BD KD OR RO
    د.إ د.إ. درهم ر.س ر.س. ريال د.ك د.ك. دينار د.ب د.ب. د.ا د.ت ر.ق ر.ع ج.م ج.م. جنيه ل.ل ل.ل. ل.س د.ع د.ج د.م تومان
    Fr Fr. SFr SFr. fr. TL R RM Rp Rp. Lek B/. S/ S/. Bs Bs. Ksh KSh TSh USh Br GH₵ đ VNĐ 元 円 원
"""
CURRENCY_WORDS = ISO_CODES | frozenset(_WORDS.split())
"""Whole words allowed before or after a number; a lone symbol of Unicode's class Sc, or one after up to three
Latin letters (`US$`), is always allowed."""

SURE_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "৳": "BDT",
    "₹": "INR",
    "₺": "TRY",
    "₽": "RUB",
    "₴": "UAH",
    "₪": "ILS",
    "₫": "VND",
    "₦": "NGN",
    "zł": "PLN",
    "Kč": "CZK",
    "R$": "BRL",
}
"""Symbols that name one currency; `$`, `kr`, `Rs`, `¥` and their like do not settle anything."""


def sure_currency(symbols: set[str]) -> str:
    """The one currency that all of the symbols name, or empty when they leave a doubt."""
    codes = {SURE_SYMBOLS.get(symbol, symbol if symbol in ISO_CODES else "") for symbol in symbols}
    return codes.pop() if len(codes) == 1 else ""
