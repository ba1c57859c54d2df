"""The words for what data holds, and the policies people may be analysed under."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict

from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.service.access import Right, require
from sightline.service.policies import policies_here
from sightline.service.vocabulary import vocabulary
from sightline.text import Language

router = APIRouter(tags=["words"], responses=RESPONSES)
KEPT_S = 3600


class WordsView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"language": "en", "version": "5f3a0c1d2e4b6a79", "words": {"kind.black": "Black"}}
        }
    )

    language: Language
    version: str
    """Another for other words; the ``ETag`` as well."""
    words: dict[str, str]
    """By key: ``kind.<kind>``, ``check.<id>.title`` … ; some hold ``{fields}``."""


class PolicyView(BaseModel):
    """A purpose people may be analysed for, and what goes with it."""

    id: str
    name: dict[Language, str]
    meaning: dict[Language, str]
    needs_consent: bool
    """Whether a consent record has to be there before anything is measured."""
    denies: list[str]
    """``emotion``: the model is never opened; ``cues``: none are given; ``overall``: no score over all."""


class PoliciesView(BaseModel):
    items: list[PolicyView]


@router.get(
    "/words/{language}",
    response_model=WordsView,
    responses={304: {"description": "As when they were asked for before"}},
)
def get_words(
    language: Language,
    actor: CurrentActor,
    response: Response,
    if_none_match: Annotated[str, Header(max_length=1000)] = "",
) -> WordsView | Response:
    """What kinds of events, checks, metrics, signals and everything else data names are called, in a language."""
    require(actor, Right.VIEW)
    found = vocabulary(language)
    headers = {"ETag": f'"{found.version}"', "Cache-Control": f"private, max-age={KEPT_S}"}
    if found.version in if_none_match:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return WordsView(language=language, version=found.version, words=dict(found.words))


@router.get("/policies")
def list_policies(request: Request, actor: CurrentActor) -> PoliciesView:
    """Those an interview may be asked for under here."""
    require(actor, Right.WHO_AM_I)
    found = policies_here(platform_of(request).installation.current().interview_policies)
    return PoliciesView(items=[PolicyView.model_validate(asdict(policy)) for policy in found])
