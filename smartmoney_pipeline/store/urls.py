"""Places that are named by a URL instead of a path. Light imports only: the command line asks before it does anything."""

from __future__ import annotations

import re
from pathlib import Path

SCHEME = "s3://"
_URL = re.compile(r"s3:/{1,2}([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
"""Bucket and key; a `Path` that was made of a URL lost one of its slashes."""

_FOREIGN = re.compile(r"(?:s3a?|gs|gcs|az|abfss?|wasbs?|hdfs|file|https?):/", re.IGNORECASE)
"""Schemes that someone may take for a place; a path of that name would be a folder that nobody wanted."""


def object_url(place: str | Path) -> str | None:
    """Return the URL on S3-compatible storage that `place` names, without a slash at its end; None for a path of this machine."""
    found = _URL.fullmatch(str(place))
    if found is None:
        return None
    return SCHEME + "/".join([found[1], *(part for part in (found[2] or "").split("/") if part)])


def is_foreign(place: str) -> bool:
    """Whether `place` is written as a URL, but is none of this storage."""
    return _FOREIGN.match(place) is not None and object_url(place) is None


def place_name(place: str | Path) -> str:
    """Return the name of a place as it is written: the URL, or the path."""
    return object_url(place) or str(place)
