"""Bodies of `/v1/runs` and `/v1/scenarios`."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from smartmoney_pipeline.api.models import Body
from smartmoney_pipeline.api.parameters import DATASET_FORM, PACK_FORM


class PackOut(Body):
    """One scenario pack."""

    name: str
    mode: str
    description: str
    templates: list[str]


class Scenarios(Body):
    """Generated sessions that can be run."""

    data: list[PackOut]


class RunRequest(Body):
    """A session to be scored and published: a generated one by pack, seed and session, or any by its dataset id."""

    pack: str | None = Field(None, pattern=PACK_FORM, description="name of a pack")
    seed: int | None = Field(None, ge=0, le=1_000_000)
    session: date | None = Field(None, description="an exchange session")
    dataset: str | None = Field(None, pattern=DATASET_FORM, description="instead of the others: 2026-03-18|tape, 2026-03-18|demo-7")

    @model_validator(mode="after")
    def _one_way_or_the_other(self) -> Self:
        three = (self.pack, self.seed, self.session)
        if (self.dataset is None and None in three) or (self.dataset is not None and three != (None, None, None)):
            raise ValueError("a run names pack, seed and session, or a dataset alone")
        return self


class RunOut(Body):
    """One run that was asked for."""

    run_id: str
    session: date
    source: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    message: str


class Runs(Body):
    """Runs of this server, newest first."""

    data: list[RunOut]
