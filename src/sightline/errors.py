"""Everything Sightline raises on purpose, by who must act.

    SightlineError
    ├── InputError            the media or the request: choose another file, or mend it
    │   ├── MediaNotFound        no such file
    │   ├── MediaUnreadable      not media, or broken beyond opening
    │   ├── MediaEmpty           opens, but holds no picture and no sound
    │   ├── CutImpossible        a cut outside the media, or to a container that cannot hold it
    │   ├── BundleUnreadable     not a bundle, or of an unknown schema
    │   ├── ArchiveInvalid       a backup that is broken, not one of ours, or of a later version
    │   ├── TemplateInvalid      a template or waiver file says something that cannot be
    │   ├── ReportImpossible     a format that needs what this analysis does not have
    │   ├── RequestInvalid       a request that says something that cannot be
    │   ├── ChecksumMismatch     bytes that do not hash to what their sender says: send them again
    │   ├── LimitExceeded        larger, longer or more than this installation takes
    │   ├── AddressRefused       a URL that may not be fetched
    │   ├── NotFound             no such thing, or none of yours
    │   └── Conflict             what is asked does not go with what is there already
    ├── AccessError           who is asking: sign in, or ask the owner
    │   ├── NotSignedIn          nobody, an unknown secret, or one that has ended
    │   ├── NotAllowed           signed in, but the role or the token does not reach so far
    │   └── TooManyAttempts      too often; ``retry_after_s`` says when to come back
    ├── Unavailable           a service beside us (database, object store, another host): try again later
    ├── SetupError            the machine or the installation: mend it and run again
    │   ├── OutputUnwritable     a folder that cannot be written, or a full disk
    │   ├── PartMissing          an optional part is not installed
    │   └── WeightsError         a model's weights
    │       ├── WeightsMissing      not on this machine: pull them
    │       ├── WeightsRefused      bytes that do not hash to what the registry says
    │       └── WeightsDenied       the policy of this analysis does not let the model be opened
    ├── MeasuringFailed       the measuring process died (a crash in a codec, out of memory); the file is suspect
    │   └── OutOfTime            it was ended because it took longer than it may
    ├── Cancelled             somebody asked to stop
    └── Defect                a bug of ours: please report it

A message is a key of the text catalogue with its fields, so that it can be shown in Korean and English.
"""

from __future__ import annotations

from sightline.text import Message


class SightlineError(Exception):
    """Root of all errors raised on purpose. ``message`` is for people, in any language of the catalogue."""

    def __init__(self, key: str, /, **fields: object) -> None:
        self.message = Message.of(key, **fields)
        super().__init__(str(self.message))


class InputError(SightlineError):
    pass


class MediaNotFound(InputError):
    pass


class MediaUnreadable(InputError):
    pass


class MediaEmpty(InputError):
    pass


class CutImpossible(InputError):
    pass


class BundleUnreadable(InputError):
    pass


class ArchiveInvalid(InputError):
    pass


class TemplateInvalid(InputError):
    """The first mistake of a text; ``others`` are those found beside it, in the order of the text's parts."""

    others: tuple[TemplateInvalid, ...] = ()

    @property
    def every(self) -> tuple[TemplateInvalid, ...]:
        return (self, *self.others)


class ReportImpossible(InputError):
    pass


class RequestInvalid(InputError):
    pass


class ChecksumMismatch(InputError):
    pass


class LimitExceeded(InputError):
    pass


class AddressRefused(InputError):
    pass


class NotFound(InputError):
    pass


class Conflict(InputError):
    pass


class AccessError(SightlineError):
    pass


class NotSignedIn(AccessError):
    pass


class NotAllowed(AccessError):
    pass


class TooManyAttempts(AccessError):
    def __init__(self, key: str, /, *, retry_after_s: int, **fields: object) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(key, retry_after_s=retry_after_s, **fields)


class Unavailable(SightlineError):
    pass


class SetupError(SightlineError):
    pass


class OutputUnwritable(SetupError):
    pass


class PartMissing(SetupError):
    pass


class WeightsError(SetupError):
    pass


class WeightsMissing(WeightsError):
    pass


class WeightsRefused(WeightsError):
    pass


class WeightsDenied(WeightsError):
    pass


class MeasuringFailed(SightlineError):
    pass


class OutOfTime(MeasuringFailed):
    pass


class Cancelled(SightlineError):
    pass


class Defect(SightlineError):
    pass
