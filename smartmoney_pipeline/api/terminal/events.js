// The page of events: the list over a published session or a stream, and the panel beside it.

import { queried } from "./address.js";
import { COLUMNS } from "./columns.js";
import { Detail, failed } from "./detail.js";
import { el, fill } from "./dom.js";
import { isNarrowed } from "./filters.js";
import { Grid } from "./grid.js";
import { Pager } from "./pager.js";
import { ReplayBar } from "./replaybar.js";
import { exportAddress, Stream } from "./stream.js";
import * as words from "./words.js";

const SNAPSHOT = 1_000;
const TOLD_MS = 500;

export class EventsPage {
  constructor({ main, replay, feed, go, notice, missing }) {
    Object.assign(this, { main, feedTold: feed, go, notice, missing });
    this.detail = new Detail({ close: () => this.close(), open: (event) => this.go({ event }) });
    const near = (last) => this.source?.near?.(last);
    this.grid = new Grid(COLUMNS, { label: "Events", open: (event) => this.go({ event }), near, about: rowClass });
    this.summary = el("div", { class: "summary" });
    this.list = el("div", { class: "list" }, this.summary, this.grid.node);
    this.bar = new ReplayBar(replay, (command) => this.source?.command?.(command));
    setInterval(() => this.tellDelay(), TOLD_MS);
  }

  show(place, turned) {
    const before = this.place;
    this.place = place;
    if (turned || !this.source) fill(this.main, this.list, this.detail.node);
    const same = this.source && before && ["view", "session", "source"].every((name) => before[name] === place[name]);
    const streaming = place.view !== "session";
    const filtered = JSON.stringify(before?.filters) !== JSON.stringify(place.filters);
    if (same && streaming && filtered) this.source.refilter(place.filters);
    if (!same || (!streaming && filtered)) this.begin(place);
    this.showEvent(place);
  }

  begin(place) {
    this.leave();
    this.grid.viewport.scrollTop = 0;
    if (place.view === "session") this.page(place);
    else this.stream(place);
  }

  leave() {
    this.source?.stop();
    this.source = null;
    this.detail.hide();
    this.bar.show(false);
  }

  async page(place) {
    this.feedTold("published");
    if (!place.session) {
      const [lacks, command] = (this.missing() ?? "").split(/: (?=smartmoney )/);
      this.say("Nothing is published yet", [
        `${lacks ? `${lacks[0].toUpperCase()}${lacks.slice(1)}` : "Publish a session"}: `,
        command ? el("code", {}, command) : null,
        ". Or start the server with a live tape (--live TAPE). This page shows it when it is loaded again.",
      ]);
      return;
    }
    const pager = new Pager(queried(place), (fault) => (this.source === pager ? this.paged(pager, fault) : null));
    this.source = pager;
    fill(this.summary, "Reading events");
    this.grid.instead(null);
    this.grid.show({ length: 0, at: () => undefined });
    await pager.begin().catch((fault) => {
      if (fault.name !== "AbortError" && this.source === pager) this.sayFault(fault);
    });
  }

  paged(pager, fault) {
    if (fault) {
      this.notice("bad", `More events could not be read: ${fault.message}`);
      return;
    }
    if (!pager.matched) this.say("No event passes these filters", "Clear a filter, or show abstained events too.");
    else {
      this.grid.instead(null);
      this.grid.show(pager);
    }
    this.tell(`${words.count(pager.matched)} events${pager.matched > pager.length ? `, ${words.count(pager.length)} loaded` : ""}`);
    this.renewDetail();
  }

  stream(place) {
    const isReplay = place.view === "replay";
    this.bar.show(isReplay);
    const query = isReplay
      ? { session: place.session, source: place.source, speed: 60, from: words.opening(place.session) }
      : { snapshot: SNAPSHOT };
    const stream = new Stream({
      path: isReplay ? "/v1/replay" : "/v1/ws", query, filters: place.filters, notice: this.notice,
      changed: (added) => this.source === stream && this.streamed(stream, added),
      state: (status) => this.stated(status, isReplay),
      replay: (frame) => this.replayed(stream, frame),
    });
    this.source = stream;
    this.grid.instead(null);
    this.grid.show(stream);
    this.streamed(stream, 0);
  }

