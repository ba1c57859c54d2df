"""Numbers of FFmpeg (and of ITU-T H.273 behind them) as the names people use."""

from __future__ import annotations

import re

from sightline.facts import FieldOrder

_RANGES = {1: "tv", 2: "pc"}
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
_TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
_MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp",
}  # fmt: skip
# AVFieldOrder names the order of coding, then that of showing; the second is what matters.
_FIELD_ORDERS = {
    1: FieldOrder.PROGRESSIVE,
    2: FieldOrder.TOP_FIRST,
    3: FieldOrder.BOTTOM_FIRST,
    4: FieldOrder.BOTTOM_FIRST,
    5: FieldOrder.TOP_FIRST,
}
_MPEG2_LEVELS = {4: "High", 6: "High 1440", 8: "Main", 10: "Low"}


def color_range(number: int) -> str | None:
    return _RANGES.get(number)


def primaries(number: int) -> str | None:
    return _PRIMARIES.get(number)


def transfer(number: int) -> str | None:
    return _TRANSFERS.get(number)


def matrix(number: int) -> str | None:
    return _MATRICES.get(number)


def field_order(number: int) -> FieldOrder:
    return _FIELD_ORDERS.get(number, FieldOrder.UNKNOWN)


def level_text(codec: str, level: int) -> str | None:
    """``4.1`` for H.264 and HEVC, the name for MPEG-2, the number elsewhere; None when unknown."""
    if level < 0:
        return None
    match codec:
        case "h264":
            return "1b" if level == 9 else f"{level // 10}.{level % 10}"
        case "hevc":
            return f"{level // 30}.{level % 30 // 3}"
        case "av1":
            return f"{2 + level // 4}.{level % 4}"
        case "mpeg2video":
            return _MPEG2_LEVELS.get(level)
        case _:
            return str(level) if level > 0 else None


_PCM = re.compile(r"^pcm_[a-z]+?(\d+)")
_OF_FORMAT = {"u8": 8, "u8p": 8, "s16": 16, "s16p": 16}


def audio_depth(codec: str, sample_format: str, extradata: bytes | None) -> int | None:
    """Bits of the stored samples; None for lossy codecs and where only the decoder's width is known."""
    if match := _PCM.match(codec):
        return int(match[1])
    if codec == "flac" and extradata and len(extradata) >= 34:
        # STREAMINFO: five bits across bytes 12 and 13, less one.
        return ((extradata[12] & 1) << 4 | extradata[13] >> 4) + 1
    if codec == "alac" and extradata and len(extradata) >= 18:
        return extradata[17]
    if codec in ("wavpack", "tta", "ape", "tak", "truehd", "mlp", "flac", "alac"):
        return _OF_FORMAT.get(sample_format)
    return None
