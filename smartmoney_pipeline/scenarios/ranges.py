"""Ranges to draw from, as templates declare them: ordered pairs, checked for what they mean."""

from typing import Annotated

from pydantic import AfterValidator

Pair = tuple[float, float]


def _ordered(bounds: Pair) -> Pair:
    if bounds[0] > bounds[1]:
        raise ValueError(f"low end {bounds[0]:g} is above high end {bounds[1]:g}")
    return bounds


def _not_negative(bounds: Pair) -> Pair:
    if bounds[0] < 0:
        raise ValueError(f"low end {bounds[0]:g} is below 0")
    return bounds


def _positive(bounds: Pair) -> Pair:
    if bounds[0] <= 0:
        raise ValueError(f"low end {bounds[0]:g} is not above 0")
    return bounds


def _share(bounds: Pair) -> Pair:
    if bounds[0] < 0 or bounds[1] > 1:
        raise ValueError(f"[{bounds[0]:g}, {bounds[1]:g}] is not within 0 to 1")
    return bounds


def _whole(bounds: Pair) -> Pair:
    if any(end != int(end) for end in bounds):
        raise ValueError(f"[{bounds[0]:g}, {bounds[1]:g}] are not whole numbers")
    return bounds


Bounds = Annotated[Pair, AfterValidator(_ordered)]
"""A range [low, high]."""
Above = Annotated[Bounds, AfterValidator(_positive)]
"""A range of positive numbers, drawn uniformly in the logarithm where it spans decades."""
Share = Annotated[Bounds, AfterValidator(_share)]
"""A range within 0 to 1."""
Span = Annotated[Bounds, AfterValidator(_not_negative)]
"""A range that may begin at 0."""
Count = Annotated[Bounds, AfterValidator(_positive), AfterValidator(_whole)]
"""A range of whole numbers from 1 on."""
Number = Annotated[Bounds, AfterValidator(_not_negative), AfterValidator(_whole)]
"""A range of whole numbers from 0 on."""
