/* The page: reads its data, draws the filters and the cards, and draws them again when a choice changes. Text goes in
   as text only, never as markup. */
"use strict";

const DATA = JSON.parse(document.getElementById("data").textContent);
const NARROW = 600;
const ROW_HEIGHT = 40;

const state = { language: "en", chosenByHand: false, selection: {} };
let drawn = [];

function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const words = () => DATA.words[state.language];
const inLanguage = (titles) => titles[state.language];
const format = () => formatter(localeFor(state.language, state.chosenByHand));
const selectionKey = (selection) => JSON.stringify(DATA.params.map((param) => selection[param.key] ?? null));
const results = () => DATA.results[selectionKey(state.selection)];

/* What a card needs to draw one result: its columns by name, resolved for the language. */
function viewOf(card, currency) {
  const { rows } = results()[card.key];
  const columns = DATA.columns[card.key];
  const place = Object.fromEntries(columns.map(([name], number) => [name, number]));
  const kinds = Object.fromEntries(columns);
  const resolve = (name) => (name in place ? name : `${name}_${state.language}`);
  const shape = format();
  const spoken = columns.map(([name]) => name.match(/^(.*)_(en|bn|ar)$/)?.[1] ?? name);
  return {
    rows,
    display: card.display,
    dimensions: card.viz["graph.dimensions"] || [],
    metrics: card.viz["graph.metrics"] || [],
    stacked: card.viz["stackable.stack_type"] === "stacked",
    rtl: state.language === "ar",
    format: shape,
    names: [...new Set(spoken)],
    kind: (name) => kinds[resolve(name)],
    raw: (row, name) => row[place[resolve(name)]],
    text: (row, name, symbol) => shape.value(row[place[resolve(name)]], kinds[resolve(name)], { currency, symbol }),
    aligned: (name) => {
      const number = place[resolve(name)];
      const fraction = kinds[resolve(name)] === "amount" ? shape.fraction(rows.map((row) => row[number]), currency) : 0;
      return (row) => shape.value(row[number], kinds[resolve(name)], { currency, fraction });
    },
    label: (name) => (DATA.labels[name] ? inLanguage(DATA.labels[name]) : name),
  };
}

const isNumber = (kind) => ["amount", "rate", "count", "number"].includes(kind);

function cell(view, row, name, text, isHead) {
  const kind = view.kind(name);
  const raw = view.raw(row, name);
  const made = element(isHead ? "th" : "td", { textContent: text, className: isNumber(kind) ? "number" : "" });
  if (isHead) made.scope = "row";
  made.dataset.column = name;
  made.dataset.value = raw ?? "";
  if (isNumber(kind) && raw !== null && Number(raw) < 0) made.classList.add("negative");
  return made;
}

function table(view, title, currency, names) {
  const caption = fill(words().currency_note, { currency });
  const head = names.map((name) =>
    element("th", { scope: "col", textContent: view.label(name), className: isNumber(view.kind(name)) ? "number" : "" }));
  const texts = names.map((name) => view.aligned(name));
  const body = view.rows.map((row) =>
    element("tr", {}, ...names.map((name, number) => cell(view, row, name, texts[number](row), number === 0))));
  return element("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": title },
    element("table", {},
      element("caption", { textContent: caption }),
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...body)));
}

function scalar(view, card) {
  const name = card.viz["scalar.field"];
  const row = view.rows[0];
  const made = element("p", { className: "figure", textContent: row ? view.text(row, name, true) : "–" });
  made.dataset.value = row ? view.raw(row, name) ?? "" : "";
  if (row && Number(view.raw(row, name)) < 0) made.classList.add("negative");
  return made;
}

function chart(view, card, title, currency) {
  const place = element("div", {});
  const image = element("div", { className: "chart", role: "img", "aria-label": fill(words().chart, { title }) }, place);
  const height = () => {
    const usual = window.innerWidth < NARROW ? 250 : card.at.height * ROW_HEIGHT - 20;
    return view.display === "row" ? Math.max(view.rows.length * 26 + 40, window.innerWidth < NARROW ? 0 : usual) : usual;
  };
  drawn.push({ place, spec: () => chartSpec({ ...view, width: place.clientWidth }, height()) });
  const names = view.names.filter((name) => view.dimensions.includes(name) || view.metrics.includes(name));
  const numbers = element("details", { className: "numbers" },
    element("summary", { textContent: words().numbers }), table(view, title, currency, names));
  return [image, numbers];
}

