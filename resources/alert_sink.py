"""Where alerts go: always to the log, and to a webhook where one is named. An alert that cannot be delivered never stops a run."""

import os
from collections.abc import Mapping

import dagster as dg
import httpx
from pydantic import Field

WEBHOOK = "SMARTMONEY_WEBHOOK"
TIMEOUT_S = 5.0
ATTEMPTS = 2
"""A webhook is asked twice: the second time helps where a connection was lost, more would hold up the daemon."""


def webhook_address() -> str:
    """Return the address that SMARTMONEY_WEBHOOK names, else nothing."""
    return os.environ.get(WEBHOOK, "")


class AlertSink(dg.ConfigurableResource):
    """Takes alerts. `webhook` is an http or https address that gets each alert as a JSON object; empty writes to the log alone."""

    webhook: str = Field(default_factory=webhook_address)

    def send(self, kind: str, title: str, facts: Mapping[str, str | int | float] | None = None) -> bool:
        """Tell of something that a person should look at; returns whether the webhook took it, False without one.

        Raises `ValueError` for an address that is neither http nor https.
        """
        dg.get_dagster_logger().warning("%s: %s %s", kind, title, dict(facts or {}))
        if not self.webhook:
            return False
        if not self.webhook.startswith(("http://", "https://")):
            raise ValueError("the webhook is no http or https address")
        return any(self._post({"kind": kind, "title": title, "facts": dict(facts or {})}) for _ in range(ATTEMPTS))

    def _post(self, alert: Mapping[str, object]) -> bool:
        try:
            answer = httpx.post(self.webhook, json=alert, timeout=TIMEOUT_S)
        except httpx.HTTPError as error:
            dg.get_dagster_logger().error("alert not delivered: %s", type(error).__name__)
            return False
        return answer.is_success
