"""How far packages found without their codes agree with the codes. Belongs here: the figures; no reading of vendor files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

PACKAGES = ("package", "legged_package")


@dataclass(frozen=True, slots=True)
class PackageAgreement:
    """Counts of prints: `coded` by the tape, `found` in packages, `shared` by both. `events` packages were found, `mixed` of them hold
    coded and other prints."""

    coded: int
    found: int
    shared: int
    events: int
    mixed: int

    @property
    def precision(self) -> float | None:
        """Share of the prints found that are coded; None where none was found."""
        return self.shared / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of the coded prints that were found; None where none is coded."""
        return self.shared / self.coded if self.coded else None


def package_agreement(members: pd.DataFrame, events: pd.DataFrame, coded: Collection[str]) -> PackageAgreement:
    """Compare packages with codes that the scorer did not see.

    `members`: event_id, print_id. `events`: event_id, assembly. `coded`: print ids with a package code.
    """
    packages = events.loc[events["assembly"].isin(PACKAGES), "event_id"]
    found = members[members["event_id"].isin(packages)]
    shared = found["print_id"].isin(list(coded))
    by_event = shared.groupby(found["event_id"]).agg(["sum", "size"])
    mixed = (by_event["sum"] > 0) & (by_event["sum"] < by_event["size"])
    return PackageAgreement(len(set(coded)), len(found), int(shared.sum()), len(by_event), int(mixed.sum()))