function drawCard(card, currency) {
  const view = viewOf(card, currency);
  const title = inLanguage(card.titles);
  const heading = element("h2", { id: `card-${card.key}`, textContent: title });
  const inside = card.display === "scalar" ? [scalar(view, card)]
    : view.rows.length === 0 ? [element("p", { className: "muted", textContent: words().nothing })]
    : card.display === "table" ? [table(view, title, currency, view.names)]
      : chart(view, card, title, currency);
  const made = element("section", { className: `card ${card.display}`, "aria-labelledby": heading.id }, heading, ...inside);
  made.dataset.card = card.key;
  made.style.gridColumn = `${card.at.col + 1} / span ${card.at.width}`;
  made.style.gridRow = `${card.at.row + 1} / span ${card.at.height}`;
  return made;
}

function emptyState(title, text) {
  return element("section", { className: "empty" }, element("h2", { textContent: title }), element("p", { textContent: text }));
}

function about() {
  const shape = format();
  const published = DATA.published_at ? fill(words().published, { when: shape.instant(DATA.published_at) }) : "";
  const here = results();
  const months = here
    ? DATA.cards.flatMap((card) => {
      const place = DATA.columns[card.key].findIndex(([, kind]) => kind === "month");
      return place < 0 ? [] : here[card.key].rows.map((row) => row[place]);
    }).sort()
    : [];
  const period = months.length
    ? fill(words().period, { first: shape.value(months[0], "month"), last: shape.value(months[months.length - 1], "month") })
    : "";
  return [period, published].filter(Boolean).join(" · ");
}

function notes() {
  return DATA.params.filter((param) => param.has_more)
    .map((param) => `${inLanguage(param.titles)}: ${fill(words().has_more, { count: format().count(param.choices.length) })}`)
    .join(" ");
}

/* A choice without records gives way to the first currency (or other required filter) that has some. */
function settle() {
  if (results()) return;
  for (const param of DATA.params.filter((one) => one.required)) {
    for (const [value] of param.choices) {
      const other = { ...state.selection, [param.key]: value };
      if (DATA.results[selectionKey(other)]) {
        state.selection = other;
        return;
      }
    }
  }
}

function select(param) {
  const options = param.choices.map(([value, label]) => element("option", { value, textContent: label }));
  if (!param.required) options.unshift(element("option", { value: "", textContent: inLanguage(param.all) }));
  const control = element("select", { id: `filter-${param.key}`, name: param.key }, ...options);
  control.value = state.selection[param.key] ?? "";
  for (const option of control.options) {
    if (param.required) option.disabled = !DATA.results[selectionKey({ ...state.selection, [param.key]: option.value })];
  }
  control.addEventListener("change", () => {
    state.selection = { ...state.selection, [param.key]: control.value || null };
    settle();
    draw();
    document.getElementById(control.id).focus();
  });
  return element("label", { htmlFor: control.id }, element("span", { textContent: inLanguage(param.titles) }), control);
}

function languages() {
  const control = element("select", { id: "language", name: "language" },
    ...Object.entries(DATA.words).map(([value, texts]) => element("option", { value, textContent: texts.name, lang: value })));
  control.value = state.language;
  control.addEventListener("change", () => {
    state.language = control.value;
    state.chosenByHand = true;
    draw();
    document.getElementById("language").focus();
  });
  return element("label", { htmlFor: "language" }, element("span", { textContent: words().language }), control);
}

function draw() {
  document.documentElement.lang = state.language;
  document.documentElement.dir = state.language === "ar" ? "rtl" : "ltr";
  document.title = inLanguage(DATA.titles);
  document.getElementById("title").textContent = inLanguage(DATA.titles);
  document.getElementById("about").textContent = about();
  document.getElementById("notes").textContent = notes();
  const hasAny = Object.keys(DATA.results).length > 0;
  document.getElementById("filters").replaceChildren(...(hasAny ? DATA.params.map(select) : []), languages());
  drawn.forEach((one) => one.finalize?.());
  drawn = [];
  const cards = document.getElementById("cards");
  if (!hasAny) cards.replaceChildren(emptyState(words().empty_title, words().empty_text));
  else if (!results()) cards.replaceChildren(emptyState(words().not_here, ""));
  else cards.replaceChildren(...DATA.cards.map((card) => drawCard(card, state.selection.currency)));
  return Promise.all(drawn.map(drawChart));
}

async function drawChart(one) {
  const shown = await vegaEmbed(one.place, one.spec(), {
    ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true, theme: "hisab" },
  });
  one.finalize = shown.finalize;
}

function start() {
  const spoken = (navigator.languages || [navigator.language]).map((tag) => tag.toLowerCase().split("-")[0]);
  state.language = spoken.find((tag) => tag in DATA.words) || "en";
  for (const param of DATA.params) state.selection[param.key] = param.required ? param.choices[0]?.[0] ?? null : null;
  settle();
  document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  let width = window.innerWidth;
  let soon = 0;
  window.addEventListener("resize", () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      if (window.innerWidth !== width) draw();
      width = window.innerWidth;
    }, 150);
  });
  draw().then(() => { document.documentElement.dataset.ready = "yes"; });
}

start();
