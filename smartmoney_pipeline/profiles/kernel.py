"""The one loop of scoring: per event, memberships to capped evidence rows, guards, sums by class and their 90 % reach."""

import numpy as np
from numba import njit

from smartmoney_pipeline.profiles.vocabulary import EVIDENCE_CEILING_NATS, SUPPRESSION_NATS, TOTAL_CAP_NATS

Z_90 = 1.6448536269514722
"""95 % quantile of the normal law: a band runs from 5 % to 95 %."""

FIRES_AT = 0.5
"""Membership from which a guard fires."""


@njit(cache=True, nogil=True)
def _all_of(held, start, stop, conditions):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Product of memberships: 0 where any factor is known to be 0, else NaN where any is unknown."""
    result = 1.0
    for k in range(start, stop):
        factor = held[conditions[k]]
        if factor == 0.0:
            return 0.0
        result *= factor
    return result


@njit(cache=True, nogil=True)
def _cap(values, active, rules, groups, classes):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Hold the active rows within both caps in place, slopes applied; leave group sums before and class sums after."""
    groups[:] = 0.0
    for i in active:
        groups[rules.group_of[i]] += values[i]
    classes[:] = 0.0
    for g in range(len(groups)):
        if groups[g] == 0.0:
            continue
        cap = rules.group_cap[g]
        classes[rules.group_class[g]] += min(max(groups[g], -cap), cap) * rules.group_slope[g]
    for i in active:
        g = rules.group_of[i]
        size, total = abs(groups[g]), abs(classes[rules.group_class[g]])
        family = rules.group_cap[g] / size if size > rules.group_cap[g] else 1.0
        whole = TOTAL_CAP_NATS / total if total > TOTAL_CAP_NATS else 1.0
        values[i] *= family * rules.group_slope[g] * whole
    for k in range(len(classes)):
        classes[k] = min(max(classes[k], -TOTAL_CAP_NATS), TOTAL_CAP_NATS)


@njit(cache=True, nogil=True)
def _reach(groups, variance, rules, centre, below, above):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """How far class sums may move to either side, nats: family ranges through their caps, then through the total cap."""
    centre[:] = 0.0
    below[:] = 0.0
    above[:] = 0.0
    for g in range(len(groups)):
        if groups[g] != 0.0 or variance[g] != 0.0:
            cap, slope, k = rules.group_cap[g], rules.group_slope[g], rules.group_class[g]
            held, spread = min(max(groups[g], -cap), cap), Z_90 * np.sqrt(variance[g])
            centre[k] += held * slope
            below[k] += ((held - min(max(groups[g] - spread, -cap), cap)) * slope) ** 2
            above[k] += ((min(max(groups[g] + spread, -cap), cap) - held) * slope) ** 2
    for k in range(len(below)):
        held = min(max(centre[k], -TOTAL_CAP_NATS), TOTAL_CAP_NATS)
        below[k] = held - min(max(centre[k] - np.sqrt(below[k]), -TOTAL_CAP_NATS), TOTAL_CAP_NATS)
        above[k] = min(max(centre[k] + np.sqrt(above[k]), -TOTAL_CAP_NATS), TOTAL_CAP_NATS) - held


@njit(cache=True, nogil=True)
def _suppress(fired, rules, classes, taken):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Apply the fired guards to class sums in place; leave what each (guard, class) pair took."""
    for position in range(len(rules.guard_order)):
        guard = rules.guard_order[position]
        for p in range(rules.pair_start[guard], rules.pair_start[guard + 1]):
            taken[p] = 0.0
            if fired[guard]:
                k = rules.pair_class[p]
                change = -max(classes[k] - EVIDENCE_CEILING_NATS, 0.0) if rules.guard_is_cap[guard] else -SUPPRESSION_NATS
                classes[k] += change
                taken[p] = change


@njit(cache=True, nogil=True)
def combine(memberships, qualities, rules, rows, sums, full_sums, down, up, observed, bits, unobserved):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Fill the outputs, which come as zeros: rows [n, R + P], sums and reaches [n, 7], bits [n], the rest as in `Scored`.

    `memberships` float64[n, conditions] with NaN unknown; `qualities` float64[n, bases]; `rules` from `rule_arrays`.
    """
    row_count, group_count = len(rules.weight), len(rules.group_cap)
    full, fired = np.zeros(row_count), np.zeros(len(rules.guard_order), dtype=np.bool_)
    active = np.zeros(row_count, dtype=np.int64)
    groups, variance = np.zeros(group_count), np.zeros(group_count)
    centre, taken = np.zeros(sums.shape[1]), np.zeros(len(rules.pair_class))
    for event in range(memberships.shape[0]):
        variance[:] = 0.0
        held, own, moved = memberships[event], rows[event, :row_count], 0
        for i in range(row_count):
            value = _all_of(held, rules.row_start[i], rules.row_start[i + 1], rules.row_condition)
            if np.isnan(value):
                unobserved[event, i >> 3] |= np.uint8(128 >> (i & 7))
                continue
            if rules.weight[i] > 0.0:
                observed[event, rules.class_of[i]] += rules.weight[i]
            if value != 0.0:
                active[moved] = i
                moved += 1
                quality = qualities[event, rules.basis[i]]
                full[i] = value * rules.weight[i]
                own[i] = full[i] * quality
                variance[rules.group_of[i]] += full[i] ** 2 * (rules.deviation[i] ** 2 + (1.0 - quality) ** 2)
        for guard in range(len(fired)):
            value = _all_of(held, rules.guard_start[guard], rules.guard_start[guard + 1], rules.guard_condition)
            fired[guard] = value >= FIRES_AT
            if fired[guard]:
                bits[event] |= np.uint64(1) << np.uint64(guard)
        _cap(full, active[:moved], rules, groups, full_sums[event])
        _reach(groups, variance, rules, centre, down[event], up[event])
        _suppress(fired, rules, full_sums[event], taken)
        _cap(own, active[:moved], rules, groups, sums[event])
        _suppress(fired, rules, sums[event], rows[event, row_count:])
        for k in range(observed.shape[1]):
            observed[event, k] /= rules.positive_weight[k]


@njit(cache=True, nogil=True)
def count_rows(rows):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Return how many entries of `rows` differ from 0."""
    count = 0
    for event in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            if rows[event, column] != 0.0:
                count += 1
    return count


@njit(cache=True, nogil=True)
def fill_rows(rows, values, shown, class_of, code_of, first, out_event, out_class, out_code, out_value, out_nats):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Write the entries of `rows` that differ from 0, by event and column, with the value shown beside each."""
    at = 0
    for event in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            if rows[event, column] != 0.0:
                out_event[at] = first + event
                out_class[at] = class_of[column]
                out_code[at] = code_of[column]
                out_value[at] = values[shown[column], event]
                out_nats[at] = rows[event, column]
                at += 1
