// Pictures in SVG: prints against the quote, and curves in a unit square.

import { drawn } from "./dom.js";
import * as words from "./words.js";

const WIDE = 600;
const HIGH = 190;
const EDGE = { left: 52, right: 12, top: 12, bottom: 26 };

function scale(from, to, low, high) {
  const span = to - from || 1;
  return (value) => low + ((value - from) / span) * (high - low);
}

// Prints of one contract with the quote strictly before each: a bar from bid to ask, a dot at the price.
export function printsPicture(prints, symbol) {
  const times = prints.map((one) => words.millis(one.ts));
  const values = prints.flatMap((one) => [one.bid, one.ask, one.price_usd]).filter(words.known);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rim = (high - low) * 0.08 || 0.05;
  const y = scale(low - rim, high + rim, HIGH - EDGE.bottom, EDGE.top);
  const even = times.at(-1) === times[0];
  const along = scale(even ? -1 : times[0], even ? prints.length : times.at(-1), EDGE.left + 8, WIDE - EDGE.right - 8);
  const x = (i) => along(even ? i : times[i]);
  const marks = prints.map((one, i) => mark(one, x(i), y));
  const axis = [low, (low + high) / 2, high].map((value) => [
    drawn("line", { class: "axis", x1: EDGE.left, x2: WIDE - EDGE.right, y1: y(value), y2: y(value) }),
    text(EDGE.left - 6, y(value) + 4, words.price(value), "end"),
  ]);
  const ends = [
    text(EDGE.left, HIGH - 8, words.time(prints[0].ts), "start"),
    text(WIDE - EDGE.right, HIGH - 8, even ? "all at one time" : words.time(prints.at(-1).ts), "end"),
  ];
  const span = `from ${words.price(low)} to ${words.price(high)}`;
  const label = `${words.contract(symbol)}: ${prints.length} prints ${span}; the table below has the figures`;
  return drawn("svg", { class: "chart", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label }, axis, marks, ends);
}

function mark(one, x, y) {
  const parts = [];
  if (words.known(one.bid) && words.known(one.ask)) {
    parts.push(
      drawn("rect", {
        class: "quote",
        x: x - 5,
        width: 10,
        y: Math.min(y(one.ask), y(one.bid)),
        height: Math.max(1, Math.abs(y(one.bid) - y(one.ask))),
      }),
    );
  }
  for (const side of [one.bid, one.ask])
    if (words.known(side)) parts.push(drawn("line", { class: "side", x1: x - 6, x2: x + 6, y1: y(side), y2: y(side) }));
  parts.push(signed(one, x, y(one.price_usd)));
  return parts;
}

// Bought points up, sold points down, unsigned is round.
function signed(one, x, y) {
  if (!words.known(one.p_buy) || one.p_buy === 0.5) return drawn("circle", { class: "dot", cx: x, cy: y, r: 4 });
  const up = one.p_buy > 0.5;
  const tip = up ? -5 : 5;
  return drawn("path", { class: `dot ${up ? "buy" : "sell"}`, d: `M${x} ${y + tip}L${x + 5} ${y - tip * 0.8}L${x - 5} ${y - tip * 0.8}Z` });
}

// A curve through points [x, y] within 0 to 1, with a dashed guide where given.
export function curve({ points, guide, across, up, label, top = 1 }) {
  const [wide, high] = [460, 300];
  const x = scale(0, 1, 48, wide - 24);
  const y = scale(0, top, high - 42, 28);
  const d = points.map(([a, b], i) => `${i ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("");
  const ticks = [0, 0.5, 1].map((share) => [
    drawn("line", { class: "axis", x1: x(0), x2: x(1), y1: y(share * top), y2: y(share * top) }),
    text(x(0) - 6, y(share * top) + 4, words.percent(share * top, top < 0.2 ? 1 : 0), "end"),
    text(x(share), high - 26, words.percent(share), "middle"),
  ]);
  return drawn(
    "svg",
    { class: "chart", viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": label },
    ticks,
    guide ? drawn("path", { class: "guide", d: `M${x(guide[0][0])} ${y(guide[0][1])}L${x(guide[1][0])} ${y(guide[1][1])}` }) : [],
    drawn("path", { class: "curve", d }),
    points.map(([a, b]) => drawn("circle", { class: "dot", cx: x(a), cy: y(b), r: 3 })),
    text((x(0) + x(1)) / 2, high - 8, across, "middle"),
    text(8, 15, up, "start"),
  );
}

function text(x, y, said, anchor) {
  const made = drawn("text", { x, y, "text-anchor": anchor });
  made.textContent = said;
  return made;
}
