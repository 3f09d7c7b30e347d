/* Numbers, dates and words in the reader's language. Amounts are strings and stay exact: Intl takes their digits. */
"use strict";

const DEFAULT_LOCALES = { en: "en", bn: "bn-BD", ar: "ar" };

/* The reader's own locale where it speaks the page's language; a language chosen by hand brings its usual locale. */
function localeFor(language, chosenByHand) {
  const own = navigator.languages || [navigator.language];
  const same = own.find((tag) => tag.toLowerCase().split("-")[0] === language);
  return same || (chosenByHand ? DEFAULT_LOCALES[language] : own[0] || "en");
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function usualFraction(currency) {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
  } catch {
    return 2; // a code Intl does not know
  }
}

/* Digits after the point that a column of exact amounts needs: the currency's own, or more where one has more. */
function fractionOf(amounts, currency) {
  const needed = amounts.map((digits) => (String(digits ?? "").split(".")[1] || "").replace(/0+$/, "").length);
  return Math.max(usualFraction(currency), ...needed);
}

function formatter(locale) {
  const rate = new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const count = new Intl.NumberFormat(locale);
  const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });
  const month = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

  function amount(digits, currency, symbol, fraction) {
    const options = { minimumFractionDigits: fraction, maximumFractionDigits: fraction };
    if (symbol) {
      Object.assign(options, { style: "currency", currency, currencyDisplay: "code" });
    }
    try {
      return new Intl.NumberFormat(locale, options).format(digits);
    } catch {
      return `${digits} ${currency}`;
    }
  }

  function value(one, kind, { currency, symbol, fraction } = {}) {
    if (one === null || one === undefined) return "–";
    if (kind === "amount") return amount(one, currency, symbol, fraction ?? fractionOf([one], currency));
    if (kind === "rate") return rate.format(one);
    if (kind === "count" || kind === "number") return count.format(one);
    if (kind === "month") return month.format(new Date(`${one}T00:00:00Z`));
    if (kind === "date") return day.format(new Date(`${one}T00:00:00Z`));
    return String(one);
  }

  function monthTick(iso, isFirst) {
    const date = new Date(`${iso}T00:00:00Z`);
    const name = new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" }).format(date);
    const year = new Intl.DateTimeFormat(locale, { year: "numeric", timeZone: "UTC" }).format(date);
    return isFirst || iso.slice(5, 7) === "01" ? [name, year] : [name];
  }

  return {
    value,
    fraction: fractionOf,
    monthTick,
    tick: (number, kind) => (kind === "rate" ? rate.format(number).replace(/[.,٫]([0٠০])(?=\D*$)/, "") : short.format(number)),
    count: (number) => count.format(number),
    instant: (iso) => instant.format(new Date(iso)),
  };
}
