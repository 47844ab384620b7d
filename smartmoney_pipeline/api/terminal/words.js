// Codes in words, and signs that stand beside colours.

export const PROFILES = {
  institutional_directional: "institutional, directional",
  retail_whale: "retail whale",
  event_driven: "event-driven",
  vol_seller: "volatility seller",
  arbitrage: "arbitrage",
  hedge_reactive: "reactive hedge",
  none: "none of the six",
};
export const DIRECTIONS = {
  bullish: ["▲", "bullish"],
  bearish: ["▼", "bearish"],
  neutral: ["◆", "neutral"],
  mixed: ["◇", "mixed"],
  unknown: ["·", "unknown"],
};
export const ASSEMBLIES = ["fill", "sweep", "package", "legged_package", "worked", "herd"];
export const KINDS = { single_leg_event: "one leg", multi_leg_event: "several legs" };
export const STRUCTURES = [
  "vertical",
  "ratio",
  "butterfly",
  "broken_wing_butterfly",
  "condor",
  "iron_condor",
  "iron_fly",
  "straddle",
  "strangle",
  "guts",
  "risk_reversal",
  "collar",
  "synthetic",
  "conversion_reversal",
  "box",
  "jelly_roll",
  "calendar",
  "diagonal",
  "roll",
  "covered_call",
  "protective_put",
  "dividend_spread",
  "delta_neutral",
  "stock_tied",
  "unmatched_leg",
  "custom",
];
export const REASONS = [
  "no_profile",
  "low_probability",
  "low_margin",
  "wide_band",
  "vetoed",
  "too_little_observed",
  "stale_quotes",
  "no_quotes",
  "crossed_or_locked_quotes",
  "wide_market",
  "late_prints",
  "nonstandard_deliverable",
  "ambiguous_structure",
  "pre_event_tie",
  "minute_bars",
];
export const FLAGS = {
  quote_missing: "no quote before the print",
  quote_stale: "the quote was older than 15 minutes",
  quote_locked: "the quote was locked",
  quote_crossed: "the quote was crossed",
  quote_one_sided: "the quote had one side only",
  quote_age_unknown: "the age of the quote is unknown",
  quote_disagrees: "the vendor's quote disagrees",
  quote_history_short: "too few quotes before to compare with",
  underlying_missing: "no quote of the underlying",
  forward_missing: "no forward price",
  outside_nbbo: "printed outside the quote",
  late: "reported late",
  out_of_sequence: "reported out of sequence",
  opening: "an opening print",
  auction: "printed in an auction",
  cross: "printed as a cross",
  floor: "printed on the floor",
  complex: "printed under a multi-leg code",
  stock_tied: "tied to stock",
  extended_hours: "outside regular hours",
  compression: "a compression trade",
  condition_unknown: "the sale condition is unknown",
  adjusted_contract: "an adjusted contract",
  chance_join: "prints may belong together by chance only",
  minute_bar: "a minute bar, not a print",
};
const WORRYING = new Set([
  "quote_missing",
  "quote_stale",
  "quote_locked",
  "quote_crossed",
  "quote_one_sided",
  "quote_age_unknown",
  "quote_disagrees",
  "underlying_missing",
  "outside_nbbo",
  "late",
  "out_of_sequence",
  "condition_unknown",
  "adjusted_contract",
  "chance_join",
  "minute_bar",
]);
export const worrying = (flag) => WORRYING.has(flag);

export const plain = (code) => String(code).replaceAll("_", " ");
export const profile = (id) => PROFILES[id] ?? plain(id);
export const flag = (code) => FLAGS[code] ?? plain(code);
export const direction = (code) => DIRECTIONS[code] ?? DIRECTIONS.unknown;

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 });
const eastern = new Intl.DateTimeFormat("en-GB", {
  timeZone: "America/New_York",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

export const known = (value) => value !== null && value !== undefined;
export const count = (value) => (known(value) ? whole.format(value) : "–");
export const usd = (value) => (known(value) ? `$${short.format(value)}` : "–");
export const price = (value) => (known(value) ? Number(value).toFixed(2) : "–");
export const percent = (value, digits = 0) => (known(value) ? `${(100 * value).toFixed(digits)}%` : "–");
export const millis = (iso) => Date.parse(`${iso.slice(0, 23).replace("Z", "")}Z`);

// What is left of a sum that cancels; more digits would say something that is not known.
const NEXT_TO_NOTHING = 1e-9;

// Measured values, short but not rounded to nothing.
export function measure(value) {
  if (!known(value)) return "unknown";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return plain(value);
  if (value !== 0 && Math.abs(value) < NEXT_TO_NOTHING) return "about 0";
  return Number.isInteger(value)
    ? whole.format(value)
    : Math.abs(value) >= 1000
      ? whole.format(value)
      : String(Number(value.toPrecision(3)));
}

// Time of the exchange, with milliseconds; the whole UTC time is for the title.
export function time(iso) {
  const fraction = (iso.split(".")[1] ?? "").replace("Z", "").padEnd(3, "0").slice(0, 3);
  return `${eastern.format(new Date(millis(iso)))}.${fraction}`;
}
export const clock = (ms) => eastern.format(new Date(ms));
// The opening of the regular session, whichever offset the day has.
export function opening(session) {
  const found = ["-04:00", "-05:00"].map((offset) => new Date(`${session}T09:30:00${offset}`));
  return (found.find((date) => eastern.format(date) === "09:30:00") ?? found[0]).toISOString();
}
export const utc = (iso) => iso.replace("T", " ").replace("Z", " UTC");

// 'SPX260515C06720000' as 'SPX 15 May 2026 6720 call'.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export function contract(symbol) {
  const parts = /^(.+?)\s*(\d\d)(\d\d)(\d\d)([CP])(\d{8})$/.exec(symbol);
  if (!parts) return symbol;
  const [, root, year, month, day, right, strike] = parts;
  return `${root} ${Number(day)} ${MONTHS[month - 1] ?? month} 20${year} ${Number(strike) / 1000} ${right === "C" ? "call" : "put"}`;
}
