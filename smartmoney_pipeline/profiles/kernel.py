"""The one loop of scoring: per event, memberships to capped evidence rows, guards, sums by class and their 90 % reach.

Arrays are handed to the parts one by one: a kernel that hands on a tuple of arrays counts references to each of them at every call.
"""

import numpy as np
from numba import njit

from smartmoney_pipeline.profiles.memberships import fill_held
from smartmoney_pipeline.profiles.vocabulary import EVIDENCE_CEILING_NATS, SUPPRESSION_NATS, TOTAL_CAP_NATS

Z_90 = 1.6448536269514722
"""95 % quantile of the normal law: a band runs from 5 % to 95 %."""

TILE_EVENTS = 16
"""Events whose memberships are worked out together: few enough to stay in the first cache."""

FIRES_AT = 0.5
"""Membership from which a guard fires."""


@njit(cache=True, nogil=True)
def _all_of(held, start, conditions, joint):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Fill `joint` [lists, events] with products of memberships: 0 where any factor is known to be 0, else NaN where any is unknown.

    List i holds conditions[start[i]:start[i + 1]]. Events run inside, so that the products of a tile are worked out side by side.
    """
    for i in range(len(joint)):
        out = joint[i]
        out[:] = 1.0
        for k in range(start[i], start[i + 1]):
            factor = held[conditions[k]]
            for t in range(len(out)):
                both = out[t] * factor[t]
                out[t] = 0.0 if (out[t] == 0.0) | (factor[t] == 0.0) else both


@njit(cache=True, nogil=True)
def _fill_tile(  # type: ignore[no-untyped-def]  # noqa: ANN202
    values, start, stop, form, column, ramp, codes, member_start, member, held,
    row_start, row_condition, shared, guard_start, guard_condition, guarded,
):  # fmt: skip
    """Memberships of events start to stop - 1: of all conditions, of the evidence rows and of the guards."""
    fill_held(values, start, stop, form, column, ramp, codes, member_start, member, held)
    _all_of(held, row_start, row_condition, shared)
    _all_of(held, guard_start, guard_condition, guarded)


@njit(cache=True, nogil=True)
def _sort_out(shared, weight, class_of, seen, unknown, active, moved):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Of a tile: known weight by class, bits of the unknown rows, and the list of rows that move a score, by event.

    Without a branch on a membership: which rows hold is next to random, and a wrong guess of the processor costs more than the work.
    """
    seen[:] = 0.0
    unknown[:] = 0
    moved[:] = 0
    for i in range(len(shared)):
        row, of_class, word = shared[i], seen[class_of[i]], unknown[i >> 3]
        bit, positive = np.uint8(128 >> (i & 7)), max(weight[i], 0.0)
        for t in range(len(row)):
            of_class[t] += 0.0 if np.isnan(row[t]) else positive
            word[t] |= bit if np.isnan(row[t]) else np.uint8(0)
        for t in range(len(row)):
            active[t, moved[t]] = i
            moved[t] += np.int64(not np.isnan(row[t])) & np.int64(row[t] != 0.0)


@njit(cache=True, nogil=True)
def _fire(guarded, order, fired, firing, bits):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Of a tile, by event: the list of guards that fire, in the order in which they act, and their bits."""
    firing[:] = 0
    bits[:] = 0
    for guard in order:
        row = guarded[guard]
        for t in range(len(row)):
            fires = row[t] >= FIRES_AT
            fired[t, firing[t]] = guard
            firing[t] += np.int64(fires)
            bits[t] |= np.uint64(fires) << np.uint64(guard)


@njit(cache=True, nogil=True)
def _note(group, touched, count):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Add a group to the rising list of those that hold an active row, once; their number."""
    place = count
    while place > 0 and touched[place - 1] > group:
        place -= 1
    if place > 0 and touched[place - 1] == group:
        return count
    for k in range(count, place, -1):
        touched[k] = touched[k - 1]
    touched[place] = group
    return count + 1


