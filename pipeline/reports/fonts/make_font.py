"""Makes the font that ships with the reports: all characters of GB2312 of Noto Sans CJK SC.

With it charts and PDF carry text on a machine without fonts. Run `python -m pipeline.reports.fonts.make_font` where Debian's
package fonts-noto-cjk is installed; fonttools is a development dependency. The reports themselves only read the result.
"""

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from pipeline.reports.fonts import is_in_font

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SIMPLIFIED_CHINESE = 2
RESULT = Path(__file__).with_name("NotoSansCJKsc-GB2312.otf")


def make_font() -> None:
    """Write the subset beside this file."""
    font = TTFont(SOURCE, fontNumber=SIMPLIFIED_CHINESE, recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for code in range(0x20, 0x10000) if is_in_font(chr(code))])
    subsetter.subset(font)
    font.save(RESULT)


if __name__ == "__main__":
    make_font()
