// A grid of any number of rows that holds only those on the screen. A row element stays with its event while that is visible, so that
// new rows above cost a move, not a rewrite. Rows are asked for by place, newest first: `source` has `length` and `at(place)`.

import { el, fill } from "./dom.js";

export const ROW_PX = 26;
const SPARE = 6;

export class Grid {
  constructor(columns, { label, open, near, about }) {
    Object.assign(this, { columns, open, near, about });
    this.held = new Map();
    this.free = [];
    this.source = { length: 0, at: () => undefined };
    this.selected = null;
    this.serial = 0;
    this.spacer = el("div", { class: "spacer", role: "presentation" });
    this.viewport = el("div", { class: "viewport", role: "rowgroup", tabindex: "-1", on: { scroll: () => this.render() } }, this.spacer);
    const head = el(
      "div",
      { class: "head", role: "row", "aria-rowindex": 1 },
      columns.map((column) => el("span", { role: "columnheader", class: column.number ? "n" : null, title: column.title }, column.head)),
    );
    this.node = el(
      "div",
      { class: "grid", role: "grid", "aria-label": label, "aria-colcount": columns.length, tabindex: "0" },
      el("div", { role: "rowgroup" }, head),
      this.viewport,
    );
    this.spacer.addEventListener("click", (click) => {
      const row = click.target.closest(".row");
      if (row) this.choose(row.dataset.id, true);
    });
    this.spacer.addEventListener("mouseover", (over) => this.hint(over.target));
    new ResizeObserver(() => this.render()).observe(this.viewport);
  }

  // Shows a source. `added` rows are new at the top: who has scrolled down keeps seeing the same rows.
  show(source, added = 0) {
    this.source = source;
    this.spacer.style.height = `${source.length * ROW_PX}px`;
    this.node.setAttribute("aria-rowcount", source.length + 1);
    if (added && this.viewport.scrollTop > ROW_PX) this.viewport.scrollTop += added * ROW_PX;
    this.render();
  }

  render() {
    const top = this.viewport.scrollTop;
    const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE);
    const last = Math.min(this.source.length, Math.ceil((top + this.viewport.clientHeight) / ROW_PX) + SPARE);
    const wanted = new Map();
    for (let place = first; place < last; place += 1) {
      const row = this.source.at(place);
      if (row) wanted.set(row.id, [row, place]);
    }
    for (const [id, node] of this.held) {
      if (!wanted.has(id)) {
        this.held.delete(id);
        this.free.push(node);
      }
    }
    for (const [id, [row, place]] of wanted) this.draw(id, row, place);
    for (const node of this.free.splice(0)) node.remove();
    this.near?.(last);
  }

  draw(id, row, place) {
    let node = this.held.get(id);
    if (!node) {
      node = this.free.pop() ?? this.empty();
      node.dataset.id = id;
      node.seen = null;
      this.held.set(id, node);
    }
    if (node.seen !== row.version || node.of !== row) {
      node.seen = row.version;
      node.of = row;
      node.className = `row ${this.about(row)}`;
      this.columns.forEach((column, i) => column.write(node.children[i], row));
    }
    if (node.place !== place) {
      node.place = place;
      node.style.transform = `translateY(${place * ROW_PX}px)`;
      node.setAttribute("aria-rowindex", place + 2);
    }
    const chosen = id === this.selected;
    if (node.chosen !== chosen) {
      node.chosen = chosen;
      node.setAttribute("aria-selected", chosen);
    }
    if (chosen) this.node.setAttribute("aria-activedescendant", node.id);
  }

  empty() {
    this.serial += 1;
    const cells = this.columns.map((column) =>
      el("span", { role: "gridcell", class: column.style ?? (column.number ? "n" : null) }, column.make ? column.make() : null),
    );
    const node = el("div", { class: "row", role: "row", id: `row-${this.serial}` }, cells);
    this.spacer.append(node);
    return node;
  }

  hint(target) {
    const cell = target.closest("[role='gridcell']");
    const row = cell?.parentElement.of;
    if (row) cell.title = this.columns[[...cell.parentElement.children].indexOf(cell)].hint?.(row) ?? "";
  }

  choose(id, opened = false) {
    this.selected = id;
    if (id === null) this.node.removeAttribute("aria-activedescendant");
    this.render();
    if (opened) this.open(id);
  }

  placeOf(id) {
    for (let place = 0; place < this.source.length; place += 1) if (this.source.at(place)?.id === id) return place;
    return -1;
  }

  // Moves the choice by so many rows and keeps it on the screen.
  step(by) {
    if (!this.source.length) return null;
    const now = this.selected === null ? -1 : this.placeOf(this.selected);
    const place = Math.min(this.source.length - 1, Math.max(0, now < 0 ? 0 : now + by));
    const top = place * ROW_PX;
    const height = this.viewport.clientHeight;
    if (top < this.viewport.scrollTop) this.viewport.scrollTop = top;
    if (top + ROW_PX > this.viewport.scrollTop + height) this.viewport.scrollTop = top + ROW_PX - height;
    this.choose(this.source.at(place).id);
    return this.selected;
  }

  instead(node) {
    fill(this.viewport, node ?? this.spacer);
    this.held.clear();
    fill(this.spacer);
    if (!node) this.render();
  }
}
