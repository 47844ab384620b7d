"""Dagster assets, checks and jobs: each reads, calls one library function, and returns with metadata. No domain code here."""

import warnings

import dagster as dg

# Two features that are used on purpose and tested: a user can do nothing about what Dagster says of them on every import.
warnings.filterwarnings("ignore", "Parameter `backfill_policy`", dg.BetaWarning)
warnings.filterwarnings("ignore", "Specifying a partitions_def on an AssetCheckSpec", dg.PreviewWarning)
