"""Synthetic edits with exact truth: real single takes, cut, mixed and disturbed by a seeded editor, then encoded.

The recipe keeps tuning and testing apart: the pools share neither takes nor seeds. Every shot has its own grade, crop
and mirror; H.264 comes after composition, as in a delivered file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[Any]
"""BGR, height x width x 3, uint8."""

WIDTH_PX, HEIGHT_PX = 320, 180
SOURCE_SIZE_PX = (480, 270)
EVENTS = {"cut": 0.42, "dissolve": 0.14, "fade": 0.17, "wipe": 0.12, "jump": 0.075, "punch": 0.075}
DISTRACTORS = ("flash", "card", "whip", "zoom", "shake", "occluder", "exposure")


@dataclass(frozen=True, slots=True)
class Take:
    """One uninterrupted take: pictures ``[first, last)`` of a file."""

    file: str
    first: int
    last: int

    @property
    def name(self) -> str:
        return f"{Path(self.file).stem}[{self.first}:{self.last}]"


DEV = (
    Take("big_buck_bunny_60s.mp4", 50, 284),
    Take("big_buck_bunny_60s.mp4", 800, 1140),
    Take("big_buck_bunny_60s.mp4", 1350, 1440),
    Take("face_smiling_man.gif", 0, 62),
    Take("classroom.gif", 0, 45),
)
TEST = (
    Take("big_buck_bunny_60s.mp4", 287, 377),
    Take("big_buck_bunny_60s.mp4", 380, 500),
    Take("big_buck_bunny_60s.mp4", 556, 765),
    Take("big_buck_bunny_60s.mp4", 1148, 1345),
    Take("traffic.mp4", 0, 377),
    Take("signing_person.mkv", 0, 109),
    Take("face_turning_woman.gif", 0, 23),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """A transition: the first picture that shows the mix and the first fully new one; equal for a cut."""

    kind: str
    first: int
    last: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EditTruth:
    pictures: int
    rate: int
    transitions: tuple[Truth, ...]
    distractors: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Where a picture of the source is looked at: centre offset as share of the width, magnification, turn."""

    dx: float = 0.0
    dy: float = 0.0
    zoom: float = 1.0
    turn_deg: float = 0.0
    blur_px: int = 0


class Shot:
    """One take seen through one grade, crop, mirror and slow camera move."""

    def __init__(self, pictures: list[Image], rng: np.random.Generator) -> None:
        self.pictures = pictures
        self.start = int(rng.integers(0, max(1, len(pictures) - 40)))
        self.zoom = float(rng.uniform(1.0, 1.35))
        slack = (1 - 1 / self.zoom) / 2
        self.x, self.y = rng.uniform(-slack, slack, 2)
        moves = rng.random() < 0.4
        self.drift = rng.uniform(-1, 1, 3) * (0.004, 0.002, 0.0015) if moves else np.zeros(3)
        self.mirror = bool(rng.random() < 0.5)
        self.tables = _grade(rng)
        self.saturation = float(rng.uniform(0.6, 1.4))

    def picture(self, index: int, view: View = View()) -> Image:
        span = len(self.pictures)
        turn, at = divmod(self.start + index, span)
        source = self.pictures[span - 1 - at if turn % 2 else at]
        zoom = self.zoom * view.zoom * (1 + self.drift[2] * index)
        scale = zoom * WIDTH_PX / source.shape[1]
        matrix = cv2.getRotationMatrix2D((source.shape[1] / 2, source.shape[0] / 2), view.turn_deg, scale)
        matrix[0, 2] += (
            WIDTH_PX / 2 - source.shape[1] / 2 + (self.x + view.dx + self.drift[0] * index) * WIDTH_PX * zoom
        )
        matrix[1, 2] += HEIGHT_PX / 2 - source.shape[0] / 2 + (self.y + view.dy + self.drift[1] * index) * HEIGHT_PX
        image = cv2.warpAffine(
            source, matrix, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT
        )
        if self.mirror:
            image = np.ascontiguousarray(image[:, ::-1])
        if view.blur_px > 1:
            image = cv2.blur(image, (view.blur_px, 1))
        grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        image = cv2.addWeighted(image, self.saturation, grey, 1 - self.saturation, 0)
        return np.asarray(cv2.LUT(image, self.tables), np.uint8)


