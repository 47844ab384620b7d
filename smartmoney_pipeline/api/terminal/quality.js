// The page of data quality: counts over the prints, quotes and events of a session.

import { read } from "./api.js";
import { el, fill } from "./dom.js";
import * as words from "./words.js";

export async function qualityPage(node, place) {
  fill(node, el("h2", {}, "Data quality"), el("p", { class: "loading" }, "Reading"));
  const found = await read("/v1/quality", { session: place.session, source: place.source });
  const share = (part, whole) => (whole ? `${words.count(part)} (${words.percent(part / whole, 1)})` : words.count(part));
  const cards = {
    prints: words.count(found.prints),
    events: words.count(found.events),
    abstained: share(found.abstained, found.events),
    "without a sign": share(found.unsigned, found.prints),
    "median quote age": words.known(found.median_quote_age_ms) ? `${words.measure(found.median_quote_age_ms)} ms` : "unknown",
  };
  const quotes = {
    "no quote before the print": found.quote_missing,
    "quote older than 15 minutes": found.quote_stale,
    "one-sided quote": found.quote_one_sided,
    "locked quote": found.quote_locked,
    "crossed quote": found.quote_crossed,
    "no quote of the underlying": found.underlying_missing,
  };
  fill(
    node,
    el("h2", {}, `Data quality of ${found.session}, ${found.source}`),
    el(
      "div",
      { class: "cards" },
      Object.entries(cards).map(([name, value]) => el("div", { class: "card" }, el("b", {}, value), name)),
    ),
    el(
      "div",
      { class: "pair" },
      meters("Prints by the quote before them", quotes, found.prints, "prints"),
      meters("Events by quality flag", found.by_flag, found.events, "events", words.flag),
      meters("Why events abstain", found.abstention_reasons, found.events, "events", words.plain, "An event can have several reasons."),
      meters("Published as consistent with", found.published, found.events - found.abstained, "published events", words.profile),
      meters("How prints were joined", found.by_assembly, found.events, "events", words.plain),
    ),
  );
}

function meters(title, counts, whole, unit, say = (name) => name, note = "") {
  const rows = Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .flatMap(([name, value]) => {
      const bar = el("i");
      bar.style.width = `${whole ? (100 * value) / whole : 0}%`;
      return [
        el("span", {}, say(name)),
        el("span", { class: "track", "aria-hidden": "true" }, bar),
        el("span", { class: "n" }, words.count(value)),
      ];
    });
  const text = `Of ${words.count(whole)} ${unit}. ${note}`;
  return el(
    "section",
    {},
    el("h3", {}, title),
    el("p", { class: "soft" }, text),
    rows.length ? el("div", { class: "meter" }, rows) : el("p", { class: "soft" }, "None."),
  );
}
