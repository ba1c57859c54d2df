"""When to try a service that may be gone, and when to leave it alone."""

from __future__ import annotations

import threading

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0


class Breaker:
    """After a failure nobody tries for 0.5 s, after the next for 1 s, and so on up to 30 s.

    When a pause is over one caller tries; the others go on doing without until it worked. Times are seconds of any
    clock that does not go back. Safe for many threads.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._failures = 0
        self._next_try_s = 0.0
        self._is_trying = False

    @property
    def is_broken(self) -> bool:
        """Whether the last try failed."""
        return self._failures > 0

    def may_try(self, now_s: float) -> bool:
        """Whether the caller should try. He must then tell of it: `worked` or `failed`."""
        if not self._failures:
            return True
        with self._guard:
            if now_s < self._next_try_s:
                return False
            self._is_trying, self._next_try_s = True, now_s + self._pause_s()
            return True

    def worked(self) -> None:
        if self._failures:
            with self._guard:
                self._failures, self._is_trying = 0, False

    def failed(self, now_s: float) -> bool:
        """Whether it is the first failure after things went well: the one to tell of."""
        with self._guard:
            # Callers that were under way together fail together: that is one failure.
            if self._failures and not self._is_trying:
                return False
            self._failures, self._is_trying = self._failures + 1, False
            self._next_try_s = now_s + self._pause_s()
            return self._failures == 1

    def _pause_s(self) -> float:
        return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(max(self._failures, 1) - 1, 10))