@njit(cache=True, nogil=True)
def _cap(  # type: ignore[no-untyped-def]  # noqa: ANN202
    values, active, t, moved, touched, touched_count, group_of, group_class, group_cap, group_slope, groups, classes
):  # fmt: skip
    """Hold the active rows within both caps in place, slopes applied; leave group sums before and class sums after."""
    for j in range(touched_count):
        groups[touched[j]] = 0.0
    for a in range(moved):
        groups[group_of[active[t, a]]] += values[active[t, a]]
    classes[:] = 0.0
    for j in range(touched_count):
        g = touched[j]
        if groups[g] != 0.0:
            cap = group_cap[g]
            classes[group_class[g]] += min(max(groups[g], -cap), cap) * group_slope[g]
    for a in range(moved):
        i = active[t, a]
        g = group_of[i]
        size, total = abs(groups[g]), abs(classes[group_class[g]])
        family = group_cap[g] / size if size > group_cap[g] else 1.0
        whole = TOTAL_CAP_NATS / total if total > TOTAL_CAP_NATS else 1.0
        values[i] *= family * group_slope[g] * whole
    for k in range(len(classes)):
        classes[k] = min(max(classes[k], -TOTAL_CAP_NATS), TOTAL_CAP_NATS)


@njit(cache=True, nogil=True)
def _reach(touched, touched_count, groups, variance, group_class, group_cap, group_slope, centre, below, above):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """How far class sums may move to either side, nats: family ranges through their caps, then through the total cap."""
    centre[:] = 0.0
    below[:] = 0.0
    above[:] = 0.0
    for j in range(touched_count):
        g = touched[j]
        if groups[g] != 0.0 or variance[g] != 0.0:
            cap, slope, k = group_cap[g], group_slope[g], group_class[g]
            held, spread = min(max(groups[g], -cap), cap), Z_90 * np.sqrt(variance[g])
            centre[k] += held * slope
            below[k] += ((held - min(max(groups[g] - spread, -cap), cap)) * slope) ** 2
            above[k] += ((min(max(groups[g] + spread, -cap), cap) - held) * slope) ** 2
    for k in range(len(below)):
        held = min(max(centre[k], -TOTAL_CAP_NATS), TOTAL_CAP_NATS)
        below[k] = held - min(max(centre[k] - np.sqrt(below[k]), -TOTAL_CAP_NATS), TOTAL_CAP_NATS)
        above[k] = min(max(centre[k] + np.sqrt(above[k]), -TOTAL_CAP_NATS), TOTAL_CAP_NATS) - held


