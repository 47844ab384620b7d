// The list of a stream: frames go into the store as they come, and to the screen once a frame of the screen.

import { asked } from "./api.js";
import { Feed } from "./feed.js";
import { Store } from "./store.js";

const KEPT = 500;

export class Stream {
  // `changed(added)` is called before a frame of the screen with the rows added at the top since the last.
  constructor({ path, query, filters, changed, state, notice, replay }) {
    Object.assign(this, { changed, notice, replay });
    this.store = new Store(filters);
    this.held = null;
    this.lengthBefore = 0;
    this.waiting = [];
    this.delays = [];
    this.heard = false;
    this.feed = new Feed({
      path,
      query,
      state,
      frame: (frame, came) => this.take(frame, came),
      anew: () => notice("warn", "The feed began anew. What was said in between is missing here; the published session has it."),
    });
  }

  get length() {
    return (this.held ?? this.store.shown).length;
  }

  at(place) {
    const rows = this.held ?? this.store.shown;
    return rows[rows.length - 1 - place];
  }

  find(id) {
    return this.store.byId.get(id) ?? null;
  }

  take(frame, came) {
    this.heard = true;
    if (frame.type === "snapshot") this.store.take(frame.data.map((data) => ({ type: "event", data })));
    else if (frame.type === "events") this.store.take(frame.data);
    else if (frame.type === "gap")
      this.notice("warn", `Gap: ${frame.data.missed} messages are missing here; the published session has them.`);
    else if (this.replay) this.replay(frame);
    if (frame.type === "events") this.waiting.push(came);
    this.ask();
  }

  // Frames of the screen, not messages, set the pace.
  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      const added = this.length - this.lengthBefore;
      this.lengthBefore = this.length;
      this.changed(Math.max(0, added));
      const came = this.waiting.splice(0);
      if (came.length) after(() => this.note(came));
    });
  }

  note(came) {
    const now = performance.now();
    for (const time of came) this.delays.push(now - time);
    if (this.delays.length > KEPT) this.delays.splice(0, this.delays.length - KEPT);
  }

  // 95th percentile from a message to the frame that shows it, in ms.
  delay() {
    const sorted = this.delays.toSorted((one, other) => one - other);
    return sorted.length ? sorted[Math.ceil(sorted.length * 0.95) - 1] : null;
  }

  get paused() {
    return this.held !== null;
  }

  get missed() {
    return this.held ? Math.max(0, this.store.shown.length - this.held.length) : 0;
  }

  hold(held) {
    this.held = held ? [...this.store.shown] : null;
    this.ask();
  }

  refilter(filters) {
    this.store.refilter(filters);
    if (this.held) this.held = [...this.store.shown];
    this.lengthBefore = this.length;
    this.changed(0);
  }

  clear() {
    this.store.clear();
    this.held = null;
    this.lengthBefore = 0;
    this.ask();
  }

  // A replay obeys; what it showed before another time was sought is taken from the list. Who plays at the end begins again.
  command(command) {
    this.sought = this.sought || command.op === "seek" || (command.op === "play" && this.ended);
    this.feed.send(command);
  }

  // What the server says of a replay. One that comes back after a break goes on as it was.
  stands(state) {
    if (this.sought) {
      this.clear();
      this.ended = false;
    }
    this.sought = false;
    const lost = this.feed.resumed && this.playing === false && state.playing;
    this.feed.resumed = false;
    if (lost) this.feed.send({ op: "pause" });
    else this.feed.query = { ...this.feed.query, speed: state.speed };
    this.playing = lost ? false : state.playing;
  }

  ends(state) {
    this.ended = true;
    this.playing = state.playing;
  }

  stop() {
    this.feed.close();
  }
}

// Runs once the frame is drawn.
function after(call) {
  const channel = new MessageChannel();
  channel.port1.onmessage = call;
  channel.port2.postMessage(null);
}

export const exportAddress = (query, format) => `/v1/events${asked({ ...query, format, limit: 1000 })}`;
