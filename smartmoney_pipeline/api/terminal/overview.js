// The first part of the panel: the verdict in words, the ladder, abstention and guards, counter-evidence, quality.

import { el } from "./dom.js";
import { setTrack, track } from "./columns.js";
import { reasonLine } from "./reasons.js";
import * as words from "./words.js";

export function headline(event, row) {
  const [sign, word] = words.direction(event.primary_direction);
  const what = event.structure
    ? words.plain(event.structure)
    : event.features.call_share === 1
      ? "calls"
      : event.features.call_share === 0
        ? "puts"
        : "options";
  const title = el(
    "h2",
    {},
    `${event.underlying_id} ${what}, ${words.usd(event.features.premium_usd)} premium, ${words.count(event.features.contracts)} contracts`,
  );
  const said = event.abstained
    ? ["The scorer abstains: it names ", el("b", {}, "no profile"), " for this event."]
    : [
        "Consistent with ",
        el("b", {}, words.profile(event.primary_profile_id)),
        ` at ${words.percent(event.profile_scores[0].probability)}. Exposure added: `,
        el("span", { class: `dir-${event.primary_direction}` }, `${sign} ${word}`),
        ".",
      ];
  const times = el(
    "div",
    { class: "soft", title: `${words.utc(event.start_ts)} to ${words.utc(event.end_ts)}` },
    `${words.time(event.start_ts)} to ${words.time(event.end_ts)} ET, closed ${words.time(event.closed_at)}` +
      `${event.provisional ? "; provisional: its links may still change" : ""}`,
  );
  return [title, el("div", { class: "verdict" }, said), times, row?.withdrawn ? gone(row.withdrawn) : null].filter(Boolean);
}

function gone(withdrawn) {
  const then = withdrawn.replacedBy.length
    ? ` It is replaced by ${withdrawn.replacedBy.length === 1 ? "another event" : `${withdrawn.replacedBy.length} events`}.`
    : "";
  return el("div", { class: "state bad", role: "alert" }, el("b", {}, "Withdrawn"), `: ${words.plain(withdrawn.reason)}.${then}`);
}

export function overview(detail) {
  const { event, why, codes, evidence } = detail;
  const found = why && !why.fault ? why : null;
  return [
    ladderPart(event),
    abstentionPart(event, codes),
    guardsPart(event, codes),
    found?.warning ? el("div", { class: "state bad" }, found.warning) : null,
    reasonsPart(event, found, codes, detail.rules, !why),
    counterPart(why, found, event, detail),
    qualityPart(event),
    correctionsPart(evidence, detail),
  ].filter(Boolean);
}

function ladderPart(event) {
  const winner = event.primary_profile_id;
  const steps = [...event.profile_scores.map((one) => [one.profile_id, one]), ["none", { probability: event.none_probability }]];
  steps.sort(([, one], [, other]) => other.probability - one.probability);
  const cells = steps.flatMap(([id, one]) => {
    const banded = words.known(one.probability_low);
    const bar = banded ? track(one.probability, one.probability_low, one.probability_high) : setless(one.probability);
    if (id !== winner) bar.classList.add("plain");
    const won = id === winner ? "winner" : null;
    const band = banded
      ? `${words.percent(one.probability_low, 1)} to ${words.percent(one.probability_high, 1)}, ${one.confidence_band} confidence`
      : "no interval";
    return [
      el("span", { class: won }, `${words.profile(id)}${won ? " (published)" : ""}`),
      bar,
      el("span", { class: `share ${won ?? ""}` }, words.percent(one.probability, 1)),
      el("span", { class: "band" }, band),
    ];
  });
  const note = event.abstained
    ? "Dimmed: nothing is published, so no step of the ladder is the answer."
    : "The thin line on a bar is the interval around the probability.";
  return el(
    "section",
    {},
    el("h3", {}, "How consistent with each profile"),
    el("div", { class: `ladder ${event.abstained ? "dimmed" : ""}`, role: "group", "aria-label": "Probability ladder" }, cells),
    el("p", { class: "soft" }, note),
  );
}

function setless(share) {
  const bar = track(0, 0, 0);
  setTrack(bar, share, 0, 0);
  return bar;
}

