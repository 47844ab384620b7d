"""Settings of the live engine. The events of the current view depend on none of them but `history_ns`."""

from __future__ import annotations

from dataclasses import dataclass

from smartmoney_pipeline.schemas.units import NS_PER_MINUTE, NS_PER_SECOND


@dataclass(frozen=True, slots=True)
class LiveParams:
    """`lateness_ns`: what comes later than this behind its stream is a correction. `provisional`: say events before they are final.

    `history_ns`: how far back a correction may reach, None = to the open; what would reach further is quarantined. That much of the tape is
    held in memory, and `checkpoints` copies of the state at most, `checkpoint_ns` of event time apart or more. Half an hour (SEED) is the
    time in which exchanges let customers ask for the review of an obvious error; what is cancelled later is a matter of the next import.
    """

    buckets: int = 1
    lateness_ns: int = 2 * NS_PER_SECOND
    provisional: bool = True
    checkpoint_ns: int = 5 * NS_PER_MINUTE
    checkpoints: int = 12
    history_ns: int | None = 30 * NS_PER_MINUTE

    def __post_init__(self) -> None:
        if self.buckets < 1 or self.checkpoints < 1:
            raise ValueError("buckets and checkpoints are at least 1")
        if self.lateness_ns < 0 or self.checkpoint_ns < 1 or (self.history_ns is not None and self.history_ns < 0):
            raise ValueError("times are not negative, and checkpoints lie apart")
