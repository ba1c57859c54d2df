"""What a language model is asked to answer with: typed, and nothing but claims with their evidence."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sightline.insight.claims import Topic

MOST_CLAIMS = 40


class Moment(BaseModel):
    """A stretch of the recording."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    start_s: float = Field(description="Start in seconds of the recording.")
    end_s: float = Field(description="End in seconds of the recording, after the start.")


class ReplyClaim(BaseModel):
    """One sentence with its evidence."""

    model_config = ConfigDict(extra="forbid")

    topic: Topic = Field(description="What the sentence is for.")
    text: str = Field(description="Exactly one sentence.")
    metrics: list[str] = Field(description="Ids of the facts the sentence rests on.")
    spans: list[Moment] = Field(description="Moments the sentence rests on.")
    part: str | None = Field(description="Id of the question it is about, or null for the whole recording.")


class Reply(BaseModel):
    """The whole answer."""

    model_config = ConfigDict(extra="forbid")

    claims: Annotated[list[ReplyClaim], Field(max_length=MOST_CLAIMS)]
