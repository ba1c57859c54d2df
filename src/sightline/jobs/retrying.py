"""Whether a job is tried again, by the kind of error that ended its attempt. A value, not a flag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sightline.errors import (
    AccessError,
    Cancelled,
    Defect,
    InputError,
    MeasuringFailed,
    OutOfTime,
    PartMissing,
    SetupError,
    SightlineError,
    Unavailable,
)


@dataclass(frozen=True, slots=True)
class Retry:
    most: int
    """Attempts that may end like this; the last one fails the job."""
    first_s: float = 0.0
    """Before the second attempt; each later one waits ``growth`` times as long, ``longest_s`` at most."""
    growth: float = 2.0
    longest_s: float = 900.0
    is_wait: bool = False
    """The job is not to blame and spends none of its own attempts."""

    def delay_s(self, ended: int) -> float:
        """How long to wait after ``ended`` such attempts, 1 or more."""
        return float(min(self.longest_s, self.first_s * self.growth ** min(ended - 1, 64)))


NEVER = Retry(1)
RETRIES: Mapping[type[SightlineError], Retry] = {
    # The same file and the same request give the same answer.
    InputError: NEVER,
    AccessError: NEVER,
    Cancelled: NEVER,
    # 2 s, 4 s … 15 min: about a day.
    Unavailable: Retry(100, first_s=2, is_wait=True),
    # A full disk is emptied by people: 30 s, 1 min … 15 min: about six hours.
    SetupError: Retry(30, first_s=30, is_wait=True),
    PartMissing: NEVER,
    # A crash may be memory that others held. Checkpoints keep what was measured. The job's own number of attempts.
    MeasuringFailed: Retry(20, first_s=1, growth=4, longest_s=300),
    OutOfTime: Retry(2, first_s=1),
    Defect: Retry(2, first_s=1),
}


def retry_for(kind: type[SightlineError]) -> Retry:
    """That of the nearest class above ``kind`` in the tree of errors."""
    return next((RETRIES[each] for each in kind.__mro__ if each in RETRIES), NEVER)
