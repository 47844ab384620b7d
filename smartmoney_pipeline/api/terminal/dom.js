// Makes elements. Data only ever becomes text or an attribute from the list below: there is no way from here to markup.

const PLAIN = new RegExp(
  "^(class|id|role|type|name|value|title|href|download|for|min|max|step|list|placeholder|tabindex|colspan|scope|autocomplete|spellcheck" +
    "|inputmode|rel|hidden|disabled|selected|aria-[a-z]+|data-[a-z0-9-]+)$",
);
const DRAWN = /^(class|viewBox|x|y|x1|x2|y1|y2|cx|cy|r|d|width|height|points|role|aria-label|text-anchor|transform)$/;

export function el(tag, about = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [kind, call] of Object.entries(value)) made.addEventListener(kind, call);
    else if (PLAIN.test(name)) made.setAttribute(name, value === true ? "" : name === "href" ? local(value) : String(value));
    else throw new Error(`no attribute ${name}`);
  }
  made.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function drawn(tag, about = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(about)) {
    if (!DRAWN.test(name)) throw new Error(`no attribute ${name}`);
    made.setAttribute(name, String(value));
  }
  made.append(...children.flat(9));
  return made;
}

export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return parent;
}

// Addresses lead within this server only.
function local(address) {
  const text = String(address);
  if (!/^[/?#](?!\/)/.test(text)) throw new Error("not an address of this server");
  return text;
}

export function table(columns, rows, about = {}) {
  const head = el(
    "tr",
    {},
    columns.map((column) => el("th", { scope: "col", class: column.number ? "n" : null, title: column.title }, column.head)),
  );
  return el(
    "div",
    { class: "wide" },
    el(
      "table",
      { class: "data", ...about },
      el("thead", {}, head),
      el(
        "tbody",
        {},
        rows.map((row) => line(columns, row)),
      ),
    ),
  );
}

function line(columns, row) {
  const cells = columns.map((column) => el("td", { class: column.number ? "n" : null }, column.cell(row) ?? "–"));
  return el("tr", row.open ? { class: "open", on: { click: row.open } } : {}, cells);
}
