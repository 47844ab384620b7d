"""Times the reading of one package of 4, 8, 12 and 16 legs: CPU microseconds of a call of the kernel, median of 200.

Run as `python benchmarks/many_legs.py`.
"""

import statistics
import time

import numpy as np

from smartmoney_pipeline.parent_events.package_price_kernel import ASK, BID, LEG_COLUMNS, LEG_FLOATS, PREMIUM
from smartmoney_pipeline.parent_events.parent_params import ParentParams, structure_log_priors
from smartmoney_pipeline.parent_events.patterns_kernel import CALL, MAX_LEGS, RANK, SIZE, STRIKE
from smartmoney_pipeline.parent_events.structures_kernel import read_events

CALLS, RUNS = 100, 200


def package(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Legs of a package in rows, bought and sold in turn, each near its touch."""
    legs, floats = np.zeros((count, LEG_COLUMNS), np.int64), np.full((count, LEG_FLOATS), np.nan)
    place = np.arange(count)
    legs[:, RANK], legs[:, STRIKE], legs[:, CALL], legs[:, SIZE] = place, 60_000 + 5_000 * place, place % 2, 10
    legs[:, BID], legs[:, ASK] = 9_500, 10_500
    legs[:, PREMIUM] = 10 * np.where(place % 4 < 2, 10_400, 9_600)
    return legs, floats


def main() -> None:
    """Print a line for each number of legs."""
    prior, odds, no = structure_log_priors(), ParentParams().reading, np.zeros(CALLS, np.bool_)
    for count in (4, 8, 12, MAX_LEGS):
        legs, floats = (np.tile(rows, (CALLS, 1)) for rows in package(count))
        offsets = np.arange(CALLS + 1) * count
        read_events(offsets, legs, floats, no, no, prior, odds)
        spent = []
        for _ in range(RUNS):
            begun = time.process_time()
            read_events(offsets, legs, floats, no, no, prior, odds)
            spent.append((time.process_time() - begun) / CALLS)
        print(f"{count:2d} legs: {1e6 * statistics.median(spent):.1f} us")


if __name__ == "__main__":
    main()
