"""Nuisance columns of prints, and how well a shallow tree tells groups of prints apart by them.

What a print says about the market (underlying, time of day, size) may well go with a label. So units are drawn and permuted within
strata of these three: any tree that beats the permutations has read a column that should be mute.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

ID_DIGITS = 12
SMALL = (2, 3, 5, 7, 16)
PERMUTATIONS = 60
DEPTH = 4


@dataclass(frozen=True)
class Verdict:
    """Score of the tree, and how many standard deviations of its permutations it lies above their mean."""

    score: float
    null_mean: float
    null_deviation: float

    @property
    def excess(self) -> float:
        return (self.score - self.null_mean) / self.null_deviation


def nuisance_columns(prints: pd.DataFrame) -> pd.DataFrame:
    """Columns of `option_prints` (in file order) that should tell nothing, one row per print."""
    ids = prints["print_id"].to_numpy(dtype=str)
    number = np.array([int(text, 16) for text in ids], dtype=np.float64)
    columns = {"id": number, "row_16": np.arange(len(prints)) % 16}
    columns |= {f"id_digit_{i}": np.array([int(text[i], 16) for text in ids]) for i in range(ID_DIGITS)}
    seq = prints["seq"].to_numpy()
    step = prints.groupby("underlying")["seq"].diff().fillna(0).to_numpy(dtype=np.int64)
    for small in SMALL:
        columns |= {f"seq_mod_{small}": seq % small, f"seq_step_mod_{small}": step % small}
    columns["seq_low"] = seq % 4096
    ts = prints["ts"].astype("int64").to_numpy()
    columns |= {"ns": ts % 1_000, "us": ts // 1_000 % 1_000, "ms": ts // 1_000_000 % 1_000}
    columns |= {f"ns_mod_{small}": ts % small for small in (2, 8, 10)}
    columns["even_size"] = prints["size"].to_numpy() % 2
    return pd.DataFrame(columns, index=prints.index)


def strata(prints: pd.DataFrame) -> pd.Series:
    """Underlying, hour and size (single contracts, then by powers of four): where a real relation with labels is expected."""
    hour = prints["ts"].dt.hour.astype(str)
    size = np.minimum(np.ceil(np.log2(prints["size"].to_numpy()) / 2.0), 5).astype(int).astype(str)
    return prints["underlying"].astype(str) + "|" + hour + "|" + size


def matched(chosen: pd.DataFrame, others: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Return `chosen` and as many of `others` from the same strata (all without replacement), and which rows are chosen."""
    pools = {name: rng.permutation(rows) for name, rows in strata(others).groupby(strata(others)).groups.items()}
    mine, theirs = [], []
    for name, rows in strata(chosen).groupby(strata(chosen)).groups.items():
        count = min(len(rows), len(pools.get(name, ())))
        mine.append(rng.permutation(rows)[:count])
        theirs.append(pools.get(name, np.empty(0))[:count])
    both = pd.concat([chosen.loc[np.concatenate(mine)], others.loc[np.concatenate(theirs)]])
    return both, np.arange(len(both)) < sum(map(len, mine))


def verdict(columns: pd.DataFrame, truth: np.ndarray, groups: pd.Series, seed: int) -> Verdict:
    """Judge a tree of depth `DEPTH` by its cross-validated probability of the true class, against permutations within `groups`."""
    rng = np.random.default_rng(seed)
    values, places = columns.to_numpy(dtype=np.float64), list(pd.Series(range(len(truth))).groupby(groups.to_numpy()).indices.values())
    null = []
    for _ in range(PERMUTATIONS):
        shuffled = truth.copy()
        for place in places:
            shuffled[place] = truth[rng.permutation(place)]
        null.append(_score(values, shuffled))
    return Verdict(_score(values, truth), float(np.mean(null)), float(np.std(null)))


def _score(values: np.ndarray, truth: np.ndarray) -> float:
    """Mean over classes of the area under the curve, one class against the rest; one half is chance."""
    tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=20, random_state=0)
    folds = StratifiedKFold(4, shuffle=True, random_state=0)
    likely = cross_val_predict(tree, values, truth, cv=folds, method="predict_proba")
    return float(np.mean([_area(likely[:, i], truth == label) for i, label in enumerate(np.unique(truth))]))


def _area(likely: np.ndarray, hit: np.ndarray) -> float:
    rank = pd.Series(likely).rank().to_numpy()
    positive, negative = int(hit.sum()), int((~hit).sum())
    return float((rank[hit].sum() - positive * (positive + 1) / 2) / (positive * negative))
