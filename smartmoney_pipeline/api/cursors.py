"""Opaque cursors: signed, bounded, and good for one kind of list only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from smartmoney_pipeline.api.problems import ProblemError

MAX_LENGTH = 512
TAG_BYTES = 12


class Cursors:
    """Makes and reads cursors of one server; a cursor that it did not make is refused."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, kind: str, *parts: str | int) -> str:
        """Return the cursor of a place in a list of this kind."""
        content = json.dumps(parts, separators=(",", ":"), ensure_ascii=False).encode()
        return base64.urlsafe_b64encode(self._tag(kind, content) + content).decode().rstrip("=")

    def read(self, kind: str, text: str) -> Sequence[Any]:
        """Return the parts of a cursor. Raises `ProblemError` for one that was not made here for this kind of list."""
        try:
            if len(text) > MAX_LENGTH:
                raise ValueError("too long")
            raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            tag, content = raw[:TAG_BYTES], raw[TAG_BYTES:]
            if not hmac.compare_digest(tag, self._tag(kind, content)):
                raise ValueError("not made here")
            parts: Sequence[Any] = json.loads(content)
        except (ValueError, binascii.Error) as error:
            raise ProblemError(400, "the cursor was not made by this server for this list", ["cursor"]) from error
        return parts

    def _tag(self, kind: str, content: bytes) -> bytes:
        return hmac.new(self._secret, kind.encode() + b"\0" + content, hashlib.sha256).digest()[:TAG_BYTES]