  streamed(stream, added) {
    const { store } = stream;
    if (stream.length) {
      if (this.empty) this.grid.instead(null);
      this.empty = false;
      this.grid.show(stream, added);
    } else if (stream.heard) {
      const came = store.rows.length;
      const hidden = "No event passes these filters";
      if (came) this.say(hidden, `${words.count(came)} events came; clear a filter, or show abstained events too.`);
      else this.say("No events yet", "Rows appear here as events close.");
    } else this.say("Connecting", "Waiting for the first message.");
    const held = stream.paused ? [el("b", {}, `Held still: ${words.count(stream.missed)} new`), " "] : [];
    const lost = store.forgotten ? `; the oldest ${words.count(store.forgotten)} were let go` : "";
    const shown = `${words.count(stream.length)} of ${words.count(store.rows.length)} events shown`;
    const about = { type: "button", id: "hold", "aria-pressed": String(stream.paused), on: { click: () => this.pause() } };
    this.tell([...held, `${shown}, ${words.count(store.withdrawn)} withdrawn${lost}`],
      el("button", about, stream.paused ? "Go on (space)" : "Hold still (space)"));
    this.renewDetail();
  }

  replayed(stream, frame) {
    if (frame.type === "state") {
      stream.stands(frame.data);
      this.bar.take(frame.data);
    } else if (frame.type === "end") {
      stream.ends(frame.data);
      this.bar.take(frame.data);
      this.notice("", "The replay has reached its end. Play begins it again.");
    } else if (frame.type === "error") this.notice("bad", frame.data.message);
  }

  stated(status, isReplay) {
    this.feedTold(status === "open" && isReplay ? "replay" : status);
    this.line?.remove();
    this.line = null;
    if (status === "stale") this.line = this.notice("warn", "Stale: nothing was heard for more than 30 seconds. What is shown may be old.");
    if (status === "waiting")
      this.line = this.notice("warn", "The connection is gone. It comes back from where it was; nothing is lost meanwhile.");
  }

  // `said` is text and elements; the button of a stream stays the same element while a pointer may be on it.
  tell(said, button = null) {
    const query = queried(this.place);
    const all = () => this.go({ filters: { ...this.place.filters, show: "all" } });
    const narrow = this.place.filters.show === "published";
    const note = narrow ? el("button", { type: "button", on: { click: all } }, "show abstained too") : null;
    const link = (form) => el("a", { href: exportAddress(query, form), download: `events.${form}` }, form.toUpperCase());
    const exports = this.place.view === "session" && this.place.session
      ? el("span", { class: "exports" }, "First 1,000 as ", ["csv", "parquet"].map(link)) : null;
    const held = button && this.summary.querySelector("#hold");
    if (held && held.textContent === button.textContent) {
      this.summary.firstChild.replaceChildren(...[said].flat());
      return;
    }
    fill(this.summary, el("span", {}, said), button, note, exports);
  }

  tellDelay() {
    const node = document.getElementById("delay");
    const delay = this.source?.delay?.() ?? null;
    if (node) node.textContent = delay === null ? "" : `95 % of messages on screen within ${delay.toFixed(1)} ms`;
  }

  say(title, text) {
    this.empty = true;
    const narrowed = isNarrowed(this.place.filters);
    const clear = () => this.go({ filters: { show: "all" } });
    const wider = narrowed ? el("button", { type: "button", on: { click: clear } }, "Clear all filters") : null;
    this.grid.instead(el("div", { class: "empty" }, el("strong", {}, title), el("p", {}, text), wider));
    fill(this.summary, title);
  }

  sayFault(fault) {
    this.empty = true;
    const again = el("button", { type: "button", on: { click: () => this.begin(this.place) } }, "Try again");
    this.grid.instead(el("div", { class: "empty" }, failed(fault), again));
    fill(this.summary, "Events could not be read");
  }

  showEvent(place) {
    this.main.classList.toggle("open", Boolean(place.event));
    if (!place.event) {
      this.detail.hide();
      return;
    }
    if (this.detail.id === place.event) return;
    this.grid.choose(place.event);
    const row = this.find(place.event);
    this.detail.show(place.event, row, place);
    this.seen = row?.version;
  }

  find(id) {
    return this.source?.find?.(id) ?? this.source?.rows?.find((row) => row.id === id) ?? null;
  }

  // An open event that is said again, or that is read only now.
  renewDetail() {
    const { id } = this.detail;
    const row = id ? this.find(id) : null;
    if (!row || (this.detail.row === row && this.seen === row.version)) return;
    this.seen = row.version;
    this.detail.renew(row);
  }

  step(by) {
    const chosen = this.grid.step(by);
    if (chosen && this.place.event) this.go({ event: chosen }, true);
  }

  openChosen() {
    if (this.grid.selected) this.go({ event: this.grid.selected });
  }

  close() {
    if (!this.place.event) return;
    this.go({ event: null });
    this.grid.node.focus();
  }

  pause() {
    if (this.source?.hold) this.source.hold(!this.source.paused);
  }

  turn(tab) {
    if (this.place.event) this.detail.turn(tab);
  }
}

function rowClass(row) {
  return `${row.withdrawn ? "withdrawn " : ""}${row.abstained ? "abstained" : "published"}`;
}
