"""`/v1/profiles`, `/v1/rules`, `/v1/models`, `/v1/codes`: what the scores mean, from the packaged tables."""

from __future__ import annotations

import math
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Path

from smartmoney_pipeline.api.problems import not_found, responses
from smartmoney_pipeline.api.reference_models import Codes, GuardOut, ModelOut, Models, ProfileOut, Profiles, RuleOut, Rules, SourceOut
from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.profiles import calibration
from smartmoney_pipeline.profiles.conditions import describe
from smartmoney_pipeline.profiles.rules import TABLES
from smartmoney_pipeline.profiles.rules.priors import NONE_PRIOR, log_priors
from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.profiles.vocabulary import CLASSES, Family
from smartmoney_pipeline.schemas.codes import ProfileId
from smartmoney_pipeline.schemas.sentences import ABSTENTION

router = APIRouter(prefix="/v1", tags=["reference"])


@router.get("/profiles", responses=responses())
async def profiles() -> Profiles:
    """Return the six profiles and the background class, in the order of every score array."""
    by_name = {table.profile: table for table in TABLES}
    priors = dict(zip(CLASSES, log_priors(NONE_PRIOR).tolist(), strict=True))
    data = [
        ProfileOut(
            profile_id=name,
            summary=by_name[name].summary,
            prior=math.exp(priors[name]),
            evidence=len(by_name[name].evidence),
            guards=len(by_name[name].guards),
        )
        for name in CLASSES
    ]
    return Profiles(ruleset_version=ruleset().version, data=data)


@router.get("/rules", responses=responses())
async def rules() -> Rules:
    """Return every row of evidence and every guard in force, with weights, grades and sources."""
    found = ruleset()
    evidence = [
        RuleOut(
            profile=CLASSES[int(found.profile_of[place])],
            code=row.code,
            family=row.family,
            when=[describe(condition) for condition in row.when],
            weight=row.weight,
            grade=row.grade,
            source=row.source,
            because=row.because,
            confusable=row.confusable or None,
            guard=row.guard or None,
        )
        for place, row in enumerate(found.evidence)
    ]
    guards = [
        GuardOut(
            code=guard.code,
            effect=guard.effect,
            when=[describe(condition) for condition in guard.when],
            profiles=[str(profile) for profile in guard.profiles],
            because=guard.because,
            source=guard.source,
            reason=guard.reason,
        )
        for guard in found.guards
    ]
    cited = sorted({row.source for row in evidence} | {guard.source for guard in guards})
    sources = {key: SourceOut(title=SOURCES[key].title, where=SOURCES[key].where, checked=SOURCES[key].checked) for key in cited}
    return Rules(ruleset_version=found.version, evidence=evidence, guards=guards, sources=sources)


@router.get("/models", responses=responses())
async def models() -> Models:
    """Return the calibrations of this installation, each with the figures of its fit."""
    return Models(data=[_model(version) for version in _versions()])


@router.get("/models/{version}", responses=responses(404))
async def model(version: Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]) -> ModelOut:
    """Return one calibration."""
    if version not in _versions():
        raise not_found("there is no calibration of that version")
    return _model(version)


@router.get("/codes", responses=responses())
async def codes() -> Codes:
    """Return reason codes, guards and reasons to abstain in words."""
    found = ruleset()
    sentences = {row.code: row.because for row in found.evidence} | {guard.code: guard.because for guard in found.guards}
    return Codes(abstention_reasons=dict(ABSTENTION), reasons=sentences, profiles=list(ProfileId))


def _versions() -> list[str]:
    files = resources.files(calibration.__package__ or calibration.__name__)
    return sorted(file.name.removesuffix(".json") for file in files.iterdir() if file.name.endswith(".json"))


def _model(version: str) -> ModelOut:
    found = calibration.load(version)
    return ModelOut(
        version=found.version,
        ruleset=found.ruleset,
        in_use=found.version == calibration.load().version,
        label_basis=found.basis,
        n=found.n,
        sources=list(found.sources),
        data_hash=found.data_hash,
        temperature=found.temperature,
        biases=dict(zip(CLASSES, found.biases, strict=True)),
        slopes=dict(zip((str(family) for family in Family), found.slopes, strict=True)),
        metrics=dict(found.metrics),
    )
