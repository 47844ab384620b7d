"""The page `docs/features.md`, made from the registry."""

from itertools import groupby

from smartmoney_pipeline.features.build import FAMILIES
from smartmoney_pipeline.features.registry import REGISTRY, Feature
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES

_HEAD = """# Features of a parent event

Generated from the feature registry; a test fails where this page and the code differ. Null means unknown, never 0. Every feature
uses prints of the event up to its last, and market state from before its first print. Sums over contracts with greeks are null
where contracts without greeks hold more than a tenth of the size. Sources: `smartmoney_pipeline/citations.py`.
"""


def render() -> str:
    """Return the page as Markdown, families and features in the order of `EventFeatures`."""
    sections = [_HEAD]
    features = [REGISTRY[name] for name in FEATURE_NAMES]
    for family, members in groupby(features, key=lambda feature: feature.family):
        sections.append(_section(family, list(members)))
    return "\n".join(sections)


def _section(family: str, members: list[Feature]) -> str:
    rows = [f"| `{f.name}` | {f.unit} | {f.description} | {_cell(f.formula)} | {f.source} |" for f in members]
    head = ["| feature | unit | meaning | formula | source |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([f"## {family.replace('_', ' ')}", "", _purpose(family), "", *head, *rows, ""])


def _purpose(family: str) -> str:
    module = next(module for module in FAMILIES if module.__name__.endswith(f".{family}"))
    return str(module.__doc__).strip()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
