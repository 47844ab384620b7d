// The page of calibrations: on what labels, with what figures, and an open word where nothing was fitted.

import { read } from "./api.js";
import { curve } from "./charts.js";
import { el, fill, table } from "./dom.js";
import * as words from "./words.js";

const FIGURES = {
  ece_top_label: "calibration error, top label",
  ece_class_wise: "calibration error, mean of classes",
  brier: "Brier score",
  log_loss: "log loss, nats",
};

export async function calibrationPage(node) {
  fill(node, el("h2", {}, "Calibration"), el("p", { class: "loading" }, "Reading"));
  const found = await read("/v1/models");
  const basis = el(
    "p",
    {},
    "No public record says who traded. Calibrations are fitted and judged on generated or held-out labels, and each says on which.",
  );
  fill(
    node,
    el("h2", {}, "Calibration"),
    basis,
    found.data.length
      ? found.data.toSorted((one, other) => other.in_use - one.in_use).map(model)
      : el("div", { class: "empty" }, el("strong", {}, "No calibration"), "This installation has none."),
  );
}

function model(one) {
  const facts = {
    "label basis": one.label_basis,
    "events behind the fit": words.count(one.n),
    "rule set": one.ruleset,
    temperature: words.measure(one.temperature),
    data: one.data_hash ? one.data_hash.slice(0, 16) : "none",
    sources: one.sources.length ? one.sources.join(", ") : "none",
  };
  return el(
    "section",
    { "data-model": one.version },
    el("h3", {}, `${one.version}${one.in_use ? " (in use)" : ""}`),
    el(
      "dl",
      { class: "facts" },
      Object.entries(facts).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
    ),
    one.n === 0 || !Object.keys(one.metrics).length ? unfitted(one) : figures(one),
  );
}

function unfitted(one) {
  const what =
    one.n === 0
      ? "Nothing was fitted: probabilities are those of the rules and the prior alone."
      : "The file of this calibration holds no figures.";
  return el(
    "div",
    { class: "empty" },
    el("strong", {}, "No reliability figures"),
    `${what} There is no reliability diagram, no risk against coverage and no calibration error to show, ` +
      "so read the probabilities as an order, not as frequencies.",
  );
}

function figures(one) {
  const held = one.metrics;
  const value =
    (prefix, suffix = "") =>
    (row) =>
      words.measure(held[`${prefix}${row}${suffix}`]);
  const columns = [
    { head: "figure", cell: (row) => FIGURES[row] },
    { head: "uncalibrated", number: true, cell: value("uncalibrated_") },
    { head: "calibrated", number: true, cell: value("") },
    { head: "held out", number: true, title: "each session under a fit on others", cell: value("held_out_") },
    { head: "95 % of chance", number: true, title: "what a perfect calibration would still show", cell: value("", "_null_95") },
  ];
  const rows = Object.keys(FIGURES).filter((name) => words.known(held[name]));
  return [el("div", { class: "pair" }, reliability(held), risk(held)), table(columns, rows), weights(one)];
}

// Points of a curve stand in the figures as `<name>_<percent>`, such as reliability_25 and risk_at_50.
function points(held, name) {
  return Object.entries(held)
    .filter(([key]) => key.startsWith(name) && /^\d+$/.test(key.slice(name.length)))
    .map(([key, value]) => [Number(key.slice(name.length)) / 100, value])
    .sort(([one], [other]) => one - other);
}

function pictured(title, text, found, picture) {
  const none = el("div", { class: "empty" }, el("strong", {}, "Not in this calibration"), "Its file holds no points of this curve.");
  return el("section", {}, el("h3", {}, title), el("p", { class: "soft" }, text), found.length > 1 ? picture() : none);
}

function reliability(held) {
  const found = points(held, "reliability_");
  return pictured("Reliability", "Share that was right among events of a stated probability; on the dashed line both agree.", found, () =>
    curve({
      points: found,
      guide: [
        [0, 0],
        [1, 1],
      ],
      across: "stated probability",
      up: "share that was right",
      label: `Reliability curve of ${found.length} points`,
    }),
  );
}

function risk(held) {
  const found = points(held, "risk_at_");
  const top = Math.max(0.05, ...found.map(([, share]) => share));
  return pictured(
    "Risk against coverage",
    "Share of errors where only so many of the likeliest events are kept: what abstaining buys.",
    found,
    () =>
      curve({
        points: found,
        across: "share of events kept",
        up: "share of errors",
        label: `Risk against coverage, ${found.length} points`,
        top,
      }),
  );
}

function weights(one) {
  const columns = [
    { head: "class", cell: ([name]) => words.profile(name) },
    { head: "bias, nats", number: true, cell: ([, value]) => words.measure(value) },
  ];
  const slopes = [
    { head: "family of evidence", cell: ([name]) => words.plain(name) },
    { head: "slope", number: true, cell: ([, value]) => words.measure(value) },
  ];
  return el("div", { class: "pair" }, table(columns, Object.entries(one.biases)), table(slopes, Object.entries(one.slopes)));
}
