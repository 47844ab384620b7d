"""What scoring reads: stored features, how the event was joined and what it was read as, two flags. Plus a few derived columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.schemas.codes import Assembly, QualityFlag, Structure
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES

Floats = NDArray[np.float64]
Read = Callable[[str], Floats]
FeatureColumns = Mapping[str, Floats] | pd.DataFrame
"""Features by name: float64 with NaN unknown, or the nullable columns of a stored table."""

WHALE_PREMIUM_USD = 50_000.0
WHALE_PREMIUM_INDEX_USD = 250_000.0
"""Premium from which a herd or chase counts as whale-sized; below it is ordinary retail flow, `none`. Seeds of the evidence base."""

DELTA_GATE_USD = 250_000.0
DELTA_GATE_LIQUID_USD = 1_000_000.0
LIQUID_OPTION_VOLUME = 10_000.0
"""Delta dollars from which an order is large, in a quiet and in a liquid name; liquid is an index, a broad fund or an option volume above
that of an average name (some fifty million contracts a session over some five thousand names). Seeds of the evidence base."""

STALE_FROM_HALF_SPREADS, STALE_AT_HALF_SPREADS = 0.5, 1.5
"""Move of the fair price under a standing quote from which it is in doubt, and at which it is stale; at 1 it crosses bid or ask. Seeds."""

USED_FLAGS = (QualityFlag.ADJUSTED_CONTRACT, QualityFlag.COMPRESSION, QualityFlag.MINUTE_BAR)


@dataclass(frozen=True)
class ScoreInputs:
    """Columns of one length. `structure` and `assembly` are positions in their code lists, structure -1 = none.

    `flags` holds a boolean array for each of `USED_FLAGS`; a missing flag means that it is set nowhere.
    """

    features: FeatureColumns
    structure: NDArray[np.integer[Any]]
    assembly: NDArray[np.integer[Any]]
    flags: Mapping[QualityFlag, NDArray[np.bool_]]

    def __post_init__(self) -> None:
        missing = [name for name in FEATURE_NAMES if name not in self.features]
        if missing:
            raise ValueError(f"features: no column {', '.join(missing)}")
        lengths = {
            len(self.features[FEATURE_NAMES[0]]),
            len(self.structure),
            len(self.assembly),
            *(len(flag) for flag in self.flags.values()),
        }
        if len(lengths) > 1:
            raise ValueError(f"score inputs: lengths differ: {sorted(lengths)}")

    @classmethod
    def from_stored(
        cls, features: pd.DataFrame, structure: Sequence[str | None], assembly: Sequence[str], quality_flags: Sequence[Sequence[str]]
    ) -> "ScoreInputs":
        """Return inputs from columns of the published events table: codes as text, flags as lists."""
        structures = [-1 if pd.isna(name) else list(Structure).index(Structure(name)) for name in structure]
        assemblies = [list(Assembly).index(Assembly(name)) for name in assembly]
        flags = {flag: np.array([flag in row for row in quality_flags], dtype=bool) for flag in USED_FLAGS}
        return cls(features, np.array(structures, dtype=np.int8), np.array(assemblies, dtype=np.int8), flags)

    def __len__(self) -> int:
        return len(self.structure)

    @property
    def not_graded(self) -> NDArray[np.bool_]:
        """Events that are no prints: no rule may read their features, and nothing is published of them."""
        return np.asarray(self.flags.get(QualityFlag.MINUTE_BAR, np.zeros(len(self), dtype=bool)))


def flags_of(mask: NDArray[np.int64]) -> dict[QualityFlag, NDArray[np.bool_]]:
    """Return the used flags from bit masks in the order of `QualityFlag`."""
    return {flag: (mask >> list(QualityFlag).index(flag)) & 1 == 1 for flag in USED_FLAGS}


def _flag(flag: QualityFlag, inputs: ScoreInputs) -> Floats:
    return np.asarray(inputs.flags.get(flag, np.zeros(len(inputs), dtype=bool)), dtype=np.float64)


def _absolute(name: str, read: Read) -> Floats:
    return np.abs(read(name))


def _whale_gate_ratio(read: Read) -> Floats:
    """Premium over the whale gate; an underlying of unknown kind counts as a single name."""
    gate = np.where(read("index_or_etf") == 1.0, WHALE_PREMIUM_INDEX_USD, WHALE_PREMIUM_USD)
    return read("premium_usd") / gate


def _delta_gate_ratio(read: Read) -> Floats:
    """Delta dollars over their gate; a name whose usual volume is unknown takes the higher gate."""
    quiet = (read("usual_option_volume") < LIQUID_OPTION_VOLUME) & (read("index_or_etf") != 1.0)
    return read("delta_notional_usd") / np.where(quiet, DELTA_GATE_USD, DELTA_GATE_LIQUID_USD)


def _quote_staleness(read: Read) -> Floats:
    """How stale the quotes are, 0 to 1: the underlying left them, or they are old and the underlying does not usually stand that long.

    Age alone counts where the usual move in that age is unknown.
    """
    usual = read("quote_age_move_half_spreads")
    aged = read("stale_share") * np.where(np.isnan(usual), 1.0, _ramp(usual))
    return np.fmax(_ramp(read("quote_drift_half_spreads")), aged)


def _ramp(half_spreads: Floats) -> Floats:
    return np.clip((half_spreads - STALE_FROM_HALF_SPREADS) / (STALE_AT_HALF_SPREADS - STALE_FROM_HALF_SPREADS), 0.0, 1.0)


def _spread_usd(read: Read) -> Floats:
    """Quoted spread in USD per share, from the relative spread and the price paid."""
    return read("relative_spread") * read("premium_per_contract_usd")


def _side_certainty(read: Read) -> Floats:
    return np.abs(2.0 * read("buy_probability") - 1.0)


DERIVED: dict[str, Callable[[Read], Floats]] = {
    "abs_aggressor_mix": partial(_absolute, "aggressor_mix"),
    "abs_net_delta_ratio": partial(_absolute, "net_delta_ratio"),
    "abs_net_delta_per_unit": partial(_absolute, "net_delta_per_unit"),
    "abs_net_vega_ratio": partial(_absolute, "net_vega_ratio"),
    "abs_net_price_position": partial(_absolute, "net_price_position"),
    "abs_move_sigmas": partial(_absolute, "underlying_move_sigmas"),
    "abs_move_alignment": partial(_absolute, "underlying_move_alignment"),
    "abs_day_return_sigmas": partial(_absolute, "day_return_sigmas"),
    "delta_gate_ratio": _delta_gate_ratio,
    "quote_staleness": _quote_staleness,
    "whale_gate_ratio": _whale_gate_ratio,
    "spread_usd": _spread_usd,
    "side_certainty": _side_certainty,
}
"""Columns made from features alone."""

DIRECT = ("structure", "assembly", "flag.adjusted_contract", "flag.compression")
COLUMN_NAMES: frozenset[str] = frozenset((*FEATURE_NAMES, *DERIVED, *DIRECT))
"""Every column that a condition may name."""


def columns(inputs: ScoreInputs, names: Sequence[str]) -> dict[str, Floats]:
    """Return the named columns as float64 with NaN for null. Raises `KeyError` for a name that no condition may use.

    Whatever rests on features is unknown for events that are not graded.
    """

    def read(name: str) -> Floats:
        if name not in made:
            made[name] = _make(name, inputs, read)
        return made[name]

    made: dict[str, Floats] = {}
    hidden = inputs.not_graded
    for name in names:
        read(name)
    if not hidden.any():
        return {name: made[name] for name in names}
    return {name: made[name] if name in DIRECT else np.where(hidden, np.nan, made[name]) for name in names}


def _make(name: str, inputs: ScoreInputs, read: Read) -> Floats:
    if name in DERIVED:
        return DERIVED[name](read)
    if name in {"structure", "assembly"}:
        return np.asarray(getattr(inputs, name), dtype=np.float64)
    if name.startswith("flag."):
        return _flag(QualityFlag(name.removeprefix("flag.")), inputs)
    column = inputs.features[name]
    return column if isinstance(column, np.ndarray) else column.to_numpy(dtype=np.float64, na_value=np.nan)
