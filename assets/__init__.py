"""Dagster assets, checks and jobs: each reads, calls one library function, and returns with metadata. No domain code here."""
