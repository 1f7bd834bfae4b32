"""What was read of the base, kept for as long as the base stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by key, read at one revision of the base; another revision empties it. Thread-safe.

    A key that the base does not hold is remembered too. `capacity`: keys kept; one more empties it.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._revision = ""
        self._values: dict[str, T | None] = {}
        self._lock = Lock()

    def get(
        self, revision: str, wanted: Iterable[str], read: Callable[[list[str]], Mapping[str, T]]
    ) -> dict[str, T]:
        """The values of `wanted` at `revision`, in that order, absent ones left out. `read` is asked, in the
        transaction that gave the revision, for those that are not remembered."""
        with self._lock:
            if revision != self._revision or len(self._values) > self._capacity:
                self._values, self._revision = {}, revision
            held = self._values
        missing = [key for key in wanted if key not in held]
        if missing:
            found = read(missing)
            # Into the values of that revision, whatever another thread has begun to remember since.
            held.update({key: found.get(key) for key in missing})
        return {key: value for key in wanted if (value := held[key]) is not None}