function abstentionPart(event, codes) {
  if (!event.abstained) return null;
  const lines = event.abstention_reasons.map((code) =>
    el("li", {}, `${words.plain(code)}: ${codes?.abstention_reasons?.[code] ?? "see the documents"}`),
  );
  return el("section", {}, el("h3", {}, "Why the scorer abstains"), el("div", { class: "state abstains" }, el("ul", {}, lines)));
}

function guardsPart(event, codes) {
  if (!event.suppressed_reasons.length) return null;
  const lines = event.suppressed_reasons.map((code) =>
    el("li", {}, el("span", { class: "mono" }, code), `: ${codes?.reasons?.[code] ?? "a guard"}`),
  );
  return el(
    "section",
    {},
    el("h3", {}, "Suppressed by guards"),
    el("div", { class: "state guard" }, "A guard holds profiles down where their evidence would mislead.", el("ul", {}, lines)),
  );
}

// Until the arithmetic is read, reasons stand with their sentences; then with what was measured.
function reasonsPart(event, found, codes, rules, reading) {
  const first = event.profile_scores[0];
  const title = el("h3", {}, `What speaks for ${words.profile(first.profile_id)}`);
  if (found) {
    const lines = found.contributions.filter((line) => line.profile === first.profile_id && line.contribution > 0);
    return el(
      "section",
      {},
      title,
      lines.length ? lines.map((line) => reasonLine(line, event, rules)) : el("p", { class: "soft" }, "No evidence fired."),
    );
  }
  const lines = first.reasons.map((code) =>
    el("div", { class: "reason" }, el("span", {}), el("div", {}, el("div", { class: "code" }, code), codes?.reasons?.[code] ?? "")),
  );
  const note = reading && lines.length ? el("p", { class: "soft" }, "Reading what was measured") : null;
  return el("section", {}, title, note, lines.length ? lines : el("p", { class: "soft" }, "No evidence fired."));
}

function counterPart(why, found, event, detail) {
  const title = el("h3", {}, "Counter-evidence");
  if (!why) return el("section", {}, title, el("p", { class: "soft" }, "Reading the arithmetic"));
  if (!found)
    return el(
      "section",
      {},
      title,
      detail.ready(why, () => null),
    );
  const behind = `${(100 * found.margin).toFixed(1)} percentage points behind ${words.profile(found.likeliest)}`;
  const rival = el("p", { class: "soft" }, `Runner-up: ${words.profile(found.runner_up)}, ${behind}.`);
  const lines = found.counter_evidence.map((line) => reasonLine(line, event, detail.rules, words.profile(line.profile)));
  return el(
    "section",
    {},
    title,
    rival,
    lines.length
      ? lines
      : el("p", { class: "soft" }, "Nothing that was observed speaks against the likeliest profile or for its runner-up."),
    found.would_change.length
      ? [
          el("h3", {}, "What would change the answer"),
          el(
            "ul",
            { class: "lines" },
            found.would_change.map((line) => el("li", {}, line)),
          ),
        ]
      : null,
  );
}

function qualityPart(event) {
  const flags = event.quality_flags.map((code) =>
    el(
      "span",
      { class: `chip ${words.worrying(code) ? "warn" : ""}`, title: code },
      `${words.worrying(code) ? "! " : ""}${words.flag(code)}`,
    ),
  );
  const sure = words.known(event.reconstruction_confidence)
    ? `Prints belong together with probability ${words.percent(event.reconstruction_confidence, 1)}, ` +
      `joined as ${words.plain(event.assembly)}.`
    : `Joined as ${words.plain(event.assembly)}; how surely is unknown.`;
  return el(
    "section",
    {},
    el("h3", {}, "Quality of prints and quotes"),
    flags.length ? el("div", { class: "chips" }, flags) : el("p", { class: "soft" }, "Nothing remarkable."),
    el("p", { class: "soft" }, sure),
  );
}

function correctionsPart(evidence, detail) {
  if (!evidence || evidence.fault || !evidence.corrections.length) return null;
  const lines = evidence.corrections.map((one) =>
    el(
      "li",
      {},
      one.event_id === detail.id ? "This event was withdrawn" : ["It replaces ", detail.other(one.event_id)],
      ` at ${words.time(one.retracted_at)} ET: ${words.plain(one.reason)}`,
    ),
  );
  return el("section", {}, el("h3", {}, "Corrections"), el("ul", { class: "lines" }, lines));
}
