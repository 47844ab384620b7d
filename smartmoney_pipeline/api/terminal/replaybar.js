// The bar of a replay: play, pause, speed, seek. Its striped ground says that nothing here happens now.

import { el, fill } from "./dom.js";
import * as words from "./words.js";

const SPEEDS = [1, 10, 60, 300, 1_200, 6_000];
const NS_PER_MS = 1_000_000n;
const TICK_MS = 250;

export class ReplayBar {
  constructor(node, send) {
    this.node = node;
    this.send = send;
    this.clock = el("span", { class: "mono", "aria-label": "Time of the replay" });
    this.said = el("span", {});
    this.button = el("button", { type: "button", on: { click: () => this.toggle() } });
    this.speed = el(
      "select",
      { "aria-label": "Speed", on: { change: () => send({ op: "speed", speed: Number(this.speed.value) }) } },
      SPEEDS.map((speed) => el("option", { value: speed }, `${speed} times`)),
    );
    this.range = el("input", {
      type: "range",
      min: 0,
      max: 1000,
      step: 1,
      "aria-label": "Place in the session",
      on: { change: () => this.seek(), input: () => this.say(this.at()) },
    });
    fill(node, el("strong", {}, "REPLAY"), this.said, this.button, this.speed, this.range, this.clock);
  }

  show(shown) {
    this.node.hidden = !shown;
    clearInterval(this.timer);
    this.state = null;
    if (shown) this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  // Takes what the server says of the replay; times are nanoseconds as text.
  take(state) {
    this.state = {
      ...state,
      ms: Number(BigInt(state.time) / NS_PER_MS),
      first: ms(state.first),
      last: ms(state.last),
      came: performance.now(),
    };
    this.said.textContent = `${state.session}, ${state.source}`;
    this.button.textContent = state.playing ? "Pause" : "Play";
    this.button.setAttribute("aria-pressed", !state.playing);
    if (SPEEDS.includes(state.speed)) this.speed.value = state.speed;
    this.tick();
  }

  now() {
    const { playing, speed, ms: from, came, last } = this.state;
    return playing ? Math.min(last ?? from, from + (performance.now() - came) * speed) : from;
  }

  tick() {
    if (!this.state || this.state.first === null || document.activeElement === this.range) return;
    const { first, last } = this.state;
    this.range.value = Math.round((1000 * (this.now() - first)) / Math.max(1, last - first));
    this.say(this.now());
  }

  say(time) {
    this.clock.textContent = `${words.clock(time)} ET`;
    this.range.setAttribute("aria-valuetext", `${words.clock(time)} Eastern time`);
  }

  at() {
    const { first, last } = this.state;
    return first + (Number(this.range.value) / 1000) * (last - first);
  }

  seek() {
    if (!this.state || this.state.first === null) return;
    const time = Math.round(this.at());
    this.send({ op: "seek", time: new Date(time).toISOString() });
  }

  toggle() {
    if (this.state) this.send({ op: this.state.playing ? "pause" : "play" });
  }
}

const ms = (ns) => (ns === null ? null : Number(BigInt(ns) / NS_PER_MS));
