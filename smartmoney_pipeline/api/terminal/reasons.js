// Reason codes with what was measured, and the arithmetic of an event. Contributions are nats: log-odds that a line adds.

import { el, table } from "./dom.js";
import * as words from "./words.js";

const signed = (value) => `${value > 0 ? "+" : ""}${value.toFixed(2)}`;

// `when` of a rule begins each condition with the name of a measure.
function ruleOf(rules, line) {
  if (!rules) return null;
  return (
    rules.evidence.find((rule) => rule.code === line.code && rule.profile === line.profile) ??
    rules.guards.find((guard) => guard.code === line.code) ??
    null
  );
}

// The measure that a condition names, where the event holds it; `abs_` is its size without its sign.
function valueOf(name, event) {
  if (name === "structure") return event.structure;
  if (Object.hasOwn(event.features, name)) return event.features[name];
  const signedValue = name.startsWith("abs_") ? event.features[name.slice(4)] : undefined;
  return typeof signedValue === "number" ? Math.abs(signedValue) : undefined;
}

function measured(line, event, rules) {
  const rule = ruleOf(rules, line);
  const conditions = (rule?.when ?? [])
    .flatMap((said) => said.split(/; | or /))
    .map((condition, place) => {
      const name = /^[a-z0-9_]+/.exec(condition)?.[0] ?? "";
      const held = valueOf(name, event) ?? (place === 0 ? line.value : undefined);
      return el(
        "div",
        { class: "measured" },
        !words.known(held) ? null : [el("b", {}, `${words.plain(name)} = ${words.measure(held)}`), "; "],
        `rule: ${condition}`,
      );
    });
  if (!conditions.length && words.known(line.value))
    conditions.push(el("div", { class: "measured" }, "measured ", el("b", {}, words.measure(line.value))));
  const source = rule?.grade
    ? `weight ${rule.weight}, grade ${rule.grade}, source ${rule.source}`
    : rule
      ? `guard, source ${rule.source}`
      : null;
  return [...conditions, source ? el("div", { class: "measured" }, source) : null];
}

export function reasonLine(line, event, rules, whose = null) {
  return el(
    "div",
    { class: "reason" },
    el("span", { class: "nats", title: "nats added to the log-odds" }, signed(line.contribution)),
    el(
      "div",
      {},
      el("div", { class: "code" }, line.code, whose ? el("span", { class: "soft" }, ` on ${whose}`) : null),
      el("div", {}, line.because),
      measured(line, event, rules),
    ),
  );
}

export function arithmetic(found, event, rules) {
  const classes = Object.keys(found.probability).sort((one, other) => found.probability[other] - found.probability[one]);
  const parts = classes.map((name) => {
    const lines = found.contributions.filter((line) => line.profile === name);
    const evidence = `${lines.length} ${lines.length === 1 ? "line" : "lines"}`;
    const sum =
      `prior ${signed(found.log_prior[name])}, with ${evidence} log-odds ${signed(found.log_odds[name])}, ` +
      `probability ${words.percent(found.probability[name], 1)}`;
    return el(
      "section",
      {},
      el("h3", {}, words.profile(name)),
      el("p", { class: "soft" }, sum),
      lines.map((line) => reasonLine(line, event, rules)),
    );
  });
  const missing = found.not_observed.length
    ? el(
        "section",
        {},
        el("h3", {}, "Could not be observed"),
        table(
          [
            { head: "profile", cell: (line) => words.profile(line.profile) },
            { head: "code", cell: (line) => line.code },
            { head: "what it would say", cell: (line) => line.because },
          ],
          found.not_observed,
        ),
      )
    : null;
  const versions = el(
    "p",
    { class: "soft" },
    `Explained under rule set ${found.ruleset_version} and calibration ${found.calibration_version}. ` +
      `Contributions are nats; with the prior they add up to the log-odds.`,
  );
  return [found.warning ? el("div", { class: "state bad" }, found.warning) : null, versions, ...parts, missing].filter(Boolean);
}

export function measures(features) {
  const named = Object.entries(features);
  const seen = named.filter(([, value]) => words.known(value));
  const columns = [
    { head: "measure", cell: ([name]) => words.plain(name) },
    { head: "value", number: true, cell: ([, value]) => words.measure(value) },
  ];
  const unknown = named.filter(([, value]) => !words.known(value)).map(([name]) => words.plain(name));
  return [
    el("section", {}, el("h3", {}, "Measured"), table(columns, seen)),
    unknown.length
      ? el("section", {}, el("h3", {}, "Unknown"), el("p", { class: "soft" }, `${unknown.join(", ")}. Unknown is never taken for zero.`))
      : null,
  ].filter(Boolean);
}
