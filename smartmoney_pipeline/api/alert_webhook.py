"""A signed webhook that cannot be turned against the network of the server: public addresses only, by the very address that was checked."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

SECONDS = 10.0
MOST_BYTES = 4_096
Resolve = Callable[[str, int], list[str]]


class TargetError(ValueError):
    """The address may not be used; the message names the rule that it breaks, never the address."""


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's address and the one network address that requests go to."""

    parts: SplitResult
    address: str
    port: int


def resolve(host: str, port: int) -> list[str]:
    """Return the network addresses of a host. Raises `OSError` where it has none."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def checked_target(url: str, allow_hosts: Collection[str] = (), resolved: Resolve = resolve) -> Target:
    """Return a target that may be sent to. Raises `TargetError`: other schemes, credentials, any address that is not public."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise TargetError("the address cannot be read") from error
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None or parts.password is not None:
        raise TargetError("an address is http or https, with a host and without a name or password")
    try:
        found = resolved(host, port)
    except OSError as error:
        raise TargetError("the host has no address") from error
    if not found or (host not in {name.lower() for name in allow_hosts} and not all(is_public(address) for address in found)):
        raise TargetError("the host leads to an address that is not public")
    return Target(parts, found[0], port)


def is_public(address: str) -> bool:
    """Whether an address lies in the public network, looked at through the forms that hide another address in it."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature of a message: HMAC-SHA256 over the timestamp, a dot and the body, in hex."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(target: Target, body: bytes, headers: dict[str, str]) -> int:
    """Send a body and return the status; redirects are not followed. Raises `OSError` where nobody answers in time."""
    connection = _connection(target)
    path = (target.parts.path or "/") + (f"?{target.parts.query}" if target.parts.query else "")
    try:
        connection.request("POST", path, body, headers | {"content-type": "application/json", "user-agent": "smartmoney"})
        answer = connection.getresponse()
        answer.read(MOST_BYTES)
        return answer.status
    except http.client.HTTPException as error:
        raise OSError("the answer cannot be read") from error
    finally:
        connection.close()


def _connection(target: Target) -> http.client.HTTPConnection:
    """A connection that carries the host's name, for the certificate too, but goes to the address that was checked."""
    host = target.parts.hostname or ""
    connection = http.client.HTTPConnection(host, target.port, timeout=SECONDS)
    plain = socket.create_connection((target.address, target.port), SECONDS)
    secure = target.parts.scheme == "https"
    connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
    return connection
