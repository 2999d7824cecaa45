"""How one value looks in a cell: its clean form first, then every form that must be read alike."""

from datetime import date
from decimal import Decimal

from .hand import Hand

Cell = str | int | float | date

WAN = Decimal(10000)
FEN = Decimal("0.01")
UNITS = {"元": Decimal(1), "分": FEN, "万元": WAN}
SPACES = (" ", "\u00a0", "\u3000", "\u200b")
DOTS = "·•・∙‧．"
EXCEL_EPOCH = date(1899, 12, 30)


def full_width(text: str) -> str:
    """The text with full-width digits and letters."""
    return "".join(chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() else char for char in text)


def id_cell(text: str, is_number: bool, is_valid: bool, hand: Hand, *, in_workbook: bool, blanks: bool = True) -> Cell:
    """An ID number; only a valid one is written in another form."""
    if is_number and in_workbook and text.isdigit():
        return int(text)
    if is_number or not is_valid or hand.is_neat:
        return text
    forms = [text, text.lower(), full_width(text), "'" + text, text + "31"]
    if text[6:8] == "19":
        forms.append(text[:6] + text[8:17])
    if blanks:
        space = hand.pick(SPACES)
        forms += [f"{text[:6]}{space}{text[6:14]}{space}{text[14:]}", f" {text}{space}", f'="{text}"']
    return hand.pick(forms)


def name_cell(name: str, hand: Hand) -> str:
    """A name, perhaps with a blank between its characters or another middle dot."""
    if hand.chance(0.3):
        name = name.replace("·", hand.pick(DOTS))
    if len(name) == 2 and hand.chance(0.3):
        name = name[0] + hand.pick((" ", "\u3000", "  ")) + name[1]
    return name


def township_cell(name: str, hand: Hand) -> str:
    """A township, perhaps by an alias; any other text as it stands."""
    if hand.is_neat or len(name) < 3:
        return name
    if name.endswith("街道"):
        forms = [name, name + "办事处", name[:-2] + "办事处", name[:-2] + "办", name[:-2]]
    elif name.endswith(("镇", "乡")):
        forms = [name, name + "人民政府", name + "政府", name[:-1]]
    else:
        return name
    return hand.pick(("", "", "东川区", "昆明市东川区")) + hand.pick(forms)


def amount_cell(amount: Decimal, unit: str, hand: Hand, *, in_workbook: bool) -> Cell:
    """An amount of yuan in the column's unit, or with its own unit in the cell."""
    value = amount / UNITS[unit]
    plain = f"{value.normalize():f}"
    clean = plain if unit == "分" else f"{value:.6f}" if unit == "万元" else f"{value:.2f}"
    if hand.is_neat:
        return clean
    forms: list[Cell] = [clean, plain, f"{value:,f}", full_width(clean), f"{amount:.2f}元", f"{plain}{unit}"]
    forms += [f"{(amount / FEN).normalize():f}分", f"{(amount / WAN).normalize():f}万元"]
    if in_workbook:
        forms.append(float(plain))
    return hand.pick(forms)


def date_cell(day: date, hand: Hand, *, in_workbook: bool) -> Cell:
    """A date in one of the forms of the senders."""
    forms: list[Cell] = [
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}-{day.month}-{day.day}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    if in_workbook:
        forms += [day, (day - EXCEL_EPOCH).days]
    return hand.pick(forms)


def whole_number_cell(text: str, hand: Hand, *, in_workbook: bool) -> Cell:
    """A whole number, perhaps in a numeric cell."""
    is_plain = text.isdigit() and str(int(text)) == text
    return float(text) if in_workbook and is_plain and hand.chance(0.5) else text


def header_cell(text: str, hand: Hand) -> str:
    """A header, perhaps with blanks in it or a mark of need."""
    if not hand.chance(0.2):
        return text
    blank = (f" {text} ", f"{text[0]} {text[1:]}", f"{text[0]}\u3000{text[1:]}")
    return hand.pick((*blank, f"*{text}", f"※{text}", f"{text}(必填)", f"★ {text}（必填项）"))
