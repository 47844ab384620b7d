"""The explanation of a published event, from the features stored with it."""

from __future__ import annotations

import pandas as pd

from smartmoney_pipeline.profiles.explain import Explanation, explain
from smartmoney_pipeline.profiles.inputs import ScoreInputs
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent


def explanation_of(event: SmartMoneyEvent) -> Explanation:
    """Return the explanation, from the features stored with the event and the packaged rules and calibration."""
    features = pd.DataFrame([event.features.model_dump()])
    return explain(ScoreInputs.from_stored(features, [event.structure], [event.assembly], [event.quality_flags]))


def differs(event: SmartMoneyEvent, explanation: Explanation) -> str | None:
    """Return a warning where the event was scored under other rules than those that explain it, else None."""
    scored = (event.ruleset_version, event.calibration_version)
    now = (explanation.ruleset_version, explanation.calibration_version)
    if scored == now:
        return None
    return f"scored under rule set {scored[0]} and calibration {scored[1]}, explained under {now[0]} and {now[1]}: figures may differ"
