"""What can go wrong with a language model, by who must act.

    Unavailable
    └── ModelFailed           the provider or the way to it; feedback is written from templates meanwhile
        ├── RateLimited          asked too often; ``retry_after_s`` says when to come back, where the provider does
        ├── QuotaUsedUp          the account has no money or quota left
        ├── ModelBusy            overloaded or down for the moment; it did not begin
        ├── ModelBroke           an error of the provider's own
        ├── ModelUnreachable     no connection: a wrong address, no network
        ├── ModelOutOfTime       no answer in the time set
        ├── AnswerCut            the connection broke within the answer
        ├── AnswerTooLong        the model came to its limit of words before it was done
        ├── AnswerMalformed      an answer that is not what was asked for
        ├── NotAnAnswer          what came back is no answer of this kind of provider: a page, a redirection
        ├── AnswerRefused        the model or a filter would not answer
        └── BudgetUsedUp         it would go over a limit of this installation; nothing was sent
    SetupError
    └── ModelSetupWrong       mend the settings
        ├── KeyRefused           no key, a wrong one, or one that may not use the model
        ├── ModelUnknown         the provider has no such model, or none at this address
        ├── RequestRefused       the provider does not take the request as it is
        └── PriceUnknown         nobody said what the model costs, so no limit could be kept

Their messages hold no text of the provider: an answer to a wrong key may repeat the key.
"""

from __future__ import annotations

from enum import StrEnum

from sightline.errors import SetupError, Unavailable


class Charge(StrEnum):
    """Whether a failed request may cost money."""

    NONE = "none"
    """The provider did not begin, or says so."""
    UNKNOWN = "unknown"
    """It was sent, and nobody knows how far it came: counted as if it had come to its end."""


class ModelFailed(Unavailable):
    charge: Charge = Charge.NONE
    tokens: tuple[int, int] | None = None
    """Tokens in and out, where the provider told them nevertheless."""


class RateLimited(ModelFailed):
    def __init__(self, key: str, /, *, retry_after_s: float | None, **fields: object) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(key, **fields)


class QuotaUsedUp(ModelFailed):
    pass


class ModelBusy(ModelFailed):
    pass


class ModelBroke(ModelFailed):
    charge = Charge.UNKNOWN


class ModelUnreachable(ModelFailed):
    pass


class ModelOutOfTime(ModelFailed):
    charge = Charge.UNKNOWN


class AnswerCut(ModelFailed):
    charge = Charge.UNKNOWN


class AnswerTooLong(ModelFailed):
    charge = Charge.UNKNOWN


class AnswerMalformed(ModelFailed):
    charge = Charge.UNKNOWN


class NotAnAnswer(ModelFailed):
    charge = Charge.UNKNOWN


class AnswerRefused(ModelFailed):
    charge = Charge.UNKNOWN


class BudgetUsedUp(ModelFailed):
    pass


class ModelSetupWrong(SetupError):
    charge: Charge = Charge.NONE


class KeyRefused(ModelSetupWrong):
    pass


class ModelUnknown(ModelSetupWrong):
    pass


class RequestRefused(ModelSetupWrong):
    pass


class PriceUnknown(ModelSetupWrong):
    pass
