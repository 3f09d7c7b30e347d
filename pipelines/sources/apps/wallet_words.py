"""The words Wallet by BudgetBakers writes for income and expense, language by language.

Put here values only: the export's column names are always English, its values follow the phone's language.
"""

from __future__ import annotations

import unicodedata

EXPENSE_WORDS = """
    en: expense, expenses
    ar: مصروف, مصروفات, المصروفات, المصاريف, مصاريف, نفقة, نفقات, النفقات
    bg: разход, разходи
    bn: ব্যয়, খরচ
    ca: despesa, despeses
    cs: výdaj, výdaje
    da: udgift, udgifter
    de: ausgabe, ausgaben
    el: έξοδο, έξοδα, δαπάνη, δαπάνες
    es: gasto, gastos
    et: kulu, kulud
    fa: هزینه, هزینه‌ها, مخارج
    fi: kulut, meno, menot
    fr: dépense, dépenses
    he: הוצאה, הוצאות
    hi: खर्च, ख़र्च, व्यय
    hr: trošak, troškovi, rashod, rashodi
    hu: kiadás, kiadások, költség, költségek
    id: pengeluaran
    it: spesa, spese, uscita, uscite
    ja: 支出, 出費
    ko: 지출
    lt: išlaida, išlaidos
    lv: izdevumi, izdevums
    ms: perbelanjaan
    nl: uitgave, uitgaven, kosten
    no: utgift, utgifter
    pl: wydatek, wydatki
    pt: despesa, despesas
    ro: cheltuială, cheltuieli
    ru: расход, расходы
    sk: výdavok, výdavky
    sl: odhodek, odhodki, strošek, stroški
    sr: трошак, трошкови, расход, расходи
    sv: kostnad, kostnader, utgift, utgifter
    th: รายจ่าย, ค่าใช้จ่าย
    tr: gider, giderler, harcama, harcamalar
    uk: витрата, витрати
    ur: خرچ, اخراجات
    vi: chi phí, chi tiêu, khoản chi
    zh: 支出, 开支, 開支
"""
INCOME_WORDS = """
    en: income, incomes
    ar: دخل, الدخل, إيراد, إيرادات, الإيرادات, مداخيل
    bg: приход, приходи
    bn: আয়
    ca: ingrés, ingressos
    cs: příjem, příjmy
    da: indtægt, indtægter, indkomst
    de: einnahme, einnahmen, einkommen, einkünfte
    el: έσοδο, έσοδα, εισόδημα
    es: ingreso, ingresos
    et: tulu, tulud, sissetulek, sissetulekud
    fa: درآمد, درآمدها
    fi: tulo, tulot
    fr: revenu, revenus
    he: הכנסה, הכנסות
    hi: आय, आमदनी
    hr: prihod, prihodi
    hu: bevétel, bevételek, jövedelem
    id: pemasukan, penghasilan
    it: entrata, entrate
    ja: 収入
    ko: 수입, 소득
    lt: pajamos
    lv: ienākumi, ienākums
    ms: pendapatan
    nl: inkomen, inkomst, inkomsten
    no: inntekt, inntekter
    pl: dochód, dochody, przychód, przychody, wpływ, wpływy
    pt: receita, receitas, renda, rendimento, rendimentos
    ro: venit, venituri
    ru: доход, доходы
    sk: príjem, príjmy
    sl: prihodek, prihodki
    sr: приход, приходи
    sv: inkomst, inkomster
    th: รายรับ, รายได้
    tr: gelir, gelirler
    uk: дохід, доходи
    ur: آمدنی
    vi: thu nhập, khoản thu
    zh: 收入
"""


def plain_word(word: str) -> str:
    """The word as it is looked up: composed alike, without case and outer spaces."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


def _words(table: str) -> set[str]:
    lines = (line.partition(":")[2] for line in table.strip().splitlines())
    return {plain_word(word) for line in lines for word in line.split(",")}


KIND_OF_WORD = dict.fromkeys(_words(EXPENSE_WORDS), "expense") | dict.fromkeys(_words(INCOME_WORDS), "income")
"""entry_kind of each word, looked up by `plain_word`."""
