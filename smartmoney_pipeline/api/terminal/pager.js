// Events of a published session, page after page as the list is scrolled down.

import { read } from "./api.js";
import { FIELDS, rowOf } from "./rows.js";

const FIRST = 200;
const MORE = 500;
const AHEAD = 100;

export class Pager {
  constructor(query, changed) {
    this.query = query;
    this.changed = changed;
    this.rows = [];
    this.matched = null;
    this.page = null;
    this.next = null;
    this.stopper = new AbortController();
  }

  get length() {
    return this.rows.length;
  }

  at(place) {
    return this.rows[place];
  }

  async begin() {
    await this.load({ ...this.query, fields: FIELDS, limit: FIRST });
  }

  // Called with the place of the last row drawn.
  near(last) {
    if (this.next && !this.busy && last > this.rows.length - AHEAD) {
      this.load({ ...this.query, fields: FIELDS, limit: MORE, cursor: this.next }).catch((fault) => this.changed(fault));
    }
  }

  async load(query) {
    this.busy = true;
    try {
      const page = await read("/v1/events", query, this.stopper.signal);
      this.page = page;
      this.matched = page.matched;
      this.next = page.next_cursor;
      for (const event of page.data) this.rows.push(rowOf(event));
      this.changed(null);
    } finally {
      this.busy = false;
    }
  }

  stop() {
    this.stopper.abort();
  }
}
