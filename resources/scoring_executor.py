"""Who does the heavy pass of a run: this process, processes of this machine, or a Dask cluster. The tables are the same bytes."""

import os
from typing import Literal

import dagster as dg
import pandas as pd
from pydantic import Field

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.cut import Cut, cut_of
from smartmoney_pipeline.engine.group_buckets import group_buckets
from smartmoney_pipeline.engine.group_tables import GroupedTables, group_day
from smartmoney_pipeline.tape.layout import TapeDay

SCHEDULER = "SMARTMONEY_SCHEDULER"
Executor = Literal["serial", "pool", "dask"]


def scheduler_address() -> str:
    """Return the address that SMARTMONEY_SCHEDULER names, else nothing."""
    return os.environ.get(SCHEDULER, "")


def default_executor() -> Executor:
    """Return dask where SMARTMONEY_SCHEDULER names a scheduler, else serial."""
    return "dask" if scheduler_address() else "serial"


class ScoringExecutor(dg.ConfigurableResource):
    """How the pass over prints and quotes is cut by underlying. Results do not depend on it."""

    executor: Executor = Field(default_factory=default_executor, description="serial, pool (processes here) or dask.")
    scheduler: str = Field(default_factory=scheduler_address, description="Dask scheduler, such as tcp://host:8786; dask alone uses it.")
    processes: int = Field(default=0, ge=0, description="Processes of a pool; 0 is one a core.")
    buckets: int = Field(default=0, ge=0, description="Parts into which underlyings are cut; 0 is one pass, or the executor's own number.")

    def cut(self) -> Cut | None:
        """Return how the work is cut, None for one pass. Raises `dagster.Failure` for Dask without a scheduler."""
        scheduler = self.scheduler if self.executor == "dask" else ""
        try:
            return cut_of(self.executor, scheduler or None, self.processes or None, self.buckets or None)
        except ValueError as error:
            raise dg.Failure(str(error)) from error

    def group(self, day: TapeDay, calendar: pd.DataFrame, where: str | None = None) -> GroupedTables:
        """Run the per-print stages over the day, which workers find at the URL `where`, else in its folder.

        Raises `OSError` where the scheduler does not answer.
        """
        cut = self.cut()
        if cut is None:
            return group_day(day_context(day, calendar))
        return group_buckets(day, calendar, cut.executor, cut.buckets, where=where)
