"""What every asset says of itself: group, kinds, owner, code version and columns, from one place."""

from typing import Any

import dagster as dg
import pandera.pandas as pa

from assets.partitions import batches, session_source
from smartmoney_pipeline import __version__
from smartmoney_pipeline.schemas.describe import columns, row_rules

OWNER = "team:smart-money"


def table_schema(model: type[pa.DataFrameModel]) -> dg.TableSchema:
    """Columns panel of a table, from the model that validates and documents it."""
    described = [
        dg.TableColumn(
            column.name,
            column.dtype,
            description=column.description,
            constraints=dg.TableColumnConstraints(
                nullable=column.nullable,
                unique="unique" in column.constraints,
                other=[rule for rule in column.constraints if rule != "unique"],
            ),
        )
        for column in columns(model)
    ]
    return dg.TableSchema(columns=described, constraints=dg.TableConstraints(other=row_rules(model)))


def described(group: str, description: str, model: type[pa.DataFrameModel] | None = None, *kinds: str) -> dict[str, Any]:
    """Arguments of an asset, shared by all: partitions, group, kinds, owner, code version, column schema."""
    metadata = {} if model is None else {"dagster/column_schema": table_schema(model)}
    return {
        "group_name": group,
        "description": description,
        "kinds": {*(kinds or ("python", "parquet"))},
        "owners": [OWNER],
        "code_version": __version__,
        "metadata": metadata,
        "partitions_def": session_source,
        "backfill_policy": batches,
    }


def table_spec(name: str, group: str, description: str, model: type[pa.DataFrameModel]) -> dg.AssetOut:
    """Output of a multi-asset with the same words as `described`; partitions and backfills belong to the multi-asset."""
    said = described(group, description, model)
    said.pop("partitions_def")
    said.pop("backfill_policy")
    return dg.AssetOut(key=name, **said)
