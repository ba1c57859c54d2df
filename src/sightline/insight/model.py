"""Asking language models through pydantic-ai: the only place that imports it.

One call is one request: neither pydantic-ai nor the providers' own clients try again by themselves, because every
request is reserved from the budget first. Redirections are not followed, since a key would go along. Nothing is traced.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sightline.errors import PartMissing
from sightline.insight.endpoint import Answer, Asker, Endpoint, Provider, Question, Turn
from sightline.insight.failures import (
    AnswerCut,
    AnswerMalformed,
    AnswerRefused,
    AnswerTooLong,
    KeyRefused,
    ModelBroke,
    ModelBusy,
    ModelFailed,
    ModelOutOfTime,
    ModelSetupWrong,
    ModelUnknown,
    ModelUnreachable,
    NotAnAnswer,
    QuotaUsedUp,
    RateLimited,
    RequestRefused,
)
from sightline.insight.prices import Usage
from sightline.insight.reply import Reply

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters

TOOL = "give_feedback"
NO_KEY = "none"
"""What a server that wants no key is told, as the client insists on one."""
CREDENTIALS = frozenset({"authorization", "x-api-key", "x-goog-api-key"})
HEADERS = frozenset(
    {"accept", "accept-encoding", "anthropic-beta", "anthropic-version", "connection", "content-length", "content-type",
     "host", "transfer-encoding", "user-agent"}
)  # fmt: skip
CONNECT_S = 10.0
"""A server that does not even take the connection is given up sooner than one that thinks."""
_FENCED = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)
Failure = ModelFailed | ModelSetupWrong


def pydantic_asker(endpoint: Endpoint) -> Asker:
    """Asks the model of ``endpoint``. Sends nothing yet. Raises `PartMissing` without the extra ``insight``."""
    try:
        import pydantic_ai  # noqa: F401
    except ImportError as error:
        raise PartMissing("insight.part_missing") from error
    return _PydanticAsker(endpoint)


@dataclass(frozen=True)
class _PydanticAsker:
    endpoint: Endpoint

    def ask(self, question: Question) -> Answer:
        """Not to be called from within a running event loop."""
        response = asyncio.run(self._request(question))
        return _answer(response, self.endpoint)

    async def _request(self, question: Question) -> ModelResponse:
        import httpx2
        from pydantic_ai.direct import model_request

        # The whole request has a limit of its own, in `_translated`; this one only ends a silence.
        timeout = httpx2.Timeout(self.endpoint.timeout_s + 1, connect=min(CONNECT_S, self.endpoint.timeout_s))
        hooks = {"request": [_only_ours(self.endpoint)]}
        async with httpx2.AsyncClient(timeout=timeout, follow_redirects=False, event_hooks=hooks) as client:

            async def request(model: Model[Any]) -> ModelResponse:
                return await model_request(
                    model,
                    _messages(question),
                    model_settings=_settings(model, question),
                    model_request_parameters=_parameters(),
                    instrument=False,
                )

            return await _translated(lambda: _model(self.endpoint, client), request, self.endpoint)


def _only_ours(endpoint: Endpoint) -> Callable[[httpx2.Request], Awaitable[None]]:
    """Leaves of a request's headers those the protocol needs.

    The providers' clients add others of their own accord: what machine this is, and tokens, organisations and headers
    they find in the environment.
    """

    key = endpoint.key or NO_KEY

    async def clean(request: httpx2.Request) -> None:
        for name, value in list(request.headers.items()):
            if name not in HEADERS and not (name in CREDENTIALS and key in value):
                del request.headers[name]

    return clean


async def _translated(
    made: Callable[[], Model[Any]], request: Callable[[Model[Any]], Awaitable[ModelResponse]], endpoint: Endpoint
) -> ModelResponse:
    """What ``request`` gives. Raises one of our errors in place of any other.

    The new error stands alone: neither as cause nor as context does it carry the provider's words. Loading a provider's
    client takes seconds the first time and is not counted.
    """
    failure: Failure
    try:
        model = made()
        async with asyncio.timeout(endpoint.timeout_s):
            return await request(model)
    except TimeoutError:
        failure = ModelOutOfTime("insight.failed.out_of_time", model=endpoint.name, seconds=f"{endpoint.timeout_s:g}")
    except Exception as error:  # noqa: BLE001  (clients of three providers raise what they like at an odd answer)
        failure = _failure(error, endpoint)
    raise failure


def _model(endpoint: Endpoint, client: httpx2.AsyncClient) -> Model[Any]:
    match endpoint.provider:
        case Provider.ANTHROPIC:
            from anthropic import AsyncAnthropic
            from pydantic_ai.models.anthropic import AnthropicModel
            from pydantic_ai.providers.anthropic import AnthropicProvider

            anthropic = AsyncAnthropic(
                api_key=endpoint.key, base_url=endpoint.base_url or ANTHROPIC_URL, max_retries=0, http_client=client
            )
            return AnthropicModel(endpoint.model, provider=AnthropicProvider(anthropic_client=anthropic))
        case Provider.GOOGLE:
            from pydantic_ai.models.google import GoogleModel
            from pydantic_ai.providers.google import GoogleProvider

            google = GoogleProvider(api_key=endpoint.key, base_url=endpoint.base_url or GOOGLE_URL, http_client=client)
            return GoogleModel(endpoint.model, provider=google)
        case Provider.OPENAI:
            from openai import AsyncOpenAI
            from pydantic_ai.models.openai import OpenAIResponsesModel
            from pydantic_ai.providers.openai import OpenAIProvider

            openai = AsyncOpenAI(
                api_key=endpoint.key, base_url=endpoint.base_url or OPENAI_URL, max_retries=0, http_client=client
            )
            return OpenAIResponsesModel(endpoint.model, provider=OpenAIProvider(openai_client=openai))
        case Provider.OPENAI_COMPATIBLE:
            from openai import AsyncOpenAI
            from pydantic_ai.models.openai import OpenAIChatModel
            from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

            near = AsyncOpenAI(
                api_key=endpoint.key or NO_KEY, base_url=endpoint.base_url, max_retries=0, http_client=client
            )
            gateway = OpenAICompatibleProvider("gateway", openai_client=near, profile=_gateway_profile(endpoint.model))
            return OpenAIChatModel(endpoint.model, provider=gateway)


# Named here, so that variables of the environment that the clients read (OPENAI_BASE_URL) do not send a key elsewhere.
OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com"
GOOGLE_URL = "https://generativelanguage.googleapis.com"


def _messages(question: Question) -> list[ModelMessage]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    def message(turn: Turn) -> ModelMessage:
        if turn.is_model:
            return ModelResponse(parts=[TextPart(turn.text)])
        return ModelRequest(parts=[UserPromptPart(_content(turn))], instructions=question.system)

    return [message(turn) for turn in question.turns]


def _content(turn: Turn) -> Any:
    from pydantic_ai.messages import BinaryContent

    if not turn.pictures:
        return turn.text
    shown: list[Any] = [turn.text]
    for picture in turn.pictures:
        shown += [f"{float(picture.moment):.2f} s:", BinaryContent(picture.jpeg, media_type="image/jpeg")]
    return shown


def _gateway_profile(model: str) -> Any:
    """Local servers know the limit of the answer as ``max_tokens``, OpenAI's reasoning models refuse that name."""
    from pydantic_ai.profiles.openai import OpenAIModelProfile, openai_model_profile

    reasons = openai_model_profile(model.rpartition("/")[2]).get("openai_supports_reasoning")
    return OpenAIModelProfile(openai_chat_supports_max_completion_tokens=bool(reasons))


