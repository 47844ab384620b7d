// Alerts as the earlier surface shows them: derived records with the frozen score.

import { read } from "./api.js";
import { el, fill, table } from "./dom.js";
import * as words from "./words.js";

const NEWEST = 1_000;
const TRACE = "alert:";

const hits = (alert) =>
  alert.hits
    .map((hit) => `${words.profile(hit.classifier_id.replace(/^smart_money_/, ""))} ${words.percent(hit.confidence)}, ${hit.direction}`)
    .join("; ");
const about =
  "Severity comes from the frozen legacy formula, which takes premium without the multiplier; " +
  "most alerts are therefore low. Read probabilities in the events instead.";

export async function legacyPage(node, open) {
  fill(node, el("h2", {}, "Legacy alerts"), el("p", { class: "loading" }, "Reading"));
  const found = await read("/flow/alerts", { limit: NEWEST });
  const columns = [
    { head: "Time (ET)", cell: (one) => el("span", { class: "mono" }, words.clock(one.source_ts)) },
    { head: "Severity", cell: (one) => one.severity },
    { head: "Score", number: true, cell: (one) => words.measure(one.score) },
    { head: "Consistent with", cell: (one) => (one.primary_profile_id ? words.profile(one.primary_profile_id) : "not said") },
    { head: "Hits", cell: hits },
    {
      head: "Trace",
      cell: (one) => el("button", { type: "button", on: { click: () => open(one.trace_id.slice(TRACE.length)) } }, "open event"),
    },
  ];
  fill(
    node,
    el("h2", {}, "Legacy alerts"),
    el("p", { class: "soft" }, about),
    found.data.length
      ? [el("p", { class: "soft" }, `${words.count(found.data.length)} alerts, newest first.`), table(columns, found.data)]
      : el(
          "div",
          { class: "empty" },
          el("strong", {}, "No alerts"),
          "The session that the legacy routes show has no event with a published profile, or was published without the legacy tables.",
        ),
  );
}

export function legacyOf(event) {
  const node = el("section", {}, el("p", { class: "loading" }, "Reading"));
  if (event.abstained) {
    fill(
      node,
      el(
        "div",
        { class: "empty" },
        el("strong", {}, "No legacy alert"),
        "An abstained event has no classifier hits, and so no alert on the earlier surface.",
      ),
    );
    return node;
  }
  read("/flow/alerts", { limit: NEWEST }).then(
    (found) =>
      drawOne(
        node,
        found.data.find((one) => one.trace_id === TRACE + event.event_id),
      ),
    (fault) => {
      fill(node, el("div", { class: "state bad", role: "alert" }, fault.message));
    },
  );
  return node;
}

function drawOne(node, alert) {
  if (!alert) {
    fill(
      node,
      el(
        "div",
        { class: "empty" },
        el("strong", {}, "Not among the newest legacy alerts"),
        `The earlier surface shows one source, and its newest ${NEWEST} alerts are looked through here.`,
      ),
    );
    return;
  }
  const facts = {
    severity: alert.severity,
    score: words.measure(alert.score),
    trace: alert.trace_id,
    time: `${words.clock(alert.source_ts)} ET`,
  };
  fill(
    node,
    el("h3", {}, "As the earlier surface shows it"),
    el(
      "dl",
      { class: "facts" },
      Object.entries(facts).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
    ),
    el("h3", {}, "Classifier hits"),
    table(
      [
        { head: "classifier", cell: (hit) => hit.classifier_id },
        { head: "confidence", number: true, cell: (hit) => words.percent(hit.confidence, 1) },
        { head: "direction", cell: (hit) => hit.direction },
        { head: "said", cell: (hit) => (hit.explanations ?? []).map((said) => el("div", {}, said)) },
      ],
      alert.hits,
    ),
    el("p", { class: "soft" }, about),
  );
}
