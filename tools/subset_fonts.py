"""Makes the Korean fonts of the PDF report: Latin, signs and every modern Hangul syllable, nothing else.

    python tools/subset_fonts.py NotoSansKR_400Regular.ttf NotoSansKR_700Bold.ttf src/sightline/report/assets/fonts

The originals are Noto Sans KR (SIL Open Font License 1.1), for example from the npm package
``@expo-google-fonts/noto-sans-kr``. A file that would come out over 1.9 MB falls back to the 2,350
syllables of KS X 1001.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

LARGEST_BYTES = 1_900_000
SIGNS = "–—‘’“”†•…‰′″€₩←↑→↓↔∞−≈≠≤≥×÷±µ°·×✓✗■□▲△▼▽◆◇○●★☆「」『』〈〉《》、。ㆍ"


def all_syllables() -> Iterator[str]:
    return map(chr, range(0xAC00, 0xD7A4))


def common_syllables() -> Iterator[str]:
    """The 2,350 syllables of KS X 1001, in EUC-KR rows B0 to C8."""
    for row in range(0xB0, 0xC9):
        for cell in range(0xA1, 0xFF):
            yield bytes((row, cell)).decode("euc-kr")


def subset(font_path: Path, characters: str) -> bytes:
    """The font with these characters only, unhinted, without layout features a report does not use."""
    options = Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG", "meta", "STAT"]
    font = TTFont(font_path)
    subsetter = Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def main() -> None:
    *originals, folder = map(Path, sys.argv[1:])
    latin = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x3131, 0x3164)]))
    for original in originals:
        made = subset(original, latin + SIGNS + "".join(all_syllables()))
        if len(made) > LARGEST_BYTES:
            made = subset(original, latin + SIGNS + "".join(common_syllables()))
        name = f"NotoSansKR-{original.stem[-7:].lstrip('0123456789_')}.ttf" if "_" in original.stem else original.name
        (folder / name).write_bytes(made)
        print(f"{name}: {len(made):,} bytes")


if __name__ == "__main__":
    main()