@njit(cache=True, nogil=True)
def _suppress(fired, t, firing, guard_is_cap, pair_start, pair_class, classes, taken):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Apply the fired guards to class sums in place; leave what each of their (guard, class) pairs took."""
    for f in range(firing):
        guard = fired[t, f]
        for p in range(pair_start[guard], pair_start[guard + 1]):
            k = pair_class[p]
            change = -max(classes[k] - EVIDENCE_CEILING_NATS, 0.0) if guard_is_cap[guard] else -SUPPRESSION_NATS
            classes[k] += change
            taken[p] = change


@njit(cache=True, nogil=True)
def _emit_evidence(  # type: ignore[no-untyped-def]  # noqa: ANN202
    at, first, event, active, t, moved, own, class_of, shown, values, out_event, out_class, out_code, out_value, out_nats
):  # fmt: skip
    """Write the evidence rows that moved a score of the event; the number of rows after them."""
    for a in range(moved):
        i = active[t, a]
        if own[i] != 0.0:
            out_event[at], out_class[at], out_code[at] = first + event, class_of[i], i
            out_value[at], out_nats[at] = np.nan if shown[i] < 0 else values[shown[i], event], own[i]
            at += 1
    return at


@njit(cache=True, nogil=True)
def _emit_guards(  # type: ignore[no-untyped-def]  # noqa: ANN202
    at, event, row_count, fired_bits, taken, pair_start, pair_class, out_event, out_class, out_code, out_value, out_nats
):  # fmt: skip
    """Write what the fired guards took from each class, in table order; the number of rows after them."""
    for guard in range(len(pair_start) - 1 if fired_bits else 0):
        if (fired_bits >> np.uint64(guard)) & np.uint64(1):
            for p in range(pair_start[guard], pair_start[guard + 1]):
                if taken[p] != 0.0:
                    out_event[at], out_class[at], out_code[at] = event, pair_class[p], row_count + guard
                    out_value[at], out_nats[at] = np.nan, taken[p]
                    at += 1
    return at


@njit(cache=True, nogil=True)
def combine(values, qualities, conditions, rules, first, rows, sums, full_sums, down, up, observed, bits, unobserved):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Fill the outputs, which come as zeros: sums and reaches [n, 7], bits [n], the rest as in `Scored`; the number of evidence rows.

    `values` float64[columns, events at least] with NaN unknown; `qualities` float64[n, bases]; `conditions` and `rules` from `layout`.
    `rows`: room for event, profile, code, value and contribution of each row that moves a score, by event and code; events count from
    `first`.
    """
    form, column, ramp, codes, member_start, member = conditions
    row_start, row_condition, weight, basis, deviation, shown, class_of = rules.row_start, rules.row_condition, rules.weight, rules.basis, rules.deviation, rules.shown, rules.class_of  # fmt: skip  # noqa: E501
    group_of, group_class, group_cap, group_slope = rules.group_of, rules.group_class, rules.group_cap, rules.group_slope
    guard_order, guard_is_cap, pair_start, pair_class = rules.guard_order, rules.guard_is_cap, rules.pair_start, rules.pair_class
    guard_start, guard_condition, positive_weight = rules.guard_start, rules.guard_condition, rules.positive_weight
    out_event, out_class, out_code, out_value, out_nats = rows
    row_count, guard_count, group_count, class_count = len(weight), len(guard_order), len(group_cap), sums.shape[1]
    held = np.zeros((len(form) + len(member_start) - 1, TILE_EVENTS))
    shared, guarded = np.empty((row_count, TILE_EVENTS)), np.empty((guard_count, TILE_EVENTS))
    seen, unknown = np.empty((class_count, TILE_EVENTS)), np.empty((unobserved.shape[1], TILE_EVENTS), np.uint8)
    active, active_count = np.empty((TILE_EVENTS, row_count), np.int64), np.empty(TILE_EVENTS, np.int64)
    fired, fired_count, fired_bits = np.empty((TILE_EVENTS, guard_count), np.int64), np.empty(TILE_EVENTS, np.int64), np.empty(TILE_EVENTS, np.uint64)  # fmt: skip  # noqa: E501
    full, own, taken = np.zeros(row_count), np.zeros(row_count), np.zeros(len(pair_class))
    groups, variance = np.zeros(group_count), np.zeros(group_count)
    centre, below, above, classes = np.zeros((4, class_count))
    touched, groups_touched, at = np.zeros(group_count, dtype=np.int64), 0, 0
    for event in range(len(bits)):
        t = event % TILE_EVENTS
        if t == 0:
            _fill_tile(values, event, min(event + TILE_EVENTS, len(bits)), form, column, ramp, codes, member_start, member, held, row_start, row_condition, shared, guard_start, guard_condition, guarded)  # fmt: skip  # noqa: E501
            _sort_out(shared, weight, class_of, seen, unknown, active, active_count)
            _fire(guarded, guard_order, fired, fired_count, fired_bits)
        moved, firing = active_count[t], fired_count[t]
        for j in range(groups_touched):
            variance[touched[j]] = 0.0
        groups_touched = 0
        for a in range(moved):
            i = active[t, a]
            quality, g = qualities[event, basis[i]], group_of[i]
            full[i] = shared[i, t] * weight[i]
            own[i] = full[i] * quality
            groups_touched = _note(g, touched, groups_touched)
            variance[g] += full[i] ** 2 * (deviation[i] ** 2 + (1.0 - quality) ** 2)
        _cap(full, active, t, moved, touched, groups_touched, group_of, group_class, group_cap, group_slope, groups, classes)
        _reach(touched, groups_touched, groups, variance, group_class, group_cap, group_slope, centre, below, above)
        _suppress(fired, t, firing, guard_is_cap, pair_start, pair_class, classes, taken)
        for k in range(class_count):
            full_sums[event, k], down[event, k], up[event, k] = classes[k], below[k], above[k]
        _cap(own, active, t, moved, touched, groups_touched, group_of, group_class, group_cap, group_slope, groups, classes)
        _suppress(fired, t, firing, guard_is_cap, pair_start, pair_class, classes, taken)
        at = _emit_evidence(at, first, event, active, t, moved, own, class_of, shown, values, out_event, out_class, out_code, out_value, out_nats)  # fmt: skip  # noqa: E501
        at = _emit_guards(at, first + event, row_count, fired_bits[t], taken, pair_start, pair_class, out_event, out_class, out_code, out_value, out_nats)  # fmt: skip  # noqa: E501
        bits[event] = fired_bits[t]
        for k in range(class_count):
            sums[event, k], observed[event, k] = classes[k], seen[k, t] / positive_weight[k]
        for word in range(len(unknown)):
            unobserved[event, word] = unknown[word, t]
    return at
