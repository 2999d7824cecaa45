"""How the dashboard asks the published file and shows an answer: queries, Chinese words, tiles, tables, bars.

Everything is plain HTML of this page, so that nothing needs a network, nothing is in another language, and a narrow screen
shows it all. Which questions are asked stands in ``daijiao.py``.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

import marimo as mo
import polars as pl

from pipeline import paper
from pipeline.commands.intake import changes_since
from pipeline.commands.language import Say
from pipeline.contracts import tables
from pipeline.contracts.codes import chinese_words, load_codes
from pipeline.errors import DaijiaoError
from pipeline.policy.model import UNKNOWN_TOWNSHIP
from pipeline.privacy import current_key
from pipeline.settings import Settings
from pipeline.warehouse.damage import UnusableFileError
from pipeline.warehouse.folder import LAST_YEAR_FILE, PUBLISHED_FILE
from pipeline.warehouse.proof import problems
from pipeline.warehouse.reading import reading

SETTINGS = Settings()
PUBLISHED = SETTINGS.warehouse / PUBLISHED_FILE
LAST_YEAR = SETTINGS.warehouse / LAST_YEAR_FILE
CHINESE = {column.name: column.chinese for table in tables.published_tables() for column in table.columns} | {
    "file_count": "文件数",
    "line_count": "行数",
    "person_count": "人数",
    "mismatch_count": "差异数",
    "reason": "原因",
    "detail": "说明",
    "event": "事项",
    "day": "日期",
}
# The codes of the tables in Chinese.
VOCABULARIES = load_codes()
WORDS = {code.code: code.chinese for vocabulary in VOCABULARIES.values() for code in vocabulary.codes} | {
    "municipal": "市级",
    "district": "区级",
    "registered_poor": "建档立卡贫困人口",
}
# Of the chosen year, and of the chosen township if there is one; the unknown township stands last.
CHOSEN = "policy_year = $year and ($township is null or township_code = $township)"
IN_ORDER = f"township_code = '{UNKNOWN_TOWNSHIP}', township_code"
# The vocabulary of a column that isn't called like it; a mismatch's status is none of a file's.
_VOCABULARY_OF = {"kind": "mismatch_kind", "status": "file_status"}
PAYMENT_STATUSES = chinese_words("payment_status")
STEPS = {1: "名单", 2: "不符合", 3: "未确认", 4: "符合条件", 5: "未覆盖", 6: "已覆盖"}
GREEN, PALE_GREEN, RED, AMBER, BLUE, GREY = "#2f6f4f", "#86b395", "#a3463f", "#c8873d", "#4a6c8c", "#c4c4c4"
COLOURS = {
    "paid": GREEN,
    "not_due": GREY,
    "unconfirmed": "#8d7aa8",
    "silent": AMBER,
    "return_failed": RED,
    "disputed": "#d98c82",
    "reversed": "#7d4b3a",
    "outcome_unknown": BLUE,
    "outcome_unrecognised": "#5b5b8c",
    "self_paid": PALE_GREEN,
}
SHOWN_ROWS = 100
# So many characters stand in one line (a date, a batch, a status), and more than so many in several.
_SHORT, _LONG = 12, 24

# It stands in every tab: what a tab holds isn't reached by the styles of the page.
STYLE = mo.Html(
    """<style>
