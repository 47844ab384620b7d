// Columns of the list: how a cell is made once, and written for a row. Hints are worked out when a pointer is over a cell.

import { el } from "./dom.js";
import * as words from "./words.js";

const text = (write) => (cell, row) => {
  cell.textContent = write(row);
};

function whatTraded(row) {
  const way = row.assembly === "fill" ? "" : `, ${words.plain(row.assembly)}`;
  if (row.kind === "single_leg_event") return `${row.calls === 1 ? "call" : row.calls === 0 ? "put" : "option"}${way}`;
  return `${words.plain(row.structure ?? "legs")}${words.known(row.legs) ? ` of ${row.legs}` : ""}${way}`;
}

export function verdict(row) {
  if (row.withdrawn) return `withdrawn: ${words.plain(row.withdrawn.reason)}`;
  if (!row.abstained) return words.profile(row.primary);
  return `abstains: ${row.abstentions.map(words.plain).join(", ")}`;
}

// A bar with the interval around it; `share` and the ends lie within 0 to 1.
export function track(share, low, high) {
  const bar = el("i");
  const band = el("b");
  const made = el("span", { class: "track", "aria-hidden": "true" }, bar, band);
  setTrack(made, share, low, high);
  return made;
}

export function setTrack(made, share, low, high) {
  made.children[0].style.width = `${100 * share}%`;
  made.children[1].style.left = `${100 * low}%`;
  made.children[1].style.width = `${100 * Math.max(0, high - low)}%`;
}

export const COLUMNS = [
  {
    head: "Closed (ET)",
    title: "when nothing more could join the event; UTC on hover",
    write: text((row) => words.time(row.closed)),
    hint: (row) => words.utc(row.closed),
  },
  { head: "Under.", title: "underlying", write: text((row) => row.underlying) },
  {
    head: "Traded",
    title: "structure and how the prints were joined",
    write: text(whatTraded),
    hint: (row) => `${words.KINDS[row.kind]}, ${words.plain(row.assembly)}`,
  },
  {
    head: "Consistent with",
    title: "the published profile, or why none is published",
    style: "what-profile",
    write: text(verdict),
    hint: verdict,
  },
  {
    head: "Probability",
    title: "of the likeliest profile, with the interval around it",
    make: () => el("span", { class: "p" }, track(0, 0, 0), el("span")),
    write(cell, row) {
      const [made, said] = cell.firstChild.children;
      setTrack(made, row.probability, row.low, row.high);
      said.textContent = words.percent(row.probability);
    },
    hint: (row) =>
      `${words.profile(row.likeliest)}: ${words.percent(row.probability, 1)}, ` +
      `interval ${words.percent(row.low, 1)} to ${words.percent(row.high, 1)}`,
  },
  {
    head: "Direction",
    title: "sign of the exposure that the event adds; not a forecast",
    write(cell, row) {
      const [sign, word] = words.direction(row.direction);
      cell.className = `dir-${words.DIRECTIONS[row.direction] ? row.direction : "unknown"}`;
      cell.textContent = `${sign} ${word}`;
    },
  },
  {
    head: "Premium",
    number: true,
    title: "price times size times multiplier; not notional",
    write: text((row) => words.usd(row.premium)),
    hint: (row) => `$${words.count(row.premium)}`,
  },
  { head: "Contr.", number: true, title: "contracts", write: text((row) => words.count(row.contracts)) },
  { head: "DTE", number: true, title: "calendar days to expiry", write: text((row) => words.count(row.dte)) },
  {
    head: "Guards and quality",
    title: "guards that fired, and what is remarkable about prints and quotes",
    style: "flags",
    write(cell, row) {
      const guards = row.suppressed.length ? [`${row.suppressed.length} guard${row.suppressed.length > 1 ? "s" : ""}`] : [];
      const said = [...(row.provisional ? ["provisional"] : []), ...guards, ...row.flags.map(words.plain)].join(", ");
      cell.textContent = said;
    },
    hint: (row) => [...row.suppressed, ...row.flags.map(words.flag)].join("\n"),
  },
];
