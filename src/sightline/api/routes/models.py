"""The weights of models: which are here, fetching and removing them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from sightline.api.problems import RESPONSES
from sightline.api.security import CurrentActor
from sightline.api.state import platform_of
from sightline.api.views import ErrorView
from sightline.service.model_pulls import ModelItem
from sightline.text import LANGUAGES, Language, catalogue

router = APIRouter(prefix="/system/models", tags=["system"], responses=RESPONSES)
ModelId = Annotated[str, Path(max_length=100)]


class ModelView(BaseModel):
    id: str
    purpose: dict[Language, str]
    size_bytes: int | None
    """Null where nobody has published it; ``total_bytes`` as well."""
    licence: str
    """SPDX name."""
    is_commercial: bool | None
    """Whether it may be used commercially, as far as its publisher says; null: unclear."""
    state: str
    """``installed``, ``missing``, ``pulling``, ``failed`` or ``wrong`` (files of another size, never used)."""
    done_bytes: int
    """On this machine, finished or not."""
    total_bytes: int | None
    speed_bytes_s: float | None
    """Of a pull by the process that answers."""
    left_s: float | None
    error: ErrorView | None
    """Why the last pull failed."""
    loaded: bool
    """Held in memory by a process of this machine."""
    needed_by: list[str]
    """Meters that open it."""

    @classmethod
    def of(cls, item: ModelItem) -> ModelView:
        model, why = item.model, item.error
        return cls(
            id=model.id,
            purpose={language: catalogue(language).get(model.purpose_key, model.id) for language in LANGUAGES},
            size_bytes=model.size,
            licence=model.licence,
            is_commercial=item.is_commercial,
            state=item.state,
            done_bytes=item.done_bytes,
            total_bytes=item.total_bytes,
            speed_bytes_s=item.speed_bytes_s,
            left_s=item.left_s,
            error=None
            if why is None
            else ErrorView(
                type="SetupError", code=why.key, message={language: why.render(language) for language in LANGUAGES}
            ),
            loaded=item.is_loaded,
            needed_by=list(item.needed_by),
        )


class ModelsView(BaseModel):
    items: list[ModelView]


@router.get("")
def list_models(request: Request, actor: CurrentActor) -> ModelsView:
    """Every model this program can run, and how it stands on this machine."""
    return ModelsView(items=[ModelView.of(item) for item in platform_of(request).pulls.items(actor)])


@router.post("/{model_id}/pull", status_code=202)
def pull_model(model_id: ModelId, request: Request, actor: CurrentActor) -> ModelView:
    """Begins to fetch it, for administrators. It goes on in the background; ``pull`` events of ``/changes`` tell how
    far, and a pull that was cut goes on with the next."""
    return ModelView.of(platform_of(request).pulls.pull(actor, model_id))


@router.post("/{model_id}/cancel", status_code=202)
def cancel_pull(model_id: ModelId, request: Request, actor: CurrentActor) -> ModelView:
    """Stops a pull of the process that answers, for administrators. What has come stays for the next one."""
    return ModelView.of(platform_of(request).pulls.cancel(actor, model_id))


@router.delete("/{model_id}", status_code=204)
def remove_model(model_id: ModelId, request: Request, actor: CurrentActor) -> None:
    """Deletes what was pulled, for administrators; a copy in the folder of the setting ``models`` stays."""
    platform_of(request).pulls.remove(actor, model_id)