def _settings(model: Model[Any], question: Question) -> Any:
    """Of a request. Models that reason take no temperature. OpenAI is told to keep nothing."""
    profile: Mapping[str, Any] = model.profile
    settings: dict[str, Any] = {"max_tokens": question.max_output_tokens}
    if not (profile.get("anthropic_disallows_sampling_settings") or profile.get("openai_supports_reasoning")):
        settings["temperature"] = question.temperature
    if model.system == "openai":
        settings["openai_store"] = False
    return settings


def _parameters() -> ModelRequestParameters:
    """The answer as the provider does it best: a schema of its own, or a tool whose arguments are the answer."""
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition
    from pydantic_ai.tools import ToolDefinition

    schema, told = Reply.model_json_schema(), "Feedback whose every sentence cites its evidence."
    return ModelRequestParameters(
        output_mode="auto",
        output_object=OutputObjectDefinition(json_schema=schema, name=TOOL, description=told, strict=True),
        output_tools=[ToolDefinition(name=TOOL, parameters_json_schema=schema, description=told, kind="output")],
        allow_text_output=False,
    )


def _answer(response: ModelResponse, endpoint: Endpoint) -> Answer:
    """Raises `AnswerRefused`, `AnswerTooLong` and `AnswerMalformed`, with the tokens used."""
    counted = (response.usage.input_tokens, response.usage.output_tokens)
    usage = Usage(*counted) if any(counted) else None
    failure: ModelFailed | None = None
    text = _said(response)
    if response.finish_reason == "content_filter" or (response.provider_details or {}).get("refusal"):
        failure = AnswerRefused("insight.failed.refused", model=endpoint.name)
    elif response.finish_reason == "length":
        failure = AnswerTooLong("insight.failed.too_long", model=endpoint.name)
    elif response.state == "interrupted":
        failure = AnswerCut("insight.failed.cut", model=endpoint.name)
    else:
        try:
            return Answer(Reply.model_validate_json(text), text, usage)
        except ValidationError:
            failure = AnswerMalformed("insight.failed.malformed", model=endpoint.name)
    failure.tokens = None if usage is None else counted
    raise failure


