// What the keys do, and what the words mean.

import { el, fill } from "./dom.js";

const KEYS = [
  ["j, k", "next and previous event"],
  ["Enter", "open the event"],
  ["Esc", "close the event, or leave a field"],
  ["/", "go to the filters"],
  ["Space", "hold the list still while a stream goes on"],
  ["1 to 5", "parts of the open event"],
  ["?", "this help"],
];

export function drawHelp(dialog) {
  const shut = el("button", { type: "button", on: { click: () => dialog.close() } }, "Close");
  fill(
    dialog,
    el("h2", { id: "help-title" }, "Keys and words"),
    el(
      "dl",
      { class: "facts" },
      KEYS.flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)]),
    ),
    el(
      "p",
      {},
      "An event is consistent with a profile. Nothing here says who traded or why; " +
        "probabilities rest on generated labels, because no public record has true ones. " +
        "An event may abstain, and says for which reasons.",
    ),
    el(
      "p",
      {},
      "Direction is the sign of the exposure that an event adds, not a forecast. " +
        "Premium is price times size times multiplier, not notional. Times are Eastern; UTC stands in the hover text.",
    ),
    shut,
  );
}
