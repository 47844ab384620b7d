// The panel of one event: what it is consistent with, what it rests on, and why no more is said.

import { asked, once, read } from "./api.js";
import { el, fill } from "./dom.js";
import { legsPart, printsPart } from "./prints.js";
import { arithmetic, measures } from "./reasons.js";
import { headline, overview } from "./overview.js";
import { legacyOf } from "./legacy.js";

const TABS = { overview: "Overview", prints: "Prints and quotes", reasons: "Reasons", features: "Measures", legacy: "Legacy alert" };

export class Detail {
  constructor({ close, open }) {
    this.close = close;
    this.open = open;
    this.tab = "overview";
    this.head = el("div", {});
    this.tabs = el(
      "div",
      { class: "tabs", role: "tablist", "aria-label": "Parts of the event" },
      Object.entries(TABS).map(([name, label]) =>
        el(
          "button",
          { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel-body", on: { click: () => this.turn(name) } },
          label,
        ),
      ),
    );
    this.body = el("div", { class: "body", id: "panel-body", role: "tabpanel", tabindex: "0" });
    const shut = el("button", { type: "button", "aria-label": "Close the event (Esc)", on: { click: close } }, "Close");
    this.node = el(
      "aside",
      { class: "panel", "aria-label": "Event", hidden: true },
      el("header", {}, el("div", { class: "title" }, this.head, shut), this.tabs),
      this.body,
    );
  }

  hide() {
    this.stop();
    this.id = null;
    this.node.hidden = true;
  }

  stop() {
    this.stopper?.abort();
  }

  // Shows an event: `row` is what the list knows of it, null where only its id is known.
  show(id, row, place) {
    Object.assign(this, { id, row, place, event: row?.event ?? null, evidence: null, why: null });
    this.node.hidden = false;
    this.draw();
    return this.ask();
  }

  async ask() {
    this.stop();
    const { id, place } = this;
    const stopper = new AbortController();
    this.stopper = stopper;
    const keep = (name) => (value) => {
      if (stopper.signal.aborted) return;
      this[name] = value;
      this.draw();
    };
    await Promise.all([
      place.view === "live" ? this.askFeed(id, stopper, keep) : this.askSession(id, place, stopper, keep),
      once("/v1/codes").then(keep("codes"), () => null),
      once("/v1/rules").then(keep("rules"), () => null),
    ]);
  }

  get(path, query, stopper, keep) {
    return read(path, query, stopper.signal).then(keep, (fault) => fault.name !== "AbortError" && keep({ fault }));
  }

  askSession(id, { session, source }, stopper, keep) {
    const path = `/v1/events/${encodeURIComponent(id)}`;
    const get = (name, address) => this.get(address, { session, source }, stopper, keep(name));
    const jobs = [get("evidence", `${path}/evidence`), get("why", `${path}/explain`)];
    if (!this.event) jobs.push(get("event", path));
    return Promise.all(jobs);
  }

  // A live event may be published or not: the feed is asked first, and for prints only the session that has them.
  async askFeed(id, stopper, keep) {
    const name = encodeURIComponent(id);
    const found = await this.get(`/v1/live/events/${name}`, {}, stopper, (said) => said);
    if (!found) return null;
    if (found.published && !found.explain) return this.askSession(id, found.published, stopper, keep);
    const absent = { fault: found.fault ?? { status: 404, message: "the feed holds it no more" } };
    if (!this.event) keep("event")(found.event ?? absent);
    keep("why")(found.explain ?? absent);
    if (!found.published) return keep("evidence")(absent);
    const { session, source } = found.published;
    return this.get(`/v1/events/${name}/evidence`, { session, source }, stopper, keep("evidence"));
  }

  // The list says that the event was said again, or withdrawn.
  renew(row) {
    this.row = row;
    this.event = row.event;
    this.draw();
    if (this.place.view === "live" && !row.withdrawn) this.ask();
  }

  turn(tab) {
    this.tab = tab;
    this.draw();
    this.body.scrollTop = 0;
  }

  draw() {
    for (const button of this.tabs.children) button.setAttribute("aria-selected", button.id === `tab-${this.tab}`);
    this.body.setAttribute("aria-labelledby", `tab-${this.tab}`);
    if (!this.event || this.event.fault) {
      fill(this.head, el("h2", {}, "Event"));
      fill(this.body, this.event ? failed(this.event.fault) : el("p", { class: "loading" }, "Reading the event"));
      return;
    }
    fill(this.head, headline(this.event, this.row));
    const top = this.body.scrollTop;
    fill(this.body, this.part());
    this.body.scrollTop = top;
  }

  part() {
    if (this.tab === "overview") return overview(this);
    if (this.tab === "prints") return this.ready(this.evidence, (found) => [printsPart(found), legsPart(found), this.links(found)]);
    if (this.tab === "reasons") return this.ready(this.why, (found) => arithmetic(found, this.event, this.rules));
    if (this.tab === "features") return measures(this.event.features);
    return legacyOf(this.event);
  }

  ready(found, shown) {
    if (!found) return el("p", { class: "loading" }, "Reading");
    if (!found.fault) return shown(found);
    const unpublished = found.fault.status === 404;
    return unpublished
      ? el(
          "div",
          { class: "empty" },
          el("strong", {}, "Not published yet"),
          "Prints of a live event, and the arithmetic of one that the feed holds no more, can be read once its session is published.",
        )
      : failed(found.fault);
  }

  links(found) {
    if (!found.links.length) return null;
    const lines = found.links.map((link) => el("li", {}, this.other(link.event_id), ` ${link.kind}, ${Math.round(link.gap_ms)} ms apart`));
    return el(
      "section",
      {},
      el("h3", {}, "Linked events"),
      el("p", { class: "soft" }, "A link never merges events."),
      el("ul", { class: "lines" }, lines),
    );
  }

  other(id) {
    return el(
      "a",
      {
        href: asked({ ...(this.place.session && { session: this.place.session, source: this.place.source }), event: id }),
        on: {
          click: (click) => {
            click.preventDefault();
            this.open(id);
          },
        },
      },
      id.slice(0, 12),
    );
  }
}

export function failed(fault) {
  return el(
    "div",
    { class: "state bad", role: "alert" },
    el("b", {}, fault.status === 404 ? "Not found. " : "This could not be read. "),
    fault.message,
  );
}