def _said(response: ModelResponse) -> str:
    """JSON of the answer, whether it came as the arguments of the tool or as text."""
    from pydantic_ai.messages import TextPart, ToolCallPart

    for part in response.parts:
        if isinstance(part, ToolCallPart):
            return part.args if isinstance(part.args, str) else json.dumps(part.args or {}, ensure_ascii=False)
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    fenced = _FENCED.match(text)
    return fenced[1] if fenced else text


def _failure(error: Exception, endpoint: Endpoint) -> Failure:
    """Ours for theirs: what happened, to which model, and nothing of what the provider wrote."""
    from pydantic_ai import exceptions as theirs

    name = endpoint.name
    status = getattr(error, "status_code", None)
    match error:
        case theirs.ModelRateLimitError():
            return RateLimited("insight.failed.rate_limited", retry_after_s=error.retry_after, model=name)
        case theirs.ModelQuotaExceededError():
            return QuotaUsedUp("insight.failed.quota", model=name)
        case theirs.ModelAuthenticationError():
            return KeyRefused("insight.failed.key_refused", model=name)
        case theirs.ModelNotFoundError():
            return ModelUnknown("insight.failed.model_unknown", model=name)
        case theirs.ModelContextWindowExceededError():
            return RequestRefused("insight.failed.request_too_long", model=name)
        case theirs.ModelUnavailableError():
            return ModelBusy("insight.failed.busy", model=name)
        case theirs.ModelServerError():
            return ModelBroke("insight.failed.broke", model=name, status=status or "-")
        case theirs.ModelTimeoutError():
            return ModelOutOfTime("insight.failed.out_of_time", model=name, seconds=f"{endpoint.timeout_s:g}")
        case theirs.ModelConnectionError(phase="connect" | "pool"):
            return ModelUnreachable("insight.failed.unreachable", model=name)
        case theirs.ModelConnectionError():
            return AnswerCut("insight.failed.cut", model=name)
        case theirs.ContentFilterError():
            return AnswerRefused("insight.failed.refused", model=name)
        case theirs.ModelHTTPError():
            return RequestRefused("insight.failed.request_refused", model=name, status=error.status_code)
        case _:
            return NotAnAnswer("insight.failed.no_answer", model=name, kind=type(error).__name__)
