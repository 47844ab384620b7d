// The bar of filters. What is changed here goes to the address, and from there to the list.

import { el, fill } from "./dom.js";
import { FILTERS } from "./address.js";
import * as words from "./words.js";

const NOT_FILTERS = new Set(["sort"]);
const RARE = new Set(["suppressed", "reason", "flag", "kind", "assembly", "structure"]);
const SHOW = { published: "Published", abstained: "Abstained", all: "All" };
const named = (codes, say = words.plain) => codes.map((code) => [code, say(code)]);
const FIELDS = {
  underlying: { label: "Underlying  /", placeholder: "SPX,AAPL" },
  likeliest: {
    label: "Likeliest",
    options: named(
      Object.keys(words.PROFILES).filter((name) => name !== "none"),
      words.profile,
    ),
  },
  "p.gte": { label: "Probability from", number: { min: 0, max: 1, step: 0.05 } },
  direction: { label: "Direction", options: named(Object.keys(words.DIRECTIONS)) },
  suppressed: {
    label: "Guards",
    options: [
      ["true", "some fired"],
      ["false", "none fired"],
    ],
  },
  reason: { label: "Abstains for", options: named(words.REASONS) },
  flag: { label: "Quality flag", options: named(Object.keys(words.FLAGS)) },
  kind: { label: "Legs", options: named(Object.keys(words.KINDS), (kind) => words.KINDS[kind]) },
  assembly: { label: "Joined as", options: named(words.ASSEMBLIES) },
  structure: { label: "Structure", options: named(words.STRUCTURES) },
  "premium.gte": { label: "Premium from, $", number: { min: 0, step: 1000 } },
  "dte.lt": { label: "DTE below", number: { min: 0, step: 1 } },
  sort: {
    label: "Order",
    options: [
      ["-premium_usd", "most premium"],
      ["-probability", "most probable"],
      ["closed_at", "oldest"],
    ],
    any: "newest",
  },
};

export class FilterBar {
  constructor(form, changed) {
    this.form = form;
    this.changed = changed;
    this.show = Object.entries(SHOW).map(([name, label]) =>
      el("button", { type: "button", "data-show": name, on: { click: () => this.change("show", name) } }, label),
    );
    this.fields = Object.fromEntries(FILTERS.map((name) => [name, this.field(name, FIELDS[name])]));
    const shown = el("div", { class: "show", role: "group", "aria-label": "Which events" }, this.show);
    const reset = el("button", { type: "button", on: { click: () => changed({ show: this.filters.show }) } }, "Clear");
    const labels = (names) => names.map((name) => this.fields[name].parentElement);
    this.rare = FILTERS.filter((name) => RARE.has(name));
    this.more = el(
      "button",
      { type: "button", "aria-pressed": "false", on: { click: () => this.reveal(this.more.getAttribute("aria-pressed") !== "true") } },
      "More filters",
    );
    fill(form, shown, labels(FILTERS.filter((name) => !RARE.has(name))), this.more, reset, labels(this.rare));
    form.addEventListener("submit", (submit) => submit.preventDefault());
  }

  field(name, about) {
    const on = { change: (event) => this.change(name, event.target.value.trim()) };
    const made = about.options
      ? el(
          "select",
          { name, on },
          el("option", { value: "" }, about.any ?? "any"),
          about.options.map(([code, say]) => el("option", { value: code }, say)),
        )
      : el("input", {
          name,
          on,
          autocomplete: "off",
          spellcheck: "false",
          type: about.number ? "number" : "text",
          placeholder: about.placeholder,
          ...about.number,
        });
    el("label", {}, el("span", {}, about.label), made);
    return made;
  }

  reveal(shown) {
    this.more.setAttribute("aria-pressed", shown);
    for (const name of this.rare) this.fields[name].parentElement.hidden = !shown && this.filters[name] === undefined;
  }

  change(name, value) {
    const filters = { ...this.filters };
    if (value) filters[name] = value;
    else delete filters[name];
    this.changed(filters);
  }

  // Shows the filters of the address; a stream has no order but its own.
  tell(filters, streaming) {
    this.filters = filters;
    for (const button of this.show) button.setAttribute("aria-pressed", button.dataset.show === filters.show);
    for (const [name, field] of Object.entries(this.fields)) {
      if (field.value !== (filters[name] ?? "")) field.value = filters[name] ?? "";
      field.parentElement.classList.toggle("set", filters[name] !== undefined);
    }
    this.fields.sort.parentElement.hidden = streaming;
    this.reveal(this.more.getAttribute("aria-pressed") === "true");
  }

  focus() {
    this.fields.underlying.focus();
    this.fields.underlying.select();
  }
}

export const isNarrowed = (filters) => FILTERS.some((name) => !NOT_FILTERS.has(name) && filters[name] !== undefined);