def _grade(rng: np.random.Generator) -> Image:
    """Look-up table 256 x 1 x 3 of a random gamma, gain and white balance."""
    codes = np.arange(256) / 255
    gamma, gain = rng.uniform(0.75, 1.35), rng.uniform(0.55, 1.15)
    balance = rng.uniform(0.88, 1.12, 3)
    table = 255 * gain * balance[None, :] * (codes[:, None] ** gamma)
    return np.clip(np.round(table), 0, 255).astype(np.uint8)[:, None, :]


def _disturbed(shot: Shot, pictures: range, rng: np.random.Generator, kind: str) -> tuple[list[Image], int, int]:
    """Pictures of a shot with one distractor inside, and between which of them it is. A camera that ended elsewhere
    stays there."""
    count = len(pictures)
    lengths = {
        "flash": (1, 4),
        "card": (12, 25),
        "whip": (6, 11),
        "zoom": (4, 9),
        "shake": (10, 21),
        "occluder": (12, 21),
        "exposure": (6, 21),
    }
    length = int(rng.integers(*lengths[kind]))
    first = int(rng.integers(8, max(9, count - length - 8)))
    last = first + length
    inside = np.clip((np.arange(count) - first + 1) / length, 0, 1)
    views = [View()] * count
    if kind == "whip":
        stays = rng.random() < 0.5
        reach = float(rng.uniform(0.5, 1.0)) * (1 if rng.random() < 0.5 else -1)
        eased = 0.5 - 0.5 * np.cos(np.pi * inside * (1 if stays else 2))
        blur = np.abs(np.diff(eased, prepend=0)) * abs(reach) * WIDTH_PX
        views = [View(dx=reach * e, blur_px=int(b)) for e, b in zip(eased, blur, strict=True)]
    elif kind == "zoom":
        factor = float(rng.uniform(1.2, 1.4))
        back = rng.random() < 0.5
        views = [View(zoom=1 + (factor - 1) * (np.sin(np.pi * i) if back else i)) for i in inside]
    elif kind == "shake":
        reach = float(rng.uniform(0.01, 0.04))
        for i in range(first, last):
            dx, dy, turn = rng.uniform(-1, 1, 3)
            views[i] = View(dx * reach, dy * reach, 1.05, turn * 40 * reach, int(abs(dx) * 4))
    images = [shot.picture(i, view) for i, view in zip(pictures, views, strict=True)]
    shot.x, shot.zoom = shot.x + views[-1].dx, shot.zoom * views[-1].zoom
    if kind == "flash":
        strength = float(rng.uniform(0.7, 1.0))
        for i in range(first, last):
            images[i] = cv2.addWeighted(images[i], 1 - strength, np.full_like(images[i], 255), strength, 0)
    elif kind == "exposure":
        depth, back = float(rng.uniform(0.25, 0.5)), rng.random() < 0.5
        for i in range(first, count):
            dark = np.sin(np.pi * inside[i]) if back else inside[i]
            images[i] = cv2.convertScaleAbs(images[i], alpha=1 - depth * dark)
        if not back:
            shot.tables = cv2.convertScaleAbs(shot.tables, alpha=1 - depth)
    elif kind == "card":
        draw = _card(rng)
        for i in range(first, last):
            draw(images[i])
    elif kind == "occluder":
        board = _board(rng)
        way = 1 if rng.random() < 0.5 else -1
        for i in range(first, last):
            left = int(way * ((i - first + 1) / (length + 1) * 1.8 - 0.9) * WIDTH_PX + 0.1 * WIDTH_PX)
            a, b = max(0, left), min(WIDTH_PX, left + board.shape[1])
            if b > a:
                images[i][:, a:b] = board[:, a - left : b - left]
    return images, first, last


def _frame(rng: np.random.Generator) -> Any:
    """What lies over a whole edit: a station logo in some, a letterbox in some."""
    logo, bars = rng.random() < 0.3, int(rng.uniform(0.08, 0.14) * HEIGHT_PX) if rng.random() < 0.2 else 0
    colour = tuple(int(v) for v in rng.integers(120, 256, 3))

    def over(image: Image) -> Image:
        if logo:
            image = cv2.putText(image.copy(), "TV 5", (WIDTH_PX - 62, 28), cv2.FONT_HERSHEY_DUPLEX, 0.7, colour, 2)
        if bars:
            image = image.copy()
            image[:bars] = image[-bars:] = 0
        return image

    return over


