"""Rate limits: token buckets in memory, bounded in number."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol


class RateLimiter(Protocol):
    """Counts what each key does; the store behind may be shared between several fronts."""

    def wait(self, key: str) -> float:
        """Count one use by `key`: 0 when allowed, else the seconds until it would be."""
        ...


class MemoryRateLimiter:
    """`per_minute` uses a minute for each key, of which as many may come at once.

    Keeps the `capacity` keys last seen; a forgotten key starts afresh.
    """

    def __init__(
        self, per_minute: int, *, capacity: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = float(per_minute)
        self._refill = per_minute / 60.0
        self._capacity = capacity
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key → tokens left, when

    def wait(self, key: str) -> float:
        """Count one use by `key`: 0 when allowed, else the seconds until it would be."""
        now = self._clock()
        left, then = self._buckets.pop(key, (self._size, now))
        left = min(self._size, left + (now - then) * self._refill)
        wait = 0.0 if left >= 1.0 else (1.0 - left) / self._refill
        self._buckets[key] = (left if wait else left - 1.0, now)
        if len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)
        return wait


def client_key(remote: str | None, forwarded_for: str, proxies: int) -> str:
    """What identifies a client for rate limits.

    `remote` is the address of the connection, `forwarded_for` the `X-Forwarded-For` header, of which only
    the entry written by the outermost of the `proxies` trusted servers is believed. An IPv6 client
    commonly holds a whole /64, hence counted as one.
    """
    address = remote or ""
    if proxies:
        hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
        if hops:
            address = hops[-min(proxies, len(hops))]
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
