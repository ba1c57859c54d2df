"""From code values to light on a reference screen: luminance in cd/m² and linear RGB.

Used where a limit is set in physical light. What the screen is assumed to be:

- SDR: 200 cd/m² at reference white, black at 0, exponent 2.4 (ITU-R BT.1886 with L_B = 0). This gives 20.06 cd/m² for
  10-bit code 400, where ITU-R BT.1702 is quoted with 20.1; it is a curve through that anchor, not the table of the
  Recommendation.
- PQ: absolute, SMPTE ST 2084 / ITU-R BT.2100.
- HLG: a 1000 cd/m² screen with system gamma 1.2, ITU-R BT.2100, applied to luma.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sightline.facts import VideoFacts
from sightline.meters.matrix import matrix_of, rgb_from_codes
from sightline.meters.planes import CodeScale

SDR_WHITE_CD_M2 = 200.0
SDR_EXPONENT = 2.4
HLG_PEAK_CD_M2 = 1000.0
HLG_SYSTEM_GAMMA = 1.2
PQ_PEAK_CD_M2 = 10_000.0

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

LINEAR_STEPS = 1024
"""Entries of `Display.linear` for a signal from 0 to 1, less one."""
LINEAR_HEADROOM = 1.1
"""Signal up to which `Display.linear` reaches: super-whites are at most 1.09."""

_D65 = (0.3127, 0.3290)
_PRIMARIES = {
    "bt709": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "bt470bg": ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    "smpte170m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    "smpte240m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}


@dataclass(frozen=True, slots=True)
class Display:
    """Look-up tables and matrices of one stream, for stored code values of ``bit_depth`` bits."""

    transfer: str
    """``sdr``, ``pq`` or ``hlg``."""
    matrix: str
    primaries: str
    luminance: F32
    """cd/m² of a grey of each code value of luma, ``2**bit_depth`` entries."""
    rgb_from_codes: F64
    """``(3, 4)``: R'G'B' (0 to 1) = first three columns · (Y, U, V codes) + last column."""
    linear: F32
    """Linear light of R', G' or B', 1 at reference white (200 cd/m²), for signals 0, 1/1024 … 1.1. SDR uses the curve
    of IEC 61966-2-1 (sRGB), as WCAG does."""
    bt709_from_rgb: F64
    """``(3, 3)``: linear RGB of BT.709 primaries from that of the stream."""
    xyz_from_rgb: F64
    """``(3, 3)``: CIE 1931 XYZ (white has Y = 1) from linear RGB of the stream."""


def display_of(video: VideoFacts, bit_depth: int) -> Display:
    """The reference screen for pictures of this stream handed over at ``bit_depth``."""
    transfer = {"smpte2084": "pq", "arib-std-b67": "hlg"}.get(video.color_transfer or "", "sdr")
    # Constant luminance and the like are read as what they come closest to.
    matrix = matrix_of(video) or ("bt709" if transfer == "sdr" else "bt2020")
    primaries = video.color_primaries or ""
    if primaries not in _PRIMARIES:
        primaries = "bt2020" if matrix == "bt2020" else "bt709"
    scale = CodeScale(bit_depth, video.full_range or video.is_rgb)
    codes = np.arange(1 << bit_depth, dtype=np.float64)
    black, white = scale.luma
    xyz = _xyz_from_rgb(primaries)
    return Display(
        transfer=transfer,
        matrix=matrix,
        primaries=primaries,
        luminance=luminance_cd_m2((codes - black) / (white - black), transfer).astype(np.float32),
        rgb_from_codes=rgb_from_codes(matrix, scale),
        linear=_linear_table(transfer),
        bt709_from_rgb=np.eye(3) if primaries == "bt709" else np.linalg.inv(_xyz_from_rgb("bt709")) @ xyz,
        xyz_from_rgb=xyz,
    )


def luminance_cd_m2(signal: F64, transfer: str) -> F64:
    """Screen luminance of a grey of this signal (0 black, 1 reference white or peak), cd/m²."""
    signal = np.maximum(signal, 0.0)
    match transfer:
        case "pq":
            return PQ_PEAK_CD_M2 * _pq(np.minimum(signal, 1.0))
        case "hlg":
            return np.asarray(HLG_PEAK_CD_M2 * _hlg_scene(signal) ** HLG_SYSTEM_GAMMA, np.float64)
        case _:
            return np.asarray(SDR_WHITE_CD_M2 * signal**SDR_EXPONENT, np.float64)


def srgb_linear(signal: F64) -> F64:
    """Linear light of an sRGB component from 0 to 1 (IEC 61966-2-1)."""
    signal = np.maximum(signal, 0.0)
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def _linear_table(transfer: str) -> F32:
    signal = np.arange(int(LINEAR_STEPS * LINEAR_HEADROOM) + 2, dtype=np.float64) / LINEAR_STEPS
    light = srgb_linear(signal) if transfer == "sdr" else luminance_cd_m2(signal, transfer) / SDR_WHITE_CD_M2
    return light.astype(np.float32)


def _pq(signal: F64) -> F64:
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = signal ** (1 / m2)
    return np.asarray((np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1), np.float64)


def _hlg_scene(signal: F64) -> F64:
    a = 0.17883277
    b, c = 1 - 4 * a, 0.5 - a * np.log(4 * a)
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)


def _xyz_from_rgb(primaries: str) -> F64:
    columns = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in _PRIMARIES[primaries]]).T
    x, y = _D65
    white = np.array((x / y, 1.0, (1 - x - y) / y))
    return np.asarray(columns * np.linalg.solve(columns, white), np.float64)
