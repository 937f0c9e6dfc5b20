"""How often one caller may ask, where the server asks for a login. Counted in this process's memory."""

from __future__ import annotations

import ipaddress
import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING

from modellab.errors import TooManyRequests

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.storage import MemoryStorage
    from limits.strategies import FixedWindowRateLimiter

WINDOW_S = 15 * 60
"""The time in which requests and uploads of unknown callers are counted."""
KNOWN_PER_MINUTE = 6000
"""Requests that one key, or one user's sessions together, may make in a minute."""
LOGIN_WAITS = ((5, 60), (10, 15 * 60), (20, 3600))
"""Failed logins under one name, and the seconds within which no more than these are let through."""
ADDRESS_LOGIN_WAITS = ((10, 60), (20, 15 * 60), (50, 3600))
"""The same for one address, whatever the names."""
MAX_COUNTED = 20_000
"""Callers counted one by one; more than these at a time share one count, so that memory stays bounded."""


class Throttle:
    """Counts requests, uploads and failed logins; raises `TooManyRequests` where there are too many."""

    def __init__(self, *, requests: int, uploads: int) -> None:
        self._requests = requests
        self._uploads = uploads
        self._lock = threading.Lock()

    def count_unknown(self, address: str, *, is_upload: bool) -> None:
        """Count a request of somebody without key or session."""
        self._count("request", address, self._requests, WINDOW_S)
        if is_upload:
            self._count("upload", address, self._uploads, WINDOW_S)

    def count_known(self, caller: str) -> None:
        """Count a request with a key or in a session."""
        self._count("known", caller, KNOWN_PER_MINUTE, 60)

    def count_login(self, name: str, address: str) -> None:
        """Count a login as failed, until `forgive` is called. Those that are refused here do not count."""
        wanted = [("name", name, *level) for level in LOGIN_WAITS]
        wanted += [("login", address, *level) for level in ADDRESS_LOGIN_WAITS]
        with self._lock:
            items = [
                (self._item(amount, seconds), what, self._bucket(who))
                for what, who, amount, seconds in wanted
            ]
            full = [each for each in items if not self._limiter.test(*each)]
            if full:
                wait = max(self._wait_s(*each) for each in full)
                raise TooManyRequests(
                    "Too many logins have failed; this one was not tried.",
                    hint=f"Wait {wait} s. API keys and sessions that are open still work.",
                    retry_after_s=wait,
                )
            for each in items:
                self._limiter.hit(*each)

    def forgive(self, name: str, address: str) -> None:
        """Forget the failed logins under a name, after one that was right, which does not count itself."""
        with self._lock:
            for amount, seconds in LOGIN_WAITS:
                self._limiter.clear(self._item(amount, seconds), "name", self._bucket(name))
            for amount, seconds in ADDRESS_LOGIN_WAITS:
                self._storage.decr(self._item(amount, seconds).key_for("login", self._bucket(address)))

    def _count(self, what: str, who: str, amount: int, seconds: int) -> None:
        each = (self._item(amount, seconds), what, self._bucket(who))
        with self._lock:
            if self._limiter.hit(*each):
                return
            wait = self._wait_s(*each)
        more = (
            "" if what == "known" else f", or use an API key: those may ask {KNOWN_PER_MINUTE} times a minute"
        )
        raise TooManyRequests(
            f"More than {amount} {'uploads' if what == 'upload' else 'requests'} in {seconds} s.",
            hint=f"Wait {wait} s{more}.",
            retry_after_s=wait,
        )

    def _wait_s(self, item: RateLimitItem, what: str, who: str) -> int:
        return max(1, round(self._limiter.get_window_stats(item, what, who).reset_time - time.time() + 0.5))

    def _item(self, amount: int, seconds: int) -> RateLimitItem:
        from limits import RateLimitItemPerSecond

        return RateLimitItemPerSecond(amount, seconds)

    def _bucket(self, who: str) -> str:
        counted = self._storage.storage
        return who if len(counted) < MAX_COUNTED else "others"

    @cached_property
    def _limiter(self) -> FixedWindowRateLimiter:
        from limits.strategies import FixedWindowRateLimiter

        return FixedWindowRateLimiter(self._storage)

    @cached_property
    def _storage(self) -> MemoryStorage:
        from limits.storage import MemoryStorage  # late: only where a login is asked for

        return MemoryStorage()


def read_address(client: tuple[str, int] | None) -> str:
    """Whom a request is counted to: an IPv4 address, or the network (/64) that an IPv6 one lies in."""
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
