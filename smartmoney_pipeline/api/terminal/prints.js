// Member prints against the quote strictly before each, with the underlying; and the legs.

import { el, table } from "./dom.js";
import { printsPicture } from "./charts.js";
import * as words from "./words.js";

const DRAWN_MOST = 400;
const TABLE_MOST = 500;

function place(one) {
  if (!words.known(one.bid) || !words.known(one.ask)) return words.known(one.bid) || words.known(one.ask) ? "one-sided quote" : "no quote";
  if (one.price_usd > one.ask) return "above ask";
  if (one.price_usd === one.ask) return "at ask";
  if (one.price_usd < one.bid) return "below bid";
  if (one.price_usd === one.bid) return "at bid";
  return words.known(one.spread_position) ? `inside ${words.percent(one.spread_position)}` : "inside";
}

function state(one) {
  const found = [
    ["is_stale", "stale"],
    ["is_locked", "locked"],
    ["is_crossed", "crossed"],
    ["is_one_sided", "one-sided"],
  ].filter(([name]) => one[name]);
  return found.map(([, word]) => `! ${word}`);
}

function underlying(one) {
  if (!words.known(one.underlying_bid)) return "–";
  return one.underlying_bid === one.underlying_ask
    ? words.price(one.underlying_bid)
    : `${words.price(one.underlying_bid)} / ${words.price(one.underlying_ask)}`;
}

function side(one) {
  if (!words.known(one.p_buy)) return el("span", { class: "unbroken", title: words.plain(one.sign_layer) }, "no sign");
  const word = one.p_buy > 0.5 ? "▲ bought" : one.p_buy < 0.5 ? "▼ sold" : "even";
  const said = `${word} ${words.percent(Math.max(one.p_buy, 1 - one.p_buy))}`;
  return el("span", { class: "unbroken", title: words.plain(one.sign_layer) }, said);
}

const COLUMNS = [
  { head: "Time (ET)", cell: (one) => el("span", { class: "mono", title: words.utc(one.ts) }, words.time(one.ts)) },
  { head: "Price", number: true, cell: (one) => words.price(one.price_usd) },
  { head: "Size", number: true, cell: (one) => words.count(one.size) },
  {
    head: "NBBO",
    number: true,
    title: "bid and ask strictly before the print",
    cell: (one) => `${words.price(one.bid)} / ${words.price(one.ask)}`,
  },
  {
    head: "Place",
    title: "inside: 0% is the bid, 100% the ask",
    cell: (one) => el("span", { class: "unbroken" }, [place(one), ...state(one)].join(", ")),
  },
  { head: "Quote age", number: true, cell: (one) => (words.known(one.quote_age_ms) ? `${words.measure(one.quote_age_ms)} ms` : "–") },
  { head: "Side", title: "probability of the sign, and not known for sure", cell: side },
  { head: "Underlying", number: true, cell: underlying },
  { head: "Venue, code", cell: (one) => `${one.exchange} ${one.condition}` },
];

export function printsPart(found) {
  if (!found.prints.length)
    return el("div", { class: "empty" }, el("strong", {}, "No prints"), "The session publishes none for this event.");
  const bySymbol = new Map();
  for (const one of found.prints) bySymbol.set(one.option_symbol, [...(bySymbol.get(one.option_symbol) ?? []), one]);
  const isBar = found.quality_flags.includes("minute_bar");
  const noun = isBar ? "minute bar" : "print";
  const said = isBar
    ? "The price is the last one of the minute, the time is its end, and the quote is the last one of the same minute."
    : "Quotes are those strictly before each print. Bars reach from bid to ask; " +
      "a print is ▲ where likely bought, ▼ where likely sold, round where it has no sign.";
  const note = el("p", { class: "soft" }, said);
  const parts = [...bySymbol].map(([symbol, prints]) =>
    el(
      "section",
      {},
      el("h3", { title: symbol }, `${words.contract(symbol)}: ${prints.length} ${prints.length === 1 ? noun : `${noun}s`}`),
      prints.length > 1 ? printsPicture(prints.slice(0, DRAWN_MOST), symbol) : null,
      table(COLUMNS, prints.slice(0, TABLE_MOST), { "aria-label": `Prints of ${symbol}` }),
      prints.length > TABLE_MOST ? el("p", { class: "soft" }, `The first ${TABLE_MOST} of ${prints.length} are shown.`) : null,
    ),
  );
  const cut = found.truncated
    ? el("div", { class: "state" }, `${words.count(found.truncated)} more prints are in the export of parent_event_members.`)
    : null;
  return [note, cut, ...parts].filter(Boolean);
}

const LEGS = [
  { head: "Leg", number: true, cell: (leg) => leg.leg + 1 },
  { head: "Side", cell: (leg) => (leg.sign > 0 ? "▲ bought" : leg.sign < 0 ? "▼ sold" : "not said") },
  { head: "Ratio", number: true, cell: (leg) => leg.ratio },
  { head: "Contract", cell: (leg) => el("span", { title: leg.option_symbol }, words.contract(leg.option_symbol)) },
  { head: "Contracts", number: true, cell: (leg) => words.count(leg.contracts) },
  { head: "Premium", number: true, cell: (leg) => `$${words.count(leg.premium_usd)}` },
];

export function legsPart(found) {
  const title = found.legs.length > 1 ? `Legs: ${found.legs.length}, scored as one order` : "Leg";
  return el(
    "section",
    {},
    el("h3", {}, title),
    found.legs.length
      ? table(LEGS, found.legs, { "aria-label": "Legs" })
      : el("p", { class: "soft" }, "No legs are published for this event."),
  );
}
