"""What a server reads before anybody asks: the newest session, a page of it and the rules. The first reader would wait for it else."""

from __future__ import annotations

import logging

import numpy as np

from smartmoney_pipeline.api.catalog import Catalog
from smartmoney_pipeline.api.details import event_at, explained
from smartmoney_pipeline.api.problems import ProblemError
from smartmoney_pipeline.store.errors import StoreError

LOG = logging.getLogger(__name__)
PAGE = 1_000


def warm(catalog: Catalog) -> None:
    """Read the newest session, if there is one; what cannot be read is left to those who ask for it, who are told why."""
    try:
        if not catalog.keys():
            return
        view = catalog.chosen(None, None)
        rows = np.arange(min(PAGE, len(view.index)))
        view.events_json(rows)
        if len(rows):
            explained(view, event_at(view, 0))
    except (ProblemError, StoreError):
        LOG.warning("the newest session cannot be read")
