"""The classes that evaluation counts over: the six profiles in their order, then ordinary flow."""

from smartmoney_pipeline.schemas.codes import ProfileId

PROFILES: list[str] = [profile.value for profile in ProfileId]
NONE = "none"
CLASSES: tuple[str, ...] = (*PROFILES, NONE)
