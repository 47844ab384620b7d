// What the list shows of an event: a small flat row, so that many fit into memory.

import { millis } from "./words.js";

export const FIELDS = [
  "event_id",
  "underlying_id",
  "event_kind",
  "start_ts",
  "end_ts",
  "closed_at",
  "features",
  "profile_scores",
  "none_probability",
  "primary_profile_id",
  "primary_direction",
  "abstained",
  "suppressed_reasons",
  "abstention_reasons",
  "quality_flags",
  "structure",
  "assembly",
  "provisional",
  "revision",
  "reconstruction_confidence",
  "ruleset_version",
  "calibration_version",
  "event_window_ms",
].join(",");

export function rowOf(event) {
  const first = event.profile_scores[0];
  const features = event.features;
  return {
    id: event.event_id,
    version: 0,
    closed: event.closed_at,
    ms: millis(event.closed_at),
    underlying: event.underlying_id,
    kind: event.event_kind,
    assembly: event.assembly,
    structure: event.structure,
    legs: features.leg_count,
    calls: features.call_share,
    dte: features.dte_days,
    premium: features.premium_usd,
    contracts: features.contracts,
    likeliest: first.profile_id,
    probability: first.probability,
    low: first.probability_low,
    high: first.probability_high,
    primary: event.primary_profile_id,
    direction: event.primary_direction,
    abstained: event.abstained,
    abstentions: event.abstention_reasons,
    suppressed: event.suppressed_reasons,
    flags: event.quality_flags,
    provisional: event.provisional,
    withdrawn: null,
    event,
  };
}

// Whether a row passes the filters of the address. The server filters published sessions; streams are filtered here, because an event
// may come to pass or fail them when it is said again.
export function passes(row, filters) {
  const { show } = filters;
  if (show !== "all" && (row.withdrawn || row.abstained !== (show === "abstained"))) return false;
  return TESTS.every(([name, test]) => filters[name] === undefined || test(row, filters[name]));
}

const number = (value) => (value === null || value === undefined ? Number.NaN : value);
const TESTS = [
  ["underlying", (row, wanted) => wanted.toUpperCase().split(",").includes(row.underlying)],
  ["likeliest", (row, wanted) => row.likeliest === wanted],
  ["p.gte", (row, wanted) => row.probability >= Number(wanted)],
  ["direction", (row, wanted) => row.direction === wanted],
  ["suppressed", (row, wanted) => row.suppressed.length > 0 === (wanted === "true")],
  ["reason", (row, wanted) => row.abstentions.includes(wanted)],
  ["flag", (row, wanted) => row.flags.includes(wanted)],
  ["kind", (row, wanted) => row.kind === wanted],
  ["assembly", (row, wanted) => row.assembly === wanted],
  ["structure", (row, wanted) => row.structure === wanted],
  ["premium.gte", (row, wanted) => number(row.premium) >= Number(wanted)],
  ["dte.lt", (row, wanted) => number(row.dte) < Number(wanted)],
];
