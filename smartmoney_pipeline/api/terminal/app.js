// Puts the page together: the address says what is shown, and everything else follows it.

import { parsed, written } from "./address.js";
import { read } from "./api.js";
import { calibrationPage } from "./calibration.js";
import { failed } from "./detail.js";
import { el, fill } from "./dom.js";
import { EventsPage } from "./events.js";
import { FilterBar } from "./filters.js";
import { drawHelp } from "./help.js";
import { bindKeys } from "./keys.js";
import { legacyPage } from "./legacy.js";
import { qualityPage } from "./quality.js";
import { themeButton } from "./theme.js";
import * as words from "./words.js";

const at = (id) => document.getElementById(id);
const PAGES = { events: "Events", calibration: "Calibration", quality: "Data quality", legacy: "Legacy alerts" };

class Terminal {
  constructor() {
    this.place = parsed(location.search);
    this.filters = new FilterBar(at("filters"), (filters) => this.go({ filters }));
    this.events = new EventsPage({
      main: at("main"),
      replay: at("replay"),
      feed: (status) => this.badge(status),
      go: (change, kept) => this.go(change, kept),
      notice: notify,
      missing: () => this.status.missing,
    });
    this.help = at("help");
    drawHelp(this.help);
    const help = el("button", { type: "button", title: "Keys and words (?)", on: { click: () => this.help.showModal() } }, "Help");
    fill(at("tools"), themeButton(), help);
    this.choice = el("select", { "aria-label": "Feed or session", on: { change: () => this.chosen(JSON.parse(this.choice.value)) } });
    this.state = el("span", { class: "badge", id: "feed-state" });
    fill(at("feed"), this.choice, this.state);
    addEventListener("popstate", () => this.follow(parsed(location.search)));
    bindKeys(this);
  }

  async begin() {
    try {
      [this.status, this.sessions] = await Promise.all([read("/v1/status"), read("/v1/sessions", { limit: 200 })]);
    } catch (fault) {
      fill(
        at("main"),
        el("div", { class: "page" }, failed(fault), el("button", { type: "button", on: { click: () => location.reload() } }, "Try again")),
      );
      return;
    }
    const { place } = this;
    if (!place.view || (place.view === "live" && !this.status.live)) place.view = this.status.live && !place.session ? "live" : "session";
    const newest = this.status.newest;
    if (!place.session && newest && place.view !== "live") Object.assign(place, { session: newest.session, source: newest.source });
    this.follow(place);
  }

  // Changes what is shown; `kept` puts no new entry into the history of the browser.
  go(change, kept = false) {
    const next = { ...this.place, ...change };
    history[kept ? "replaceState" : "pushState"](null, "", written(next));
    this.follow(next);
  }

  // Before the first answer of the server there is nothing to show: what was asked for is kept until then.
  follow(place) {
    if (!this.sessions) {
      this.place = place;
      return;
    }
    if (!place.view) place.view = this.place.view;
    if (!place.session && place.view !== "live") Object.assign(place, { session: this.place.session, source: this.place.source });
    const before = this.shown;
    this.place = place;
    this.shown = place.page;
    this.draw(before !== place.page);
  }

  draw(turned) {
    const { place } = this;
    const isEvents = place.page === "events";
    at("filters").hidden = !isEvents;
    fill(
      at("pages"),
      Object.entries(PAGES).map(([page, label]) =>
        el(
          "a",
          {
            href: written({ ...place, page, event: null }),
            "aria-current": page === place.page ? "page" : null,
            on: {
              click: (click) => {
                click.preventDefault();
                this.go({ page, event: null });
              },
            },
          },
          label,
        ),
      ),
    );
    this.choices();
    this.filters.tell(place.filters, place.view !== "session");
    this.foot();
    if (isEvents) this.events.show(place, turned);
    else this.other(place);
  }

  other(place) {
    this.events.leave();
    this.badge("published");
    const node = el("div", { class: "page" });
    fill(at("main"), node);
    const open = (event) => this.go({ page: "events", view: "session", event });
    const jobs = {
      calibration: () => calibrationPage(node),
      quality: () => qualityPage(node, place),
      legacy: () => legacyPage(node, open),
    };
    jobs[place.page]().catch((fault) => fill(node, failed(fault)));
  }

  choices() {
    const { place } = this;
    const said = (view, session = null, source = null) => JSON.stringify({ view, session, source });
    const live = this.status.live ? [el("option", { value: said("live") }, `Live feed (${this.status.live.source})`)] : [];
    const sessions = this.sessions.data.flatMap((one) => [
      el(
        "option",
        { value: said("session", one.session, one.source), disabled: one.condition === "damaged" },
        `${one.session} ${one.source}${one.condition === "damaged" ? " (damaged)" : ""}`,
      ),
      el(
        "option",
        { value: said("replay", one.session, one.source), disabled: one.condition === "damaged" },
        `Replay ${one.session} ${one.source}`,
      ),
    ]);
    fill(this.choice, live, sessions, live.length + sessions.length ? null : el("option", {}, "nothing is published"));
    this.choice.value = place.view === "live" ? said("live") : said(place.view, place.session, place.source);
  }

  chosen({ view, session, source }) {
    this.go({ page: "events", view, session, source, event: null });
  }

  badge(status) {
    const said = {
      published: "Published session",
      open: "● LIVE",
      replay: "▶ REPLAY",
      stale: "! STALE",
      waiting: "! Reconnecting",
      connecting: "Connecting",
    };
    const kind = { open: "live", connecting: "waiting" }[status] ?? status;
    this.state.className = `badge ${kind}`;
    this.state.textContent = said[status];
  }

  foot() {
    const { place } = this;
    const one = this.sessions.data.find((found) => found.session === place.session && found.source === place.source);
    const versions = one?.versions ?? {};
    fill(
      at("foot"),
      [
        `dataset ${place.view === "live" ? `live, ${this.status.live?.source}` : `${place.session ?? "none"}, ${place.source ?? "none"}`}`,
        `rules ${versions.ruleset ?? this.status.ruleset_version}`,
        `calibration ${versions.calibration ?? this.status.calibration_version}`,
        `run ${one?.run_hash?.slice(0, 12) ?? "not published"}`,
        `server ${this.status.version}`,
      ].map((said) => el("span", {}, said)),
      el("span", { id: "delay" }),
      el("span", {}, "Consistent with a profile: nothing here says who traded or why."),
    );
  }
}

const NOTICES = 5;

export function notify(kind, text) {
  const line = el(
    "div",
    { class: `notice ${kind}` },
    el("span", {}, `${words.clock(Date.now())} ET. ${text}`),
    el("button", { type: "button", on: { click: () => line.remove() } }, "Dismiss"),
  );
  at("notices").append(line);
  while (at("notices").children.length > NOTICES) at("notices").firstChild.remove();
  return line;
}

new Terminal().begin();