[data-testid="notebook-actions-dropdown"] { display: none; }
.daijiao-tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 8px 0; }
.daijiao-tile { border: 1px solid #ddd; border-radius: 8px; padding: 10px 12px; background: #fff; overflow-wrap: anywhere; }
.daijiao-tile b { display: block; font-size: 1.35rem; font-weight: 600; color: #222; }
.daijiao-tile span { color: #666; font-size: .85rem; }
.daijiao-tile.bad b { color: #a3463f; }
.daijiao-table { overflow-x: auto; margin: 6px 0; }
.daijiao-table table { border-collapse: collapse; font-size: .85rem; width: 100%; }
.daijiao-table th, .daijiao-table td { border-bottom: 1px solid #e4e4e4; padding: 4px 8px; text-align: left; vertical-align: top;
  min-width: 4em; overflow-wrap: anywhere; }
.daijiao-table th { background: #f4f6f8; white-space: nowrap; font-weight: 600; }
.daijiao-table td.number, .daijiao-table th.number { text-align: right; white-space: nowrap; }
.daijiao-table td.short { white-space: nowrap; }
.daijiao-table td.long { min-width: 16em; }
.daijiao-note { color: #666; font-size: .85rem; margin: 4px 0; overflow-wrap: anywhere; }
.daijiao-bars { margin: 6px 0; }
.daijiao-bar { display: flex; align-items: center; gap: 8px; margin: 3px 0; font-size: .85rem; }
.daijiao-bar > span:first-child { flex: 0 0 9em; text-align: right; overflow-wrap: anywhere; }
.daijiao-bar > div { flex: 1 1 auto; display: flex; min-width: 60px; background: #f6f6f6; height: 16px; }
.daijiao-bar > div > i { display: block; height: 16px; min-width: 0; }
.daijiao-bar > span:last-child { flex: 0 0 7.5em; white-space: nowrap; }
.daijiao-key { display: flex; flex-wrap: wrap; gap: 4px 14px; font-size: .8rem; color: #444; margin: 2px 0 6px; }
.daijiao-key i { display: inline-block; width: 10px; height: 10px; margin-right: 4px; }
@media (max-width: 600px) {
  [role=tab] { padding: 4px 5px !important; font-size: 13px !important; }
  .daijiao-table thead { display: none; }
  .daijiao-table tr { display: block; border-bottom: 1px solid #ccc; padding: 4px 0; }
  .daijiao-table td, .daijiao-table td.number, .daijiao-table td.long { display: flex; gap: 8px; border: 0; min-width: 0;
    text-align: left; white-space: normal; padding: 2px 4px; }
  .daijiao-table td::before { content: attr(data-label); flex: 0 0 7em; color: #666; }
  .daijiao-bar > span:first-child { flex-basis: 6em; }
  .daijiao-bar > span:last-child { flex-basis: 6em; }
}
</style>"""
)


def find(sql: str, **parameters: object) -> pl.DataFrame:
    """The rows of a select statement on the published file."""
    with reading(PUBLISHED) as connection:
        frame: pl.DataFrame = connection.sql(sql, params=parameters or None).pl()
    return frame


def unproven(year: int) -> list[str]:
    """What of a published year isn't what was signed, in Chinese; nothing where all is."""
    with reading(PUBLISHED) as connection:
        return problems(connection, year, current_key(SETTINGS.key_file))


def find_where_there(table: str, sql: str, **parameters: object) -> pl.DataFrame:
    """The rows of a select statement, none where an older published file lacks the table."""
    name = table.split(".")
    known = find(
        "select 1 as one from information_schema.tables where table_schema = $schema and table_name = $name",
        schema=name[0],
        name=name[1],
    )
    return pl.DataFrame() if known.is_empty() else find(sql, **parameters)


def changes_in_words(changes: pl.DataFrame) -> pl.DataFrame:
    """Rows of mart.change as a bureau reads them: what is gone, changed or less, without digests."""
    lines = changes_since(changes.rows(named=True), Say("chinese"))
    return pl.DataFrame({"变化": [line.text for line in lines if line.depth]}, schema={"变化": pl.String})


def published_years() -> list[int]:
    """The years of the published file, the newest first; none where there is no file, or it can't be used."""
    try:
        return find("select distinct policy_year from mart.refresh order by policy_year desc")["policy_year"].to_list()
    except DaijiaoError:
        return []


def why_nothing() -> str:
    """Why there is no year to show and what to do, in Chinese."""
    if PUBLISHED.exists():
        try:
            find("select 1 from mart.refresh")
        except UnusableFileError as error:
            advice = (
                "请对每个年度重新运行 `daijiao refresh --year 年度`"
                if error.fault.is_replaceable
                else "请把它移走或关闭占用它的程序,并允许当前用户读取"
            )
            return f"已发布的数据文件 `{PUBLISHED}` 不能使用:{error.fault.chinese}。{advice},再刷新本页。"
        except DaijiaoError as error:
            return error.chinese
    return (
        "还没有已发布的数据。请先运行 `daijiao refresh --year 2019`(没有数据时可先运行 `daijiao sample`),"
        f"再刷新本页。本页读取的文件是 `{PUBLISHED}`;数据放在别处时,请设置环境变量 `DAIJIAO_WAREHOUSE`。"
    )


def first_year(years: Sequence[int]) -> int:
    """The year on which the page opens: that of the last refresh from the terminal, else the newest."""
    text = LAST_YEAR.read_text(encoding="ascii", errors="replace").strip() if LAST_YEAR.is_file() else ""
    return int(text) if text.isdecimal() and int(text) in years else years[0]


def said(name: str, value: Any) -> str:
    """A value as people write it: rates in per cent, money and counts grouped, codes in Chinese, nothing as a dash."""
    if value is None:
        return "—"
    if name.endswith(("_rate", "_low", "_high")):
        return paper.percent(Decimal(str(value)))
    if name.endswith("_days"):
        return f"{Decimal(str(value)):.1f}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, bool | date) or name in ("policy_year", "row_number", "birth_year", "first_row_number"):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value)
    if text.startswith("township:"):
        return "乡镇核定:" + text.removeprefix("township:")
    vocabulary = VOCABULARIES.get(_VOCABULARY_OF.get(name, name))
    if vocabulary is not None and text in vocabulary.by_code:
        return vocabulary.by_code[text].chinese
    return paper.printable(WORDS.get(text, text))


def sentence(reason: str | None) -> str:
    """A file's or row's reason without the code before it."""
    code, separator, rest = (reason or "").partition(": ")
    return rest if separator and code.isascii() else reason or ""


def tiles(facts: Mapping[str, str], bad: Sequence[str] = ()) -> mo.Html:
    """Figures side by side, as many in a row as there is room for; those named `bad` in red."""
    each = "".join(
        f'<div class="daijiao-tile{" bad" if label in bad else ""}"><b>{escape(text)}</b><span>{escape(label)}</span></div>'
        for label, text in facts.items()
    )
    return mo.Html(f'<div class="daijiao-tiles">{each}</div>')


def note(text: str) -> mo.Html:
    """A line of small print."""
    return mo.Html(f'<p class="daijiao-note">{escape(text)}</p>')


def shown(frame: pl.DataFrame, name: str, empty: str = "没有。") -> mo.Html:
    """The frame as a table in Chinese: its first rows to look at, all of them to download.

    Args:
        name: of the file to download.
        empty: what stands there where there are no rows.
    """
    if frame.is_empty():
        return note(empty)
    head = "".join(
        f'<th class="{_kind(frame, column)}">{escape(CHINESE.get(column, column))}</th>' for column in frame.columns
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_kind(frame, column)}" data-label="{escape(CHINESE.get(column, column))}">'
            f"<div>{escape(said(column, value))}</div></td>"
            for column, value in zip(frame.columns, row, strict=True)
        )
        + "</tr>"
        for row in frame.head(SHOWN_ROWS).iter_rows()
    )
    table = mo.Html(
        f'<div class="daijiao-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )
    if frame.height <= 12:
        return table
    more = f"共 {frame.height:,} 行" + (f",这里显示前 {SHOWN_ROWS} 行" if frame.height > SHOWN_ROWS else "")
    return mo.vstack([table, mo.hstack([note(more), download(frame, name)], justify="start", wrap=True)])


def download(frame: pl.DataFrame, name: str) -> mo.Html:
    """A button that downloads the frame as a table that spreadsheets open, in Chinese."""
    words = frame.select(
        pl.Series(CHINESE.get(column, column), [said(column, value) for value in frame[column]])
        for column in frame.columns
    )
    content = words.write_csv().encode("utf-8-sig")
    result: mo.Html = mo.download(content, filename=f"{name}.csv", mimetype="text/csv", label="下载全部(CSV)")
    return result


def _kind(frame: pl.DataFrame, column: str) -> str:
    if frame.schema[column].is_numeric():
        return "number"
    longest = frame[column].cast(pl.String).str.len_chars().max()
    if not isinstance(longest, int) or longest <= _SHORT:
        return "short"
    return "long" if longest > _LONG else ""


def bars(rows: Sequence[tuple[str, Mapping[str, Any]]], parts: Mapping[str, tuple[str, str]], unit: str) -> mo.Html:
    """Horizontal bars that begin at 0, each in parts with their sum beside it.

    Args:
        rows: name and values of each bar; a negative value has no length.
        parts: of each value its Chinese name and colour, in the order in which they are stacked.
        unit: what is counted: 人, 元, 条.
    """
    sums = [sum((Decimal(str(values.get(part) or 0)) for part in parts), Decimal(0)) for _, values in rows]
    longest = max([*sums, Decimal(1)])
    lines = []
    for (label, values), total in zip(rows, sums, strict=True):
        pieces = "".join(
            f'<i title="{escape(words)} {_grouped(values.get(part))}" '
            f'style="width:{_share(values.get(part), longest):.2f}%;background:{colour}"></i>'
            for part, (words, colour) in parts.items()
        )
        lines.append(_bar(label, pieces, f"{_grouped(total)} {unit}"))
    key = "".join(
        f'<span><i style="background:{colour}"></i>{escape(words)}</span>' for words, colour in parts.values()
    )
    return mo.Html(f'<div class="daijiao-key">{key}</div><div class="daijiao-bars">{"".join(lines)}</div>')


def rates(rows: Sequence[tuple[str, Any]], colour: str = GREEN) -> mo.Html:
    """Bars of rates from 0 to 100 %; one above that is red and ends at the edge, one that is no rate is a dash."""
    lines = []
    for label, rate in rows:
        value = Decimal(0) if rate is None else Decimal(str(rate))
        width, shade = min(max(value, Decimal(0)), Decimal(1)) * 100, RED if value > 1 else colour
        text = "—" if rate is None else paper.percent(value)
        lines.append(_bar(label, f'<i style="width:{width:.2f}%;background:{shade}"></i>', text))
    return mo.Html(f'<div class="daijiao-bars">{"".join(lines)}</div>')


def waterfall(rungs: Sequence[tuple[int, str, int]]) -> mo.Html:
    """From the roll down to the covered: what is lost hangs where the bar before it ended.

    Args:
        rungs: step, name and persons, in order.
    """
    left, lines = 0, []
    whole = max([count for _, _, count in rungs] or [1]) or 1
    for step, label, count in rungs:
        if step in (1, 4, 6):
            left, start, colour = count, 0, GREEN if step == 6 else BLUE
        else:
            left -= count
            start, colour = left, GREY if step == 2 else RED
        piece = f'<i style="margin-left:{100 * start / whole:.2f}%;width:{100 * count / whole:.2f}%;background:{colour}"></i>'
        lines.append(_bar(label, piece, f"{count:,} 人"))
    return mo.Html(f'<div class="daijiao-bars">{"".join(lines)}</div>')


def _bar(label: str, pieces: str, text: str) -> str:
    return f'<div class="daijiao-bar"><span>{escape(label)}</span><div>{pieces}</div><span>{escape(text)}</span></div>'


def _share(value: Any, whole: Decimal) -> Decimal:
    return max(Decimal(str(value or 0)), Decimal(0)) * 100 / whole


def _grouped(value: Any) -> str:
    number = Decimal(str(value or 0))
    return f"{number:,.2f}" if number % 1 else f"{number:,.0f}"
