"""The one place of the library that talks to the network: GET with time-outs, retries, a pause between calls and a disk cache.

Clock, pause and transport are handed in, so that nothing here reads the time of day and tests need no network.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartmoney_pipeline.calendar.providers.errors import ProviderError

if TYPE_CHECKING:
    import httpx

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_SECRETS = frozenset({"apikey", "api_key", "token", "key"})
_MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """How patient a client is. Seconds; `pause` lies between two calls; `fresh` is how long an answer of the cache serves."""

    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    attempts: int = 4
    first_wait: float = 1.0
    longest_wait: float = 60.0
    pause: float = 0.25
    fresh: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer and when it was retrieved (UTC): from then on it was known here, and no earlier."""

    text: str
    retrieved_at: datetime
    from_cache: bool = False


@dataclass
class HttpClient:
    """GET for one provider. `now` gives the time in UTC, `sleep` waits; `transport` replaces the network in tests."""

    name: str
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    cache: Path | None = None
    policy: HttpPolicy = field(default_factory=HttpPolicy)
    transport: httpx.BaseTransport | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    _last: datetime | None = None

    def get(self, url: str, params: Mapping[str, str] | None = None) -> Answer:
        """Return the answer of a call, or the cached one while it is fresh. Raises `ProviderError` when all attempts failed."""
        place = self._place(url, params or {})
        cached = _read_cache(place)
        if cached is not None and timedelta(0) <= self.now() - cached.retrieved_at < self.policy.fresh:
            return cached
        answer = self._fetch(url, dict(params or {}))
        if place is not None:
            _write_cache(place, answer)
        return answer

    def _fetch(self, url: str, params: dict[str, str]) -> Answer:
        import httpx  # noqa: PLC0415  only where a provider is asked

        timeout = httpx.Timeout(self.policy.read_timeout, connect=self.policy.connect_timeout)
        fault = "was not asked"
        options: dict[str, Any] = {"timeout": timeout, "transport": self.transport, "headers": dict(self.headers), "follow_redirects": True}
        with httpx.Client(**options) as client:
            for attempt in range(self.policy.attempts):
                self._keep_pace()
                wait = min(self.policy.first_wait * 2**attempt, self.policy.longest_wait)
                try:
                    response = client.get(url, params=params)
                except httpx.TimeoutException:
                    fault = "gave no answer in time"
                except httpx.HTTPError as error:
                    fault = f"cannot be reached: {type(error).__name__}"
                else:
                    if response.status_code not in RETRIED:
                        return self._answer(response)
                    fault = "limits the number of calls (status 429)" if response.status_code == 429 else f"answers {response.status_code}"
                    wait = _asked_wait(response.headers.get("retry-after"), wait, self.policy.longest_wait)
                if attempt + 1 < self.policy.attempts:
                    self.sleep(wait)
        raise ProviderError(f"{self.name} {fault}, after {self.policy.attempts} attempts")

    def _answer(self, response: httpx.Response) -> Answer:
        if response.status_code in {401, 403}:
            raise ProviderError(f"{self.name} refuses the call (status {response.status_code}): check the key")
        if response.status_code != 200:
            raise ProviderError(f"{self.name} answers {response.status_code}")
        if len(response.content) > _MAX_BYTES:
            raise ProviderError(f"{self.name} sends {len(response.content)} bytes, more than a calendar can hold")
        return Answer(response.text, self.now())

    def _keep_pace(self) -> None:
        if self._last is not None:
            rest = self.policy.pause - (self.now() - self._last).total_seconds()
            if rest > 0:
                self.sleep(rest)
        self._last = self.now()

    def _place(self, url: str, params: Mapping[str, str]) -> Path | None:
        """Where the answer is cached; keys are left out, so that no name on disk depends on a secret."""
        if self.cache is None:
            return None
        shown = sorted((name, value) for name, value in params.items() if name.lower() not in _SECRETS)
        digest = hashlib.sha256(json.dumps([url, shown]).encode()).hexdigest()[:32]
        return self.cache / f"{self.name}-{digest}.json"


def _asked_wait(header: str | None, own: float, longest: float) -> float:
    """Seconds to wait: what the provider asks for, within reason."""
    try:
        return min(max(float(header), own), longest) if header else own
    except ValueError:
        return own


def _read_cache(place: Path | None) -> Answer | None:
    if place is None or not place.is_file():
        return None
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
        return Answer(kept["text"], datetime.fromisoformat(kept["retrieved_at"]), from_cache=True)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_cache(place: Path, answer: Answer) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    hidden = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    hidden.write_text(json.dumps({"retrieved_at": answer.retrieved_at.isoformat(), "text": answer.text}), encoding="utf-8")
    hidden.replace(place)


def required_key(variable: str, environment: Mapping[str, str]) -> str:
    """Return a key out of the environment. Raises `ProviderError` that names the variable where it is not set."""
    key = environment.get(variable, "").strip()
    if not key:
        raise ProviderError(f"the key {variable} is not set in the environment")
    return key
