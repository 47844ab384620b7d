// The address of the page says what is shown: page, feed, session, filters, event. Filters are named as the server names them.

export const FILTERS = [
  "underlying",
  "likeliest",
  "p.gte",
  "direction",
  "suppressed",
  "reason",
  "flag",
  "kind",
  "assembly",
  "structure",
  "premium.gte",
  "dte.lt",
  "sort",
];
const SHOWS = ["published", "abstained", "all"];
const VIEWS = ["session", "live", "replay"];
const PAGES = ["events", "calibration", "quality", "legacy"];

export function parsed(search) {
  const words = new URLSearchParams(search);
  const one = (name, allowed) => (allowed.includes(words.get(name)) ? words.get(name) : allowed[0]);
  const filters = { show: one("show", SHOWS) };
  for (const name of FILTERS) if (words.get(name)) filters[name] = words.get(name).slice(0, 200);
  return {
    page: one("page", PAGES),
    view: words.has("view") ? one("view", VIEWS) : null,
    session: words.get("session"),
    source: words.get("source"),
    event: words.get("event"),
    filters,
  };
}

export function written(place) {
  const words = new URLSearchParams();
  const put = (name, value, usual) => {
    if (value && value !== usual) words.set(name, value);
  };
  put("page", place.page, "events");
  put("view", place.view);
  put("session", place.session);
  put("source", place.source);
  put("show", place.filters.show, "published");
  for (const name of FILTERS) put(name, place.filters[name]);
  put("event", place.event);
  const text = words.toString();
  return text ? `?${text}` : "/";
}

// Filters as parameters of /v1/events.
export function queried(place) {
  const { show, ...rest } = place.filters;
  const query = { session: place.session, source: place.source, ...rest, sort: rest.sort ?? "-closed_at" };
  if (query.underlying) query.underlying = query.underlying.toUpperCase().split(/[\s,]+/).filter(Boolean).join(",");
  if (show !== "all") query.abstained = show === "abstained";
  return query;
}
