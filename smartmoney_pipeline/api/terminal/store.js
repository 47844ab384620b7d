// Events of a stream by id, oldest first, and those that pass the filters. Newest are at the end of both lists.

import { passes, rowOf } from "./rows.js";

export const MOST = 20_000;
const FORGET = 2_000;

export class Store {
  constructor(filters) {
    this.filters = filters;
    this.clear();
  }

  clear() {
    this.byId = new Map();
    this.rows = [];
    this.shown = [];
    this.said = 0;
    this.withdrawn = 0;
    this.forgotten = 0;
  }

  refilter(filters) {
    this.filters = filters;
    this.shown = this.rows.filter((row) => passes(row, filters));
  }

  // Takes what a frame says; an event that is said again replaces what was said before in its place.
  take(items) {
    let again = false;
    for (const { type, data } of items) {
      this.said += 1;
      again = (type === "event" ? this.put(data) : this.withdraw(data)) || again;
    }
    if (this.rows.length > MOST + FORGET) {
      this.forget();
      again = true;
    }
    if (again) this.refilter(this.filters);
  }

  put(event) {
    const known = this.byId.get(event.event_id);
    const row = rowOf(event);
    if (!known) {
      this.byId.set(row.id, row);
      this.rows.push(row);
      if (passes(row, this.filters)) this.shown.push(row);
      return false;
    }
    const before = passes(known, this.filters);
    Object.assign(known, row, { version: known.version + 1 });
    return passes(known, this.filters) !== before;
  }

  withdraw(said) {
    const known = this.byId.get(said.event_id);
    if (!known || known.withdrawn) return false;
    const before = passes(known, this.filters);
    known.withdrawn = { reason: said.reason, replacedBy: said.replaced_by ?? [], at: said.retracted_at };
    known.version += 1;
    this.withdrawn += 1;
    return passes(known, this.filters) !== before;
  }

  forget() {
    const gone = this.rows.splice(0, this.rows.length - MOST);
    for (const row of gone) this.byId.delete(row.id);
    this.forgotten += gone.length;
  }
}
