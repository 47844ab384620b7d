"""A law as two tests over one function: few fixed examples in the usual run, five hundred new ones under the mark `long`."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MANY = 500


def law(few: int = 15, **drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[[int], None]]:
    """Run the function on values drawn by name: `few` that never change, or `MANY` new ones; a failure is shown at its smallest."""

    def tests_of(check: Callable[..., None]) -> Callable[[int], None]:
        @pytest.mark.parametrize("examples", [few, pytest.param(MANY, marks=pytest.mark.long)])
        def test(examples: int) -> None:
            quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]
            how = settings(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=examples < MANY,
                print_blob=True,
                suppress_health_check=quiet,
            )
            how(given(**drawn)(check))()

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return tests_of
