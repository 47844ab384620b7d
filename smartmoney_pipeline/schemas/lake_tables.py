"""The prints of a day in the lake layout, as the asset check sees them."""

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from smartmoney_pipeline.schemas.input_tables import Text, Timestamp


class TapePrints(pa.DataFrameModel):
    """One row per print of the current view: sorted, integer ticks, dense contract ids, sale condition and venue as ASCII codes."""

    ts: Timestamp = pa.Field(description="time of the print at the SIP")
    seq: np.int64 = pa.Field(description="feed sequence number; breaks ties of ts")
    contract_id: np.int32 = pa.Field(ge=0, description="dense id of the contract, see contracts of the same day")
    price: np.int32 = pa.Field(gt=0, description="option premium, ticks of 0.0001 USD")
    size: np.int32 = pa.Field(gt=0, description="contracts")
    venue: Series[pd.UInt8Dtype] = pa.Field(
        ge=ord("A"), le=ord("Z"), nullable=True, coerce=True, description="ASCII code of the OPRA participant letter; null unknown"
    )
    condition: np.uint8 = pa.Field(description="ASCII code of the OPRA sale condition; 32 regular, 63 unknown")
    print_id: Text = pa.Field(unique=True, description="id of the print")
