"""What language models cost, in whole millionths of a US dollar, so that no rounding loses or makes money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import cache
from importlib import resources
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field

from sightline.insight.failures import PriceUnknown

MICROS = 1_000_000
"""In a dollar. A price in dollars for a million tokens is the same number in micro-dollars for one token."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them."""

    tokens_in: int
    tokens_out: int

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens."""

    usd_in: Decimal
    usd_out: Decimal

    def micros(self, usage: Usage) -> int:
        """Micro-dollars, rounded up: never counted cheaper than it is."""
        exact = self.usd_in * usage.tokens_in + self.usd_out * usage.tokens_out
        return int(exact.to_integral_value(rounding=ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class _Listed:
    price: Price
    later: tuple[date, Price] | None = None
    up_to_tokens: int | None = None
    """Tokens of a request the price holds for; None: any."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by provider and model."""

    as_of: str
    listed: Mapping[tuple[str, str], _Listed]

    def price(self, provider: str, model: str, on: date, tokens: int = 0) -> Price:
        """What a request of ``tokens`` costs. Raises `PriceUnknown`."""
        listed = self.listed.get((provider, model))
        if listed is None:
            raise PriceUnknown("insight.failed.price_unknown", model=f"{provider}/{model}")
        if listed.up_to_tokens is not None and tokens > listed.up_to_tokens:
            raise PriceUnknown(
                "insight.failed.price_unknown_long",
                model=f"{provider}/{model}",
                tokens=tokens,
                most=listed.up_to_tokens,
            )
        if listed.later is not None and on >= listed.later[0]:
            return listed.later[1]
        return listed.price

    def with_own(self, provider: str, model: str, usd_in: float, usd_out: float) -> Self:
        """With a price somebody set for a model, which goes before what is listed."""
        price = Price(Decimal(str(usd_in)), Decimal(str(usd_out)))
        return replace(self, listed={**self.listed, (provider, model): _Listed(price)})


@cache
def shipped_prices() -> Prices:
    """Prices of ``prices.yaml``. Raises `pydantic.ValidationError` for a broken file."""
    text = resources.files("sightline.insight").joinpath("prices.yaml").read_text(encoding="utf-8")
    file = _File.model_validate(yaml.safe_load(text))
    return Prices(
        file.as_of.isoformat(),
        {
            (provider, model): _Listed(
                entry.price, None if entry.later is None else (entry.later.begins, entry.later.price), file.up_to_tokens
            )
            for provider, models in file.prices.items()
            for model, entry in models.items()
        },
    )


_Dollars = Annotated[Decimal, Field(ge=0)]


class _Later(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    begins: date = Field(alias="from")
    usd_in: _Dollars = Field(alias="in")
    usd_out: _Dollars = Field(alias="out")

    @property
    def price(self) -> Price:
        return Price(self.usd_in, self.usd_out)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    usd_in: _Dollars = Field(alias="in")
    usd_out: _Dollars = Field(alias="out")
    later: _Later | None = None

    @property
    def price(self) -> Price:
        return Price(self.usd_in, self.usd_out)


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date
    up_to_tokens: int = Field(ge=1)
    prices: dict[str, dict[str, _Entry]]