def _card(rng: np.random.Generator) -> Any:
    width, height = int(rng.uniform(0.4, 0.8) * WIDTH_PX), int(rng.uniform(0.2, 0.45) * HEIGHT_PX)
    x, y = int(rng.integers(0, WIDTH_PX - width)), int(rng.integers(0, HEIGHT_PX - height))
    back, ink = (tuple(int(v) for v in rng.integers(0, 256, 3)) for _ in range(2))
    word = str(rng.choice(["SALE", "-50 %", "NEW", "Only today"]))

    def draw(image: Image) -> None:
        cv2.rectangle(image, (x, y), (x + width, y + height), back, -1)
        cv2.putText(image, word, (x + 8, y + height // 2 + 8), cv2.FONT_HERSHEY_DUPLEX, height / 60, ink, 2)

    return draw


def _board(rng: np.random.Generator) -> Image:
    """Somebody walking past the lens: four fifths of the width, dark and softly textured."""
    grain = rng.uniform(0, 90, (6, 8, 3)).astype(np.float32)
    return np.asarray(
        cv2.resize(grain, (int(0.8 * WIDTH_PX), HEIGHT_PX), interpolation=cv2.INTER_CUBIC).clip(0, 255), np.uint8
    )


def _mixed(kind: str, old: list[Image], new: list[Image], rng: np.random.Generator) -> tuple[list[Image], str]:
    """The pictures of a gradual transition and what it is in detail. ``old`` and ``new`` are equally long."""
    count = len(old)
    shares = [(i + 1) / (count + 1) for i in range(count)]
    if kind == "dissolve":
        if rng.random() < 0.3:
            shares = [s * s * (3 - 2 * s) for s in shares]
        return [cv2.addWeighted(a, 1 - s, b, s, 0) for a, b, s in zip(old, new, shares, strict=True)], ""
    if kind == "wipe":
        way = str(rng.choice(["left", "right", "up", "down"]))
        soft = float(rng.uniform(0.02, 0.1)) if rng.random() < 0.4 else 0.0
        return [_wiped(a, b, s, (way, soft)) for a, b, s in zip(old, new, shares, strict=True)], way
    tone = 255 if rng.random() < 0.35 else 0
    ramp = (count - int(rng.integers(2, max(3, count // 3 + 1)))) // 2
    mixed = []
    for i, (a, b) in enumerate(zip(old, new, strict=True)):
        kept = max(1 - (i + 1) / (ramp + 1), 1 - (count - i) / (ramp + 1), 0.0)
        image = a if i < count // 2 else b
        mixed.append(cv2.addWeighted(image, kept, np.full_like(image, tone), 1 - kept, 0))
    return mixed, "white" if tone else "black"


def _wiped(old: Image, new: Image, share: float, style: tuple[str, float]) -> Image:
    """``style``: where the edge travels, and how soft it is as share of the way."""
    way, soft = style
    size = WIDTH_PX if way in ("left", "right") else HEIGHT_PX
    place = (np.arange(size) + 0.5) / size
    if way in ("left", "up"):
        place = 1 - place
    edge = share * (1 + soft) - soft / 2
    mask = np.clip((edge - place) / soft + 0.5, 0, 1) if soft else (place < edge).astype(np.float64)
    mask = mask[None, :, None] if way in ("left", "right") else mask[:, None, None]
    return np.asarray(old + mask * (new.astype(np.float64) - old), np.uint8)


LENGTHS = {"dissolve": (6, 26), "fade": (8, 24), "wipe": (8, 21)}
"""Pictures a gradual transition takes; a fade's hold is part of it."""


class Editor:
    """Makes one edit from a pool; iterate it once for its pictures, then read ``truth``."""

    def __init__(self, pool: list[list[Image]], seed: int, events: int = 24) -> None:
        self._pool, self._events = pool, events
        self._rng = np.random.default_rng(seed)
        self.rate = int(self._rng.choice([24, 25, 30]))
        self._transitions: list[Truth] = []
        self._distractors: list[Truth] = []
        self._count = 0
        self._frame = _frame(self._rng)

    @property
    def truth(self) -> EditTruth:
        return EditTruth(self._count, self.rate, tuple(self._transitions), tuple(self._distractors))

    def __iter__(self) -> Iterator[Image]:
        for image in self._bare():
            self._count += 1
            yield self._frame(image)

    def _bare(self) -> Iterator[Image]:
        rng = self._rng
        take = int(rng.integers(len(self._pool)))
        shot, at = Shot(self._pool[take], rng), 0
        for number in range(self._events + 1):
            kind = str(rng.choice(list(EVENTS), p=list(EVENTS.values()))) if number < self._events else ""
            body, at = self._body(shot, at)
            yield from body
            if not kind:
                return
            take = (
                take if kind in ("jump", "punch") else (take + int(rng.integers(1, len(self._pool)))) % len(self._pool)
            )
            new, new_at, kind = self._next(shot, at, take, kind)
            mixed: list[Image] = []
            detail = ""
            if kind in LENGTHS:
                length = int(rng.integers(*LENGTHS[kind]))
                old_tail = [shot.picture(at + i) for i in range(length)]
                new_head = [new.picture(new_at + i) for i in range(length)]
                mixed, detail = _mixed(kind, old_tail, new_head, rng)
                new_at += length
            self._transitions.append(Truth(kind, self._count, self._count + len(mixed), detail))
            yield from mixed
            shot, at = new, new_at

    def _body(self, shot: Shot, at: int) -> tuple[list[Image], int]:
        rng = self._rng
        count = int(rng.integers(14, 101))
        if count < 44 or rng.random() < 0.4:
            return [shot.picture(at + i) for i in range(count)], at + count
        kind = str(rng.choice(DISTRACTORS))
        images, first, last = _disturbed(shot, range(at, at + count), rng, kind)
        self._distractors.append(Truth(kind, self._count + first, self._count + last))
        return images, at + count

    def _next(self, shot: Shot, at: int, take: int, kind: str) -> tuple[Shot, int, str]:
        """The next shot, its first picture, and the kind of edit that leads there: a jump cut nobody could see
        becomes a punch-in."""
        new = Shot(self._pool[take], self._rng)
        if kind in ("jump", "punch"):
            for name in ("zoom", "x", "y", "mirror", "tables", "saturation", "drift"):
                setattr(new, name, getattr(shot, name))
            start = _visible_jump(shot, at, self._rng) if kind == "jump" else None
            if start is None:
                new.start, new.zoom, kind = shot.start + at, shot.zoom * 1.33, "punch"
            else:
                new.start = start
        return new, 0, kind


def _visible_jump(shot: Shot, at: int, rng: np.random.Generator) -> int | None:
    """Another moment of the take that looks different: by over three times what a picture changes anyway and over
    2.5 codes on average. None when the take has no such moment."""
    last = shot.picture(at - 1).astype(int)
    ordinary = float(np.abs(last - shot.picture(at)).mean())
    keep, found = shot.start, None
    for start in rng.permutation(len(shot.pictures))[:40]:
        shot.start = int(start)
        if float(np.abs(last - shot.picture(0)).mean()) > max(3 * ordinary, 2.5):
            found = int(start)
            break
    shot.start = keep
    return found


def pool_of(takes: tuple[Take, ...], media: Path) -> list[list[Image]]:
    """The pictures of every take at 480x270, cropped to 16:9."""
    pool = []
    for take in takes:
        with av.open(str(media / take.file)) as container:
            pictures = []
            for number, frame in enumerate(container.decode(video=0)):
                if take.first <= number < take.last:
                    image = frame.to_ndarray(format="bgr24")
                    height = min(image.shape[0], image.shape[1] * 9 // 16)
                    top = (image.shape[0] - height) // 2
                    pictures.append(cv2.resize(image[top : top + height], SOURCE_SIZE_PX, interpolation=cv2.INTER_AREA))
                elif number >= take.last:
                    break
        pool.append(pictures)
    return pool


def make_edit(pool: list[list[Image]], seed: int, path: Path, *, events: int = 24) -> EditTruth:
    """Writes one edit as H.264 in MP4 at a seeded CRF of 20 to 28, with its truth as JSON beside it; kept when both
    exist."""
    beside = path.with_suffix(".json")
    if path.exists() and beside.exists():
        return read_truth(beside)
    path.parent.mkdir(parents=True, exist_ok=True)
    editor = Editor(pool, seed, events)
    crf = 20 + seed % 9
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=editor.rate)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
        for image in editor:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))
    beside.write_text(json.dumps(asdict(editor.truth)), encoding="utf-8")
    return editor.truth


def read_truth(path: Path) -> EditTruth:
    raw = json.loads(path.read_text(encoding="utf-8"))
    transitions, distractors = (tuple(Truth(**t) for t in raw[k]) for k in ("transitions", "distractors"))
    return EditTruth(raw["pictures"], raw["rate"], transitions, distractors)
