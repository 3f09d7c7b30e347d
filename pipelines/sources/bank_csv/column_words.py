"""What banks call their columns, language by language: clues for the proposal of a profile.

Put here names only. A name is a clue and no proof: what the values say goes before it.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from pipelines.sources.bank_csv.matching import plain

_NAMES = {
    "booked_date": """
        booking date, posting date, posted date, post date, date posted, date processed, booked, transaction
        date, date, buchungstag, buchungsdatum, buchung, datum, date opération, date operation, date
        comptable, date de comptabilisation, fecha operación, fecha de operación, fecha contable, fecha, data
        contabile, data operazione, data, boekdatum, boekingsdatum, transactiedatum, datum zaúčtování, data
        księgowania, data operacji, bokföringsdag, bogføringsdato, dato, bokført, kirjauspäivä, pvm, könyvelés
        dátuma, dátum, tarih, işlem tarihi, дата, дата операции, ημερομηνία, تاريخ, التاريخ, تاريخ العملية,
        তারিখ
        """,
    "value_date": """
        value date, effective date, valutadatum, valuta, wertstellung, wert, date valeur, date de valeur,
        fecha valor, data valuta, rentedatum, datum provedení, data waluty, valutadag, rentedato, arvopäivä,
        értéknap, valör, valör tarihi, дата валютирования, تاريخ الاستحقاق, تاريخ القيمة
        """,
    "debit": """
        debit, debits, debit amount, withdrawal, withdrawals, withdrawal amt, paid out, money out, outflow,
        spent, dr, soll, belastung, ausgaben, débit, debito, débito, cargo, cargos, adeudo, salidas, uscite,
        dare, addebiti, af, debet, výdaj, obciążenia, terhelés, borç, расход, дебет, χρέωση, مدين, سحب,
        المدين, উত্তোলন, ডেবিট
        """,
    "credit": """
        credit, credits, credit amount, deposit, deposits, deposit amt, paid in, money in, inflow, received,
        cr, haben, gutschrift, einnahmen, crédit, crédito, credito, abono, abonos, ingreso, entradas, entrate,
        avere, accrediti, bij, příjem, uznania, jóváírás, alacak, приход, кредит, πίστωση, دائن, إيداع,
        الدائن, জমা, ক্রেডিট
        """,
    "amount": """
        amount, transaction amount, net amount, value, sum, betrag, umsatz, buchungsbetrag, montant, importe,
        importo, bedrag, transactiebedrag, částka, objem, kwota, beløb, belopp, summa, määrä, összeg, valor,
        montante, tutar, suma, сумма, ποσό, المبلغ, مبلغ, পরিমাণ, টাকা
        """,
    "balance": """
        balance, running balance, runningbalance, available balance, closing balance, account balance, saldo,
        kontostand, saldo nach buchung, solde, saldo na mutatie, saldo na trn, zůstatek, egyenleg, bakiye,
        saldo po operacji, остаток, υπόλοιπο, الرصيد, رصيد, ব্যালেন্স, স্থিতি
        """,
    "description": """
        description, transaction description, details, transaction details, narrative, narration, particulars,
        memo, remarks, text, verwendungszweck, buchungstext, beschreibung, libellé, libelle, détail, concepto,
        descripción, descrizione, causale, omschrijving, mededelingen, mededeling, popis, zpráva, opis, tytuł,
        tekst, text, selitys, viesti, közlemény, descrição, histórico, açıklama, назначение платежа, описание,
        περιγραφή, البيان, التفاصيل, الوصف, تفاصيل, বিবরণ
        """,
    "payee": """
        payee, merchant, merchant name, name, beneficiary, counterparty, counterparty name, payer, partner
        name, empfänger, auftraggeber, beguenstigter/zahlungspflichtiger, zahlungsempfänger,
        auftraggeber/empfänger, naam, naam tegenpartij, bénéficiaire, beneficiario, ordenante, název
        protiúčtu, kontrahent, mottaker, saaja, partner, alıcı, контрагент, المستفيد, প্রাপক
        """,
    "currency": """
        currency, ccy, cur, währung, waehrung, devise, moneda, divisa, munt, muntsoort, valuta, měna, waluta,
        deviza, pénznem, valuutta, moeda, para birimi, валюта, νόμισμα, العملة, عملة, মুদ্রা
        """,
    "account": """
        account, account name, wallet, account number, account no, account no., iban, konto, kontonummer,
        auftragskonto, compte,
        cuenta, rekening, rekeningnummer, conto, conta, číslo účtu, rachunek, számlaszám, tili, hesap, счет,
        λογαριασμός, card no., card number, رقم الحساب, الحساب, হিসাব
        """,
    "indicator": """
        cr/dr, dr/cr, d/c, c/d, dc, d/k, debit/credit, credit/debit, indicator, type, transaction type, af
        bij, soll/haben, sens, sign, direction, s/h, nature, income/expense, ধরন, ধরণ, النوع
        """,
    "category": """
        category, categories, main category, expense category, kategorie, kategoria, catégorie, categoría,
        categoria, categorie, kategori, kategorija, категория, κατηγορία, الفئة, التصنيف, البند, খাত, বিভাগ, শ্রেণি
        """,
    "subcategory": """
        subcategory, sub category, sub-category, sub_category, unterkategorie, sous-catégorie, subcategoría,
        sottocategoria, подкатегория, الفئة الفرعية, উপখাত, উপ-খাত, উপশ্রেণি
        """,
    "labels": """
        labels, label, tags, tag, hashtags, étiquettes, etiquetas, etichette, метки, الوسوم, ট্যাগ
        """,
    "note": """
        note, notes, memo, comment, comments, remark, remarks, notiz, notizen, nota, notas, комментарий, ملاحظة,
        ملاحظات, মন্তব্য, নোট
        """,
    "reference": """
        reference, ref, ref no, ref no., ref number, reference number, transaction reference, transaction id,
        id, check number, checknumber, cheque number, cheque no, cheque, référence, referencia, referenz,
        kundenreferenz, riferimento, kenmerk, referentie, referencja, viite, المرجع, রেফারেন্স
        """,
}
WORDS = {
    field: frozenset(plain(name) for name in names.replace("\n", " ").split(",") if plain(name))
    for field, names in _NAMES.items()
}
"""Names by field of a profile."""

_OUT = """
    d dr db debit debet dbit debito débito débit s soll af out outflow o withdrawal expense expenses dt expenditure مدين
    مصروف مصروفات ব্যয় খরচ
