"""A check of one partition, held against every partition of a run: a run over a range has one result for all of them."""

from collections.abc import Callable
from typing import Any

import dagster as dg

Checker = Callable[[str], dg.AssetCheckResult]
"""Takes a partition key, returns the result of that partition."""


def result_of_range(context: dg.AssetCheckExecutionContext, check: Checker) -> dg.AssetCheckResult:
    """Check each partition of the run. One partition gives its own result.

    A range passes where all pass. Its metadata count the partitions and name those that failed, with the facts of the first failure;
    its severity is that of the first failure.
    """
    return joined({str(key): check(str(key)) for key in context.op_execution_context.partition_keys})


def joined(results: dict[str, dg.AssetCheckResult]) -> dg.AssetCheckResult:
    """Return one result for the results of several partitions, by key."""
    if len(results) == 1:
        return next(iter(results.values()))
    failed = {key: result for key, result in results.items() if not result.passed}
    shown = next(iter((failed or results).values()))
    facts: dict[str, Any] = {"partitions": len(results), "failed": ", ".join(failed) or "none"}
    return dg.AssetCheckResult(passed=not failed, severity=shown.severity, metadata=facts | (dict(shown.metadata or {}) if failed else {}))
