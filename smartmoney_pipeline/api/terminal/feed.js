// A WebSocket to the live feed or to a replay that comes back by itself: from its cursor on, so nothing is lost and nothing comes twice.

import { asked, read } from "./api.js";

export const STALE_MS = 30_000;
const WAITS_MS = [500, 1_000, 2_000, 4_000, 8_000];
const REFUSED_AFTER = 3;

export class Feed {
  // `state` is told: connecting, open, stale, waiting. `frame` gets every frame with the time that it came.
  constructor({ path, query, frame, state, anew }) {
    Object.assign(this, { path, query, frame, state, anew });
    this.cursor = null;
    this.failed = 0;
    this.closed = false;
    this.heard = 0;
    this.watch = setInterval(() => this.look(), 1_000);
    this.connect();
  }

  connect() {
    this.told("connecting");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const query = this.cursor ? { ...this.query, cursor: this.cursor, from: null, snapshot: null } : this.query;
    const socket = new WebSocket(`${scheme}://${location.host}${this.path}${asked(query)}`);
    this.socket = socket;
    socket.onopen = () => {
      this.resumed = this.cursor !== null;
      this.failed = 0;
      this.heard = performance.now();
      this.told("open");
    };
    socket.onmessage = (message) => this.hear(socket, message.data);
    socket.onclose = () => {
      if (socket === this.socket && !this.closed) this.again();
    };
  }

  hear(socket, text) {
    if (socket !== this.socket || this.closed) return;
    const came = performance.now();
    this.heard = came;
    if (this.status === "stale") this.told("open");
    const said = JSON.parse(text);
    this.frame(said, came);
    if (said.cursor) this.cursor = said.cursor;
  }

  // After some tries that were refused by a server that answers otherwise, the cursor is of no use: begin anew, and say so.
  async again() {
    this.failed += 1;
    this.told("waiting");
    const wait = WAITS_MS[Math.min(this.failed, WAITS_MS.length) - 1];
    await new Promise((done) => setTimeout(done, wait));
    if (
      this.cursor &&
      this.failed >= REFUSED_AFTER &&
      (await read("/v1/status").then(
        () => true,
        () => false,
      ))
    ) {
      this.cursor = null;
      this.anew();
    }
    if (!this.closed) this.connect();
  }

  look() {
    if (this.status === "open" && performance.now() - this.heard > STALE_MS) this.told("stale");
  }

  told(status) {
    this.status = status;
    this.state(status);
  }

  send(command) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(command));
  }

  close() {
    this.closed = true;
    clearInterval(this.watch);
    this.socket.close();
  }
}
