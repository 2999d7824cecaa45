"""The font of the reports, its licence, how it was made, and which characters it has."""


def is_in_font(character: str) -> bool:
    """Whether the font has a character: ASCII, and those of GB2312 with today's code points for its dash and its dot."""
    try:
        code = character.encode("gbk")
    except UnicodeEncodeError:
        return False
    if len(code) == 1:
        return 0x20 <= code[0] < 0x7F
    return 0xA1 <= code[0] <= 0xF7 and code[1] >= 0xA1
