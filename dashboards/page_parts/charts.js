/* From a card's result to a Vega-Lite specification. Colours are CSS variables, so that dark mode and print need no
   second drawing. Charts draw rounded numbers; every text beside them is formatted from the exact value. */
"use strict";

const SERIES_COLOURS = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7"].map((name) => `var(${name})`);
const METRIC_COLOURS = { expense_amount: "var(--c2)", savings_rate: "var(--c1)" };

/* About `count` round steps around the values, with zero among them. */
function ticks([low, high], count) {
  const least = Math.min(0, low);
  const most = Math.max(0, high);
  const span = most - least || 1;
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => span / size <= count) || span;
  const first = Math.floor(least / step);
  const last = Math.max(Math.ceil(most / step), first + 1);
  return Array.from({ length: last - first + 1 }, (_, number) => Number(((first + number) * step).toPrecision(12)));
}

/* One mark per row and metric: {x, series, value, text}. */
function marks(view) {
  const [dimension, breakout] = view.dimensions;
  return view.rows.flatMap((row) =>
    view.metrics.map((metric) => ({
      x: view.raw(row, dimension),
      label: view.text(row, dimension),
      series: breakout ? view.text(row, breakout) : view.label(metric),
      metric,
      value: view.raw(row, metric) === null ? null : Number(view.raw(row, metric)),
      text: view.text(row, metric, true),
    })),
  );
}

function extent(data, isStacked) {
  if (!isStacked) return [Math.min(...data.map((one) => one.value)), Math.max(...data.map((one) => one.value))];
  const above = {};
  const below = {};
  for (const one of data) {
    const side = one.value < 0 ? below : above;
    side[one.x] = (side[one.x] || 0) + one.value;
  }
  return [Math.min(0, ...Object.values(below)), Math.max(0, ...Object.values(above))];
}

function labelled(values, textOf) {
  return `(${JSON.stringify(Object.fromEntries(values.map((one) => [String(one), textOf(one)])))})[toString(datum.value)]`;
}

function valueAxis(view, data, most) {
  const steps = ticks(extent(data, view.stacked), most);
  return {
    scale: { domain: [steps[0], steps[steps.length - 1]], nice: false },
    axis: {
      title: null, values: steps, grid: true, domain: false, ticks: false, labelPadding: 6,
      labelExpr: labelled(steps, (one) => view.format.tick(one, view.kind(view.metrics[0]))),
      gridColor: { condition: { test: "datum.value === 0", value: "var(--muted)" }, value: "var(--line)" },
    },
  };
}

function colour(view, data) {
  const names = [...new Set(data.map((one) => one.series))];
  const range = view.dimensions.length > 1
    ? SERIES_COLOURS
    : view.metrics.map((metric, number) => METRIC_COLOURS[metric] || SERIES_COLOURS[number]);
  const columns = Math.max(2, Math.min(names.length, Math.floor(view.width / 190)));
  const legend = names.length > 1
    ? {
      title: null, orient: "top", symbolType: "square", direction: "horizontal", rowPadding: 4, columns,
      labelLimit: view.width / columns - 24,
    }
    : null;
  return { field: "series", type: "nominal", sort: names, scale: { domain: names, range }, legend };
}

const TOOLTIP = [{ field: "label", title: " " }, { field: "series", title: "  " }, { field: "text", title: "   " }];

/* As many month labels as there is room for, at even steps that meet every January. */
function monthTicks(months, width) {
  const room = Math.max(2, Math.floor((width - 60) / 46));
  const step = [1, 2, 3, 4, 6, 12].find((size) => months.length / size <= room) || 12;
  return months.filter((month) => (Number(month.slice(5, 7)) - 1) % step === 0);
}

function byMonth(view, data) {
  const months = [...new Set(data.map((one) => one.x))].sort();
  const shown = monthTicks(months, view.width);
  const x = {
    field: "x", type: "ordinal", sort: view.rtl ? months.slice().reverse() : months,
    axis: {
      title: null, domain: false, ticks: false, labelAngle: 0, labelPadding: 6, values: shown,
      labelExpr: labelled(shown, (one) => view.format.monthTick(one, one === shown[0])),
    },
  };
  const y = { field: "value", type: "quantitative", stack: view.stacked ? "zero" : null, ...valueAxis(view, data, 5) };
  y.axis.orient = view.rtl ? "right" : "left";
  const shared = { x, y, color: colour(view, data), tooltip: TOOLTIP };
  if (view.display === "line") {
    return {
      layer: [
        { mark: { type: "line", strokeWidth: 2 }, encoding: shared },
        { mark: { type: "point", filled: true, size: 44 }, encoding: shared },
      ],
    };
  }
  const several = !view.stacked && view.metrics.length > 1;
  const encoding = { ...shared, order: { field: "rank", type: "quantitative" } };
  if (several) encoding.xOffset = { field: "series", sort: view.metrics.map((metric) => view.label(metric)), scale: { paddingInner: 0.05 } };
  x.scale = { paddingInner: several ? 0.3 : 0.25, paddingOuter: 0.1 };
  return { mark: { type: "bar", cornerRadiusEnd: view.stacked ? 0 : 2 }, encoding };
}

function byRow(view, data) {
  const y = {
    field: "label", type: "nominal", sort: data.map((one) => one.label), scale: { paddingInner: 0.35 },
    axis: { title: null, domain: false, ticks: false, labelPadding: 8, labelLimit: view.width < 420 ? 120 : 170, orient: view.rtl ? "right" : "left" },
  };
  const x = { field: "value", type: "quantitative", ...valueAxis(view, data, view.width < 420 ? 2 : 4) };
  x.scale.reverse = view.rtl;
  return {
    mark: { type: "bar", cornerRadiusEnd: 2, color: METRIC_COLOURS[view.metrics[0]] || SERIES_COLOURS[0] },
    encoding: { y, x, tooltip: [TOOLTIP[0], TOOLTIP[2]] },
  };
}

function chartSpec(view, height) {
  const font = getComputedStyle(document.body).fontFamily;
  const data = marks(view).filter((one) => one.value !== null);
  const order = [...new Set(data.map((one) => one.series))];
  data.forEach((one) => { one.rank = order.indexOf(one.series); });
  const drawn = view.display === "row" ? byRow(view, data) : byMonth(view, data);
  return {
    width: "container",
    height,
    autosize: { type: "fit", contains: "padding", resize: true },
    background: "transparent",
    data: { values: data },
    ...drawn,
    config: {
      font,
      view: { stroke: null },
      axis: { labelColor: "var(--muted)", labelFontSize: 12, labelFont: font, gridColor: "var(--line)" },
      legend: { labelColor: "var(--ink)", labelFontSize: 12, labelFont: font, symbolSize: 90 },
      axisY: { minExtent: 30 },
    },
  };
}
