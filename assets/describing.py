"""What every asset says of itself: group, kinds, owner, code version and columns, from one place."""

from typing import Any, get_args

import dagster as dg
import pandera.pandas as pa
from pydantic import BaseModel

from assets.column_lineage import column_lineage, in_words
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


def fields_schema(contract: type[BaseModel]) -> dg.TableSchema:
    """Columns panel of a JSON file, from the contract that reads it."""
    fields = contract.model_fields.items()
    return dg.TableSchema([dg.TableColumn(name, _words(field.annotation), description=field.description) for name, field in fields])


def with_origins(name: str, schema: dg.TableSchema) -> dg.TableSchema:
    """Say below the meaning of each column what it is made from: the free interface draws no lineage of columns."""
    said = [(column, in_words(name, column.name)) for column in schema.columns]
    columns = [
        dg.TableColumn(
            one.name, one.type, description=f"{one.description}\n\n{origin}" if origin else one.description, constraints=one.constraints
        )
        for one, origin in said
    ]
    return dg.TableSchema(columns, constraints=schema.constraints)


def _words(kind: Any) -> str:
    return str(kind) if get_args(kind) else str(getattr(kind, "__name__", kind))


def described(name: str, group: str, description: str, schema: dg.TableSchema, *kinds: str) -> dict[str, Any]:
    """Arguments of an asset, shared by all: partitions, group, kinds, owner, code version, columns and what each of them is made from."""
    return {
        "name": name,
        "group_name": group,
        "description": description,
        "kinds": {*(kinds or ("python", "parquet"))},
        "owners": [OWNER],
        "code_version": __version__,
        "metadata": {"dagster/column_schema": with_origins(name, schema), **column_lineage(name)},
        "partitions_def": session_source,
        "backfill_policy": batches,
    }


def table_spec(name: str, group: str, description: str, model: type[pa.DataFrameModel]) -> dg.AssetOut:
    """Output of a multi-asset with the same words as `described`; partitions and backfills belong to the multi-asset."""
    said = described(name, group, description, table_schema(model))
    for of_the_whole in ("name", "partitions_def", "backfill_policy"):
        said.pop(of_the_whole)
    return dg.AssetOut(key=name, **said)
