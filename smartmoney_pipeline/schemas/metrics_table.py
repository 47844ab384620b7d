"""The metrics table that evaluation writes."""

import numpy as np
import pandera.pandas as pa

from smartmoney_pipeline.schemas.input_tables import Price, Text
from smartmoney_pipeline.schemas.table_fields import SCORED_CLASSES


class EvaluationMetrics(pa.DataFrameModel):
    """One figure a row. A figure without cases behind it is null, never 0."""

    metric: Text = pa.Field(description="name of the figure")
    profile: Text = pa.Field(nullable=True, isin=list(SCORED_CLASSES), description="profile that it is about; null for all")
    value: Price = pa.Field(nullable=True, description="the figure; null where there is no case behind it")
    n: np.int64 = pa.Field(ge=0, description="cases behind the figure")