"""
_IN = """
    c cr k credit crdt kredit credito crédito crédit h haben bij in inflow i deposit income ct دائن دخل إيراد আয়
"""


def _every_form(words: str) -> frozenset[str]:
    """Words as they can be encoded: Bangla has letters of one character and of two."""
    return frozenset(form for word in words.split() for form in (word, normalize("NFC", word)))


OUT_WORDS, IN_WORDS = _every_form(_OUT), _every_form(_IN)
"""What indicator columns say; compared in small letters without dots."""

OPPOSITES = (
    *(("d", "c"), ("d", "k"), ("dr", "cr"), ("debit", "credit"), ("debet", "kredit"), ("dbit", "crdt"), ("s", "h")),
    *(("soll", "haben"), ("af", "bij"), ("out", "in"), ("outflow", "inflow"), ("withdrawal", "deposit")),
    *(("expense", "income"), ("expenses", "income"), ("ব্যয়", "আয়"), ("مصروف", "دخل")),
    *(("débit", "crédit"), ("débito", "crédito"), ("debito", "credito"), ("مدين", "دائن")),
)
"""Pairs of them."""
FOREIGN = re.compile(r"original|fremd|foreign|local|transfer|oorspr|exchange|původní", re.IGNORECASE)
"""Columns called so speak of another currency than the account's."""

_SPLIT = re.compile(r"[^\w/]+")


def likeness(field: str, name: str) -> int:
    """How much a column's name sounds like a field: 3 the very name, 2 holds it as a word, 0 not."""
    heard = plain(name)
    bare = re.sub(r"\s*[(\[].*?[)\]]\s*", " ", heard).strip()
    if heard in WORDS[field] or bare in WORDS[field]:
        return 3
    spoken = f" {' '.join(_SPLIT.split(bare))} "
    return 2 if any(f" {word} " in spoken for word in WORDS[field] if len(word) > 2) else 0  # noqa: PLR2004
