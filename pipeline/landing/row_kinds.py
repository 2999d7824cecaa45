"""Which rows below a header are data: not the blank ones, repeated headers and titles, totals and signatures.

Rows are sorted out in Polars by the text of the whole row; only the few that may be something else are looked at one by
one. What a total says is checked in ``totals``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from pipeline.contracts.sources import SOURCES
from pipeline.landing.header import has_required
from pipeline.landing.labels import clean_label, find_alias, header_label, split_unit
from pipeline.landing.layouts import Layout
from pipeline.landing.tables import CELL_SEPARATOR, Record, cell_column
from pipeline.landing.titles import head_values

_PAGE = re.compile(
    r"第\d+页[,/]?(?:共\d+页)?|共\d+页[,/]?(?:第\d+页)?|第?\d{1,4}/\d{1,4}页?|[-—–]+\d{1,4}[-—–]+|page\d+(?:of\d+)?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:注|备注|说明|填表说明|附注):.*|(?:备注|填表说明|附注).*|[此本]页无正文|\W*(?:完|全文完|结束|文件结束|end|eof)\W*",
    re.IGNORECASE,
)
# Nothing but marks, or a word that fills an empty cell.
_EMPTY = re.compile(r"[^\w]+|无|空|null", re.IGNORECASE)
# A cell of a row that nobody is to fill any more.
_STRUCK_OUT = re.compile(r"[-—–―/\\=_~*.…×]+|无|空|null|n/a", re.IGNORECASE)
# What a list says of itself as a whole, in a sentence below its rows.
_OF_LIST_WORDS = (
    "以上",
    "上述",
    "本表",
    "此表",
    "本页",
    "本清单",
    "本名单",
    "特此",
    "经核",
    "经审",
    "经公示",
    "经研究",
    "经村",
    "经乡镇",
    "情况属实",
    "大写",
    "人民币大写",
    "金额大写",
)
_OF_LIST = re.compile(rf"(?:{'|'.join(_OF_LIST_WORDS)}).*")
# A word with a colon, as people write it before what signs, dates and remarks: ``打印日期:2019-06-12``.
_LABELLED = re.compile(r"[^\d:]{1,12}:.*")
_IN_BRACKETS = re.compile(r"\((.*)\)")
# A total without its word: ``共3笔``.
_COUNTED = re.compile(r"(?:本[批次期])?共[\d,]+(?:笔|人次|人|户|条).*")
_DAY = re.compile(
    r"(?:截[止至])?(?:\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{4}[-/]\d{1,2}(?:[-/]\d{1,2})?|\d{4}\.\d{1,2}\.\d{1,2}|年月日"
    r"|[〇○零一二三四五六七八九十]{4}年\D{1,3}月(?:\D{1,3}日)?)止?"
)
# A remark that goes on: ``2.金额单位为元。``; and what a seal says. Names and townships are none of them.
_NUMBERED_NOTE = re.compile(r"\d{1,2}[.、)][^\d].{5,}")
# What stands below the last row, so that nobody adds one.
_NOTHING_BELOW = re.compile(r"\W*(?:此处|此行|本页|本行)?以下(?:为?空白|无正文)\W*")
# A sum that stands under 身份证号 or 账号 has fewer digits.
_LEAST_ID_DIGITS, _LEAST_ACCOUNT_DIGITS = 14, 12
_TOWNSHIP_OFFICE = re.compile(r"\D{2,}(?:人民政府|街道办事处|街道办)(?:\((?:盖章|公章|签章)\))?")
# What a lone text may say of the rows below it: another batch, another place, another list.
_MAY_BE_HEAD = re.compile(r"批|[镇乡村](?:\(|$)|街道|办事处|政府|名单|名册|明细|清单|表(?:\(|$)")
# A heading of the rows of a place: ``一、汤丹镇``; of a table whose rows say their township it says nothing more.
_GROUP = re.compile(r"(?:\(?[一二三四五六七八九十\d]{1,3}\)?[、.:]?)?\D{1,8}(?:镇|乡|街道|街道办事处|村|村委会|社区)")
_OFFICES = "局|中心|联合会|残联|联社|信用社|支行|银行|民政办|扶贫办|社保所|保障所"
_OFFICE = re.compile(rf"\D{{2,}}(?:{_OFFICES})(?:\((?:盖章|公章|签章)\))?")
_SEALED = re.compile(r"\D{2,}\((?:盖章|公章|签章|签字)\):?")
_SMALL_NUMBER = re.compile(r"\d{0,8}(?:\.0*)?(?:笔|人|户|条|行|份)?")
# What a total's word may say that it sums: ``合计笔数:``.
_OF_TOTAL = "数|笔数?|户数?|人数|人次|条数|金额|总额"
# What stands behind a total's word in capitals: ``合计人民币(大写)肆佰元整``.
_IN_CAPITALS = r"(?:人民币)?(?:\(?大写\)?)?:?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正]+"
_PART_OF_TOTAL = "其中"
PART_WORDS = ("成功", "失败", "未成功", "不成功")
_PART_WORD = "|".join(PART_WORDS)
_PART_ALONE = re.compile(
    rf"\D{{0,4}}(?:{_PART_WORD})(?:的)?(?:总|合计)?(?:笔数?|户数?|人数|条数|金额|总额|款项)?(?:合计|小计|共计)?(?:\(\D*\))?"
    r"(?:[:,、]?[\d.,]+(?:笔|户|人|条|元|万元|分)?.*|:)?"
)
# What stands beside the word in a row of a part: counts, amounts and their labels.
_OF_PART = re.compile(
    rf"[\d,]{{1,9}}(?:\.\d{{0,2}})?(?:笔|户|人|条|元|万元|分)?|.*(?:{_PART_WORD}|笔数|户数|人数|条数|金额|总额).*"
)
_DIGIT = re.compile(r"\d")
_MOST_TITLES = 2
_TITLE = re.compile(r"名单|名册|花名册|明细|清单|附件|台账|表(?:\(|$)")
_MOST_HEAD_ROWS = 60
_LONG_NUMBER = re.compile(r"\d{9}")
_ANY_TEXT = r"[^\x1f\s\p{Cf}]"


class RowKind(StrEnum):
    """What a row below the header is."""

    DATA = "data"
    TOTAL = "total"
    HEADER = "header"
    OTHER_HEADER = "other header"
    TITLE = "title"
    OTHER = "other"


_HEADERS = (RowKind.HEADER, RowKind.OTHER_HEADER)


@dataclass(frozen=True)
class FurtherHead:
    """A header within the rows, of a further page or of another list.

    Attributes:
        row_number: the row at which it begins: its title, else its head, else its header.
        lines: the rows above it from its title or head on; where it has neither, what else stands above it.
        titles: those of them that are titles.
        is_other: whether its columns, or their units, are not those of the table's header.
    """

    row_number: int
    lines: tuple[tuple[str, ...], ...]
    titles: tuple[tuple[str, ...], ...]
    is_other: bool


@dataclass
class RowSorter:
    """Tells the kind of rows of one table.

    Attributes:
        columns: the column of each field.
        labels: the label of each column.
        title_texts: the texts of the rows above the header, and of the header rows themselves.
        rows_counted: the data rows so far: filled rows less those of another kind, whatever becomes of them later.
        remarks: the rows so far that are neither data nor totals nor headers.
        further_heads: the headers found within the rows so far.
    """

    layout: Layout
    columns: Mapping[str, int]
    labels: Sequence[str]
    title_texts: Sequence[str]
    rows_counted: int = 0
    remarks: list[Record] = field(default_factory=list)
    further_heads: list[FurtherHead] = field(default_factory=list)

    def whole_heads(self, batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The same rows in batches of which none ends between the title of a page and the header below it."""
        held: pl.DataFrame | None = None
        for batch in batches:
            if held is None:
                held = batch
                continue
            place = held.height - self._rows_that_may_be_a_head(held)
            yield held[:place]
            held = pl.concat([held[place:], batch])
        if held is not None:
            yield held

    def _rows_that_may_be_a_head(self, batch: pl.DataFrame) -> int:
        """How many of the last rows of a batch may stand above a header with which the next one begins."""
        count = 0
        for text in reversed(batch["row_text"].tail(_MOST_HEAD_ROWS).to_list()):
            cells = text.split(CELL_SEPARATOR)
            is_blank = not any(clean_label(cell) for cell in cells)
            if not is_blank and self.kind(cells) is RowKind.DATA and not self._is_surely_title(cells):
                break
            count += 1
        return count

    def sort(self, batch: pl.DataFrame) -> tuple[pl.DataFrame, list[Record]]:
        """The data rows of a batch, and its total rows."""
        filled = batch.filter(pl.col("row_text").str.contains(_ANY_TEXT))
        odd = filled.filter(self._may_be_other()).select("row_number", "row_text")
        records = [Record(row_number, text.split(CELL_SEPARATOR)) for row_number, text in odd.iter_rows()]
        kinds = [(record, self.kind(record.cells)) for record in records]
        other = {record.row_number for record, kind in kinds if kind is not RowKind.DATA}
        if any(kind in _HEADERS for _, kind in kinds):
            other |= self._titles_above_headers(filled, {record.row_number: kind for record, kind in kinds})
        totals = [record for record, kind in kinds if kind is RowKind.TOTAL]
        self.remarks += [record for record, kind in kinds if kind is RowKind.OTHER]
        # Counted apart from the rows that are read on: one that is lost on the way is missed.
        filled_count = batch.select(pl.col("row_text").str.contains(_ANY_TEXT).sum()).item()
        self.rows_counted += filled_count - len(other)
        return filled.filter(~pl.col("row_number").is_in(sorted(other))) if other else filled, totals

    def kind(self, cells: Sequence[str]) -> RowKind:
        """The kind of one row that is not blank."""
        labels = [clean_label(cell) for cell in cells]
        first = next(label for label in labels if label)
        is_alone = sum(1 for label in labels if label) == 1
        if self._is_header(labels):
            return RowKind.HEADER if self._has_same_units(cells) else RowKind.OTHER_HEADER
        if CELL_SEPARATOR.join(cells) in self.title_texts:
            return RowKind.TITLE
        if self.layout.form == "table" and has_required([header_label(cell) for cell in cells], self.layout):
            return RowKind.OTHER_HEADER
        if self._names_person(labels):
            return RowKind.DATA
        if self._is_total(labels, first, self.layout.subtotal_words) or self._is_part(labels, first):
            return RowKind.OTHER
        is_total = self._is_total(labels, first, self.layout.total_words) or _COUNTED.fullmatch(first) is not None
        if is_total or self._is_part_total(labels, first):
            return RowKind.TOTAL
        if self._is_remark(labels, first, is_alone=is_alone):
            return RowKind.OTHER
        if self._is_said_of_list(labels, first) and not head_values([cells], self.layout).keys() - {"made_at"}:
            return RowKind.OTHER
        return RowKind.DATA

    def _is_remark(self, labels: Sequence[str], first: str, *, is_alone: bool) -> bool:
        """Whether a row is what stands around the rows of a list: pages, signatures, seals, remarks, rows of marks."""
        if _PAGE.fullmatch(first) or self._is_signature(first) or self._is_foot(labels):
            return True
        if not is_alone:
            return self.layout.form == "table" and all(not label or _STRUCK_OUT.fullmatch(label) for label in labels)
        is_note = _NOTE.fullmatch(first) or _NOTHING_BELOW.fullmatch(first)
        return bool(is_note) or self._is_numbered_note(labels, first) or self._is_of_nobody(labels, first)

    def _is_said_of_list(self, labels: Sequence[str], first: str) -> bool:
        """Whether a row says something of the list as a whole, by a word with a colon or a sentence, and nothing else."""
        bracketed = _IN_BRACKETS.fullmatch(first)
        said = bracketed.group(1) if bracketed else first
        if not _LABELLED.fullmatch(said) and not _OF_LIST.fullmatch(said):
            return False
        place, fields = labels.index(first), set(self.columns.values())
        before = ""
        for index, label in enumerate(labels):
            if index > place and index in fields and label and not _LABELLED.fullmatch(label) and before[-1:] != ":":
                return False
            before = label or before
        return True

    def _names_person(self, labels: Sequence[str]) -> bool:
        """Whether an ID or an account stands in its column: such a row is somebody's, whatever else it says."""
        least = {"id_no": _LEAST_ID_DIGITS, "account": _LEAST_ACCOUNT_DIGITS}
        return any(
            len(_DIGIT.findall(label)) >= least[name]
            for name in least.keys() & self.columns.keys()
            for label in labels[self.columns[name] : self.columns[name] + 1]
        )

    def _is_foot(self, labels: Sequence[str]) -> bool:
        """Whether every filled cell is a day, a seal or a signature, as they stand below a list; a name is no seal."""
        filled = {index: label for index, label in enumerate(labels) if label}
        days = {index for index, label in filled.items() if _DAY.fullmatch(label)}
        # A township's name alone may be that of the rows below it.
        seals = (_OFFICE, _SEALED, _TOWNSHIP_OFFICE) if days else (_OFFICE, _SEALED)
        others = [label for index, label in filled.items() if index not in days]
        named = {index for index, label in filled.items() if index not in days and not _SEALED.fullmatch(label)}
        is_named = self.columns.get("name") in named
        is_each = all(self._is_signature(each) or any(seal.fullmatch(each) for seal in seals) for each in others)
        return len(self.columns) > 1 and is_each and not is_named

    def _is_numbered_note(self, labels: Sequence[str], first: str) -> bool:
        """Whether a row holds a numbered sentence alone, and not where a person's name or an answer stands."""
        columns = [self.columns[name] for name in ("name", "answer") if name in self.columns]
        is_elsewhere = not any(label for index in columns for label in labels[index : index + 1])
        return is_elsewhere and len(self.columns) > 1 and _NUMBERED_NOTE.fullmatch(first) is not None

    def _is_of_nobody(self, labels: Sequence[str], first: str) -> bool:
        """Whether all that a whole row holds is a text where no rule looks.

        A number of the row itself stays a row, and so does a text that may name another batch or township.
        """
        width = max((place for place, label in enumerate(self.labels, start=1) if label), default=0)
        # A line of a text that is cut off is shorter.
        if self.layout.form != "table" or not len(labels) >= width > 1 or "answer" in self.columns:
            return False
        index = labels.index(first)
        is_labelled = any(self.labels[index : index + 1])
        is_said_of_rows = "township" in self.columns and (
            _TOWNSHIP_OFFICE.fullmatch(first) is not None or _GROUP.fullmatch(first) is not None
        )
        may_say_more = not is_said_of_rows and (_MAY_BE_HEAD.search(first) or _LONG_NUMBER.search(first))
        is_number = is_labelled and _SMALL_NUMBER.fullmatch(first) is not None
        looked_at = set(self.columns.values()) - {self.columns.get("line_no")}
        is_elsewhere = index not in looked_at and not may_say_more and not is_number
        return is_elsewhere or (index != self.columns.get("name") and _EMPTY.fullmatch(first) is not None)

    def _is_header(self, labels: Sequence[str]) -> bool:
        """Whether the row repeats the header: every cell that is filled under a field is an alias of it."""
        filled = [
            (labels[index], name) for name, index in self.columns.items() if index < len(labels) and labels[index]
        ]
        return bool(filled) and all(
            find_alias(header_label(label), self.layout.aliases[name]) for label, name in filled
        )

    def _has_same_units(self, cells: Sequence[str]) -> bool:
        """Whether no label of a repeated header states another unit than the table's own."""
        # A text without a header has the unit of its layout.
        own_units = [
            self.layout.amount_unit if self.layout.form == "lines" else split_unit(own)[1] for own in self.labels
        ]
        pairs = zip(map(header_label, cells), own_units, strict=False)
        return all(split_unit(label)[1] in (None, unit) for label, unit in pairs if label)

    def _titles_above_headers(self, filled: pl.DataFrame, kinds: Mapping[int, RowKind]) -> set[int]:
        """Note the headers within the rows; gives the numbers of the rows above them that are titles and heads."""
        rows = filled.select("row_number", "row_text").rows()
        titles: set[int] = set()
        for place, (row_number, _) in enumerate(rows):
            if kinds.get(row_number) not in _HEADERS:
                continue
            lines: list[tuple[str, ...]] = []
            title_lines: list[tuple[str, ...]] = []
            first_row, head_size = row_number, 0
            for above, text in reversed(rows[:place]):
                cells = tuple(text.split(CELL_SEPARATOR))
                kind = kinds.get(above, RowKind.DATA)
                is_title = kind is RowKind.DATA and self._is_surely_title(cells)
                if not is_title and kind not in (RowKind.OTHER, RowKind.TITLE):
                    break
                if is_title:
                    titles.add(above)
                if is_title or kind is RowKind.TITLE:
                    title_lines.insert(0, cells)
                lines.insert(0, cells)
                # 制表日期 alone is what stands below a page.
                if is_title or kind is RowKind.TITLE or head_values([cells], self.layout).keys() - {"made_at"}:
                    first_row, head_size = above, len(lines)
            is_other = kinds[row_number] is RowKind.OTHER_HEADER
            head = tuple(lines[-head_size:]) if head_size else tuple(lines)
            self.further_heads.append(FurtherHead(first_row, head, tuple(title_lines), is_other))
        return titles

    def _is_surely_title(self, cells: Sequence[str]) -> bool:
        """Whether a row above a repeated header is a title or a head: nothing but a text that names a list, or labels."""
        filled = [label for label in map(clean_label, cells) if label and not _PAGE.fullmatch(label)]
        if len(filled) == 1 and _TITLE.search(filled[0]):
            # Its years and pages are no ID, in whatever column it stands.
            return _LONG_NUMBER.search(filled[0]) is None
        return any(":" in label for label in filled) and self.may_be_title(cells)

    def may_be_title(self, cells: Sequence[str]) -> bool:
        """Whether a row may stand above a table's header: one or two texts, or labels with colons, and no person or amount."""
        labels = [clean_label(cell) for cell in cells]
        filled = [label for label in labels if label]
        values = [self.columns[name] for name in ("id_no", "account", "amount") if name in self.columns]
        has_value = any(label and _DIGIT.search(label) for index in values for label in labels[index : index + 1])
        return not has_value and (len(filled) <= _MOST_TITLES or any(":" in label for label in filled))

    def _is_part(self, labels: Sequence[str], first: str) -> bool:
        """Whether the row is a part of a total: ``其中:成功``."""
        id_index = self.columns.get("id_no", len(labels))
        return first.startswith(_PART_OF_TOTAL) and not any(labels[id_index : id_index + 1])

    def _is_part_total(self, labels: Sequence[str], first: str) -> bool:
        """Whether the row sums successes or failures alone (``成功 | 3笔``), and names no person and no account."""
        if not SOURCES[self.layout.source].has_outcome or not _PART_ALONE.fullmatch(first):
            return False
        place = next(index for index, label in enumerate(labels) if label)
        of_person = [self.columns[name] for name in ("id_no", "account", "name") if name in self.columns]
        values = [label for index in of_person if index != place for label in labels[index : index + 1] if label]
        if self.columns.get("outcome") == place and not any(values):
            return False
        return all(_OF_PART.fullmatch(label) for label in values)

    def _is_total(self, labels: Sequence[str], first: str, words: Sequence[str]) -> bool:
        """Whether the first cell says so (``合计``, ``汤丹镇小计``, ``合计:412笔``), or another one in a row without an ID."""
        word = "|".join(re.escape(word) for word in words)
        if re.fullmatch(rf"\D{{0,12}}(?:{word})(?:{_OF_TOTAL})?(?:\([^()]*\))?(?:[:,、共\d].*|{_IN_CAPITALS})?", first):
            return True
        is_word = re.compile(rf"(?:{word}):?").fullmatch
        id_index = self.columns.get("id_no", len(labels))
        has_id = any(not is_word(label) and not _SMALL_NUMBER.fullmatch(label) for label in labels[id_index:][:1])
        return not has_id and any(is_word(label) for label in labels)

    def _is_signature(self, first: str) -> bool:
        word = "|".join(re.escape(word) for word in self.layout.signature_words)
        signed = r"(?:\(?(?:签字|签章|盖章|签名)\)?)?"
        # A name may stand behind it without a colon: ``制表人 张三``.
        return (
            re.fullmatch(rf"(?:{word})(?:(?:人|员|单位|时间|日期)?{signed}(?::.*)?|人员?\D{{1,4}})", first) is not None
        )

    def _may_be_other(self) -> pl.Expr:
        """A quick test that every row passes that is no data, and few others."""
        text = pl.col("row_text")
        starts = [*self.layout.signature_words, "第", "共", "注", "备注", "说明", "填表说明", "附注"]
        day = r"\d\s*\d\s*\d\s*\d\s*(?:年|[-./][\d\s]+[-./][\d\s]+[\x1f\s]*$)"
        note = r"\d{1,2}\s*[.、)）．][^\x1f\d]"
        # Below a seal stands no ID and no account.
        office = (
            rf"[^\x1f\d]*(?:{_OFFICES}|人民政府|街道办|[(（](?:盖章|公章|签章|签字)[)）])(?:\d{{0,4}}\D)*\d{{0,4}}$"
        )
        totals = [*self.layout.total_words, *self.layout.subtotal_words]
        parts = rf"[^\x1f\d]{{0,6}}(?:{_any_spaced(PART_WORDS)})"
        said = rf"[(（]?(?:[^\x1f\d]{{1,24}}[:：]|{_any_spaced(_OF_LIST_WORDS)})"
        begins = f"{_any_spaced(starts)}|{day}|{note}|{office}|{parts}|{said}"
        first_cell = rf"^[\x1f\s]*(?:{begins}|[^\x1f]*(?:{_any_spaced(totals)}))"
        total_cell = rf"(?:^|\x1f)\s*(?:{_any_spaced(totals)})\s*[:：]?\s*(?:\x1f|$)"
        alone = r"^[\x1f\s]*[^\x1f]+[\x1f\s]*$" if len(self.columns) > 1 else r"^\x1f$"
        may_be = text.is_in(list(self.title_texts)) | text.str.contains(first_cell) | text.str.contains(total_cell)
        may_be |= text.str.contains(alone) | text.str.contains(r"(?i)^(?:[^\w]|_|[无空]|null|n/a)*$")
        name = next(name for name in self.columns if "amount" not in name)
        cell = pl.col(cell_column(self.columns[name])).str.normalize("NFKC").str.replace_all(r"[\s\p{Cf}*※★]", "")
        may_be |= cell.is_in(list(self.layout.aliases[name])).fill_null(value=False)
        if self.layout.form != "table":
            return may_be
        needed = [word for name in self.layout.required_groups[0] for word in self.layout.aliases[name]]
        return may_be | text.str.contains(rf"(?:^|\x1f)[\s*※★]*(?:{_any_spaced(needed)})[^\x1f]{{0,12}}(?:\x1f|$)")


def _any_spaced(words: Sequence[str]) -> str:
    """A pattern of any of the words, with blanks between their characters."""
    return "|".join(r"\s*".join(re.escape(character) for character in word) for word in words)
