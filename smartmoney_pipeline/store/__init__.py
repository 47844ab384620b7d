"""The lake: one Parquet file per table, session, source and bucket, written whole or not at all; manifests; readers."""
