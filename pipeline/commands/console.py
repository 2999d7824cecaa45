"""What the terminal shows: progress while a run lasts, the intake statement and the published figures at its end.

Figures come from the published file, so nothing personal can be shown. What the statement says is told by
``pipeline.commands.intake``; which command shows what, by ``pipeline.commands.cli``.
"""

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from pipeline.commands.history_files import DAMAGED_HISTORY
from pipeline.commands.intake import Line, intake_statement
from pipeline.commands.intake_facts import read_intake
from pipeline.commands.intake_summary import intake_summary
from pipeline.commands.language import Say
from pipeline.log import LOGGER, PROGRESS
from pipeline.paper import YUAN_PER_WAN_YUAN, folded, half_up, percent, printable, wan_yuan
from pipeline.policy.model import UNKNOWN_TOWNSHIP
from pipeline.warehouse.opening import UNUSABLE_STORE
from pipeline.warehouse.publication import UNUSABLE_PUBLISHED
from pipeline.warehouse.reading import reading
from pipeline.warehouse.session import EDITED

# The width of a terminal that nobody has widened; in a pipe, tables keep to it as well.
WIDTH = 80
_INDENT = 2
_MOST_DECIMALS = 4
# Wider than any table, so that a table's own width can be measured.
_UNBOUNDED = 10_000
# What a run's log says, in Chinese; a message that isn't here is shown as it is.
_CHINESE_MESSAGES = {
    "Reading the landed files of %s": "正在读取 %s 年的文件",
    "Read %s of %s landed files": "已读取 %s / %s 个文件",
    "Loading %s of %s tables of rows: %s": "正在装入第 %s / %s 张明细表:%s",
    "Building %s of %s tables: %s.%s": "正在计算第 %s / %s 张表:%s.%s",
    "Judging persons and lines": "正在逐人、逐笔核对",
    "Adding up townships and district": "正在汇总乡镇和全区",
    "Publishing %s": "正在发布 %s",
    "Counting %s a second time": "正在二次核算 %s 年",
    "Writing report %(number)s of %(count)s: %(name)s": "正在生成第 %(number)s / %(count)s 类报告:%(chinese)s",
    "Writing %s of %s workbooks: %s": "正在生成第 %s / %s 本台账:%s",
    "Since the last publication of %s, %s things are less, gone or others": "%s 年与上次发布相比有 %s 处不同,见收文说明",
    EDITED: "%s(%s 年)在库中的数据与计算时不同,已重新计算",
    UNUSABLE_STORE: "%(name)s 不能使用(%(chinese)s),已重新生成;原文件改名为 %(aside)s",
    UNUSABLE_PUBLISHED: (
        "%(name)s 不能使用(%(chinese)s),已重新写出;原文件改名为 %(aside)s。其他年度也请刷新:%(others)s"
    ),
    "%s is not the file that was published last; it is written again": "%s 不是上次发布的文件,已重新写出",
    "%s is written again: it isn't signed with this key": "%s 不是用现在的密钥签名的,已重新写出",
    "%s was left behind by another run and can't be removed": "%s 是以前的运行留下的,无法删除",
    "%d texts of senders held an ID, an account or a name, and are published masked": (
        "报送文字中有 %d 处含证件号、账号或姓名,已遮盖后发布"
    ),
    "%s was open to others (mode %04o); it is closed to them now": "%s 曾对他人开放(权限 %04o),现已关闭",
    "The run %s was ended as failed: its process is gone": "运行 %s 的进程已中断,已按失败结束",
    DAMAGED_HISTORY: "运行记录中的 %s 已损坏,改名为 %s,重新开始记录",
    "There is no key here: the signature of the published tables can't be checked, their digests can": (
        "没有密钥,不能核对已发布数据表的签名,只核对摘要"
    ),
}


# The steps of a refresh that takes everything anew, in their order; one that finds something standing leaves steps out.
_STEPS = (
    "Reading the landed files of %s",
    "Judging persons and lines",
    "Adding up townships and district",
    "Publishing %s",
    "Counting %s a second time",
)


@dataclass(frozen=True)
class _Figure:
    """A column of a table on the terminal: its published column and its short heads."""

    name: str
    chinese: str
    english: str


_PERSONS = (
    _Figure("roll_count", "名单", "roll"),
    _Figure("planned_count", "计划", "planned"),
    _Figure("excluded_count", "不符合", "excluded"),
    _Figure("unconfirmed_count", "未确认", "unconf."),
    _Figure("eligible_count", "符合", "eligible"),
    _Figure("covered_count", "已覆盖", "covered"),
    _Figure("uncovered_count", "未覆盖", "uncov."),
    _Figure("participation_rate", "参保率", "rate"),
)
_FUND = (
    _Figure("allocated_yuan", "拨付", "allocated"),
    _Figure("paid_out_yuan", "已付", "paid out"),
    _Figure("used_yuan", "核销", "used"),
    _Figure("disputed_yuan", "存疑", "disputed"),
    _Figure("balance_yuan", "结余", "balance"),
    _Figure("utilisation_rate", "使用率", "rate"),
)
_DISTRICT = (
    _Figure("budget_yuan", "预算(万元)", "budget"),
    _Figure("bureau_balance_yuan", "本局结余(万元)", "at bureau"),
    _Figure("execution_rate", "预算执行率", "execution"),
    _Figure("target_completion_rate", "目标完成率", "target"),
    _Figure("benefit_disbursement_rate", "待遇发放率", "benefits"),
    _Figure("satisfaction_rate", "满意率", "satisfied"),
)


class _ProgressHandler(logging.Handler):
    """Shows what the log says: on a terminal as a line that changes, in a pipe as plain lines."""

    def __init__(self, status: Status | None, say: Say) -> None:
        super().__init__(logging.INFO)
        self._status = status
        self._stream = sys.stderr
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Show one message."""
        chinese = _CHINESE_MESSAGES.get(str(record.msg), str(record.msg))
        message = self._say(chinese, str(record.msg))
        text = self._step(str(record.msg)) + printable(message % record.args if record.args else message)
        if self._status is not None and record.levelno >= logging.WARNING:
            # It stays above the line that changes.
            self._status.console.print(Text(text))
        elif self._status is not None:
            self._status.update(Text(text))
        else:
            print(text, file=self._stream, flush=True)

    def _step(self, message: str) -> str:
        """Which step of how many a message begins."""
        if message not in _STEPS:
            return ""
        number = _STEPS.index(message) + 1
        return self._say(f"第 {number} / {len(_STEPS)} 步:", f"Step {number} of {len(_STEPS)}: ")


@contextmanager
def progress(say: Say) -> Iterator[None]:
    """Show the log of a run on stderr for as long as it lasts."""
    console = Console(file=sys.stderr)
    status = console.status("") if console.is_terminal else None
    handler = _ProgressHandler(status, say)
    told = (LOGGER, PROGRESS) if status is not None else (LOGGER,)
    for logger in told:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        if status is not None:
            status.start()
        yield
    finally:
        if status is not None:
            status.stop()
        for logger in told:
            logger.removeHandler(handler)


def show_published(path: Path, year: int, say: Say) -> None:
    """Print a year of the published file: the intake statement, townships and district, mismatches by kind."""
    console = _console()
    _print_statement(console, intake_summary(read_intake(path, year), year, say), year, say)
    with reading(path) as connection:
        for title, table, figures in (
            (say(f"参保 {year} 年(人)", f"Persons {year}"), "township_participation", _PERSONS),
            (say(f"资金 {year} 年(万元)", f"Money {year} (10,000 yuan)"), "township_fund", _FUND),
        ):
            _print_townships(console, connection, title, table, figures, year, say)
        _print_district(console, connection, year, say)
        _print_mismatches(console, connection, year, say)


def show_intake(path: Path, year: int, say: Say) -> None:
    """Print the whole intake statement of a year of the published file."""
    _print_statement(_console(), intake_statement(read_intake(path, year), say), year, say)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)


def _print_statement(console: Console, lines: Sequence[Line], year: int, say: Say) -> None:
    console.print(Text(say(f"收文说明 {year} 年", f"Intake statement {year}"), style="bold"))
    for line in lines:
        _print_line(console, line.text, line.depth * _INDENT)


def _print_line(console: Console, text: str, indent: int) -> None:
    """A line of any length, folded at the terminal's edge."""
    first, *rest = folded(text, console.width - indent - _INDENT)
    print(" " * indent + first)
    for part in rest:
        print(" " * (indent + _INDENT) + part)


def _print_townships(
    console: Console,
    connection: duckdb.DuckDBPyConnection,
    title: str,
    table: str,
    figures: Sequence[_Figure],
    year: int,
    say: Say,
) -> None:
    columns = ", ".join(figure.name for figure in figures)
    rows = connection.execute(
        f"SELECT township_name, {columns} FROM mart.{table} WHERE policy_year = ? "
        f"ORDER BY township_code = '{UNKNOWN_TOWNSHIP}', township_code",
        [year],
    ).fetchall()
    total = connection.execute(f"SELECT {columns} FROM mart.district_summary WHERE policy_year = ?", [year]).fetchall()
    names = [printable(str(row[0])) for row in rows] + [say("全区", "district")] * len(total)
    cells = {
        figure: _on_terminal(figure.name, [row[1 + place] for row in rows] + [row[place] for row in total])
        for place, figure in enumerate(figures)
    }
    for number, part in enumerate(_fitting(console, names, cells, say)):
        part.title = title if number == 0 else None
        console.print(part)


def _fitting(console: Console, names: Sequence[str], cells: dict[_Figure, list[str]], say: Say) -> Iterator[Table]:
    """The figures as one table, or as several below one another where one would be wider than the terminal."""
    shown = Table(box=SIMPLE_HEAD, title_justify="left", pad_edge=False, padding=(0, 1, 0, 0), show_footer=False)
    shown.add_column(say("乡镇", "township"), overflow="fold")
    for figure in cells:
        shown.add_column(say(figure.chinese, figure.english), justify="right", no_wrap=True)
    for place, name in enumerate(names):
        is_last_township = place == len(names) - 2
        shown.add_row(name, *(column[place] for column in cells.values()), end_section=is_last_township)
    if (
        len(cells) > 1
        and console.measure(shown, options=console.options.update(width=_UNBOUNDED)).maximum > console.width
    ):
        half = (len(cells) + 1) // 2
        items = list(cells.items())
        yield from _fitting(console, names, dict(items[:half]), say)
        yield from _fitting(console, names, dict(items[half:]), say)
    else:
        yield shown


def _print_district(console: Console, connection: duckdb.DuckDBPyConnection, year: int, say: Say) -> None:
    columns = ", ".join(figure.name for figure in _DISTRICT)
    row = connection.execute(f"SELECT {columns} FROM mart.district_summary WHERE policy_year = ?", [year]).fetchone()
    if row is None:
        return
    cells = {figure: _on_terminal(figure.name, [value]) for figure, value in zip(_DISTRICT, row, strict=True)}
    for part in _fitting(console, [say("全区", "district")], cells, say):
        console.print(part)


def _print_mismatches(console: Console, connection: duckdb.DuckDBPyConnection, year: int, say: Say) -> None:
    rows = connection.execute(
        "SELECT severity, kind, count(*) FILTER (status = 'open'), count(*) FILTER (status = 'answered'), "
        "count(*) FILTER (status = 'settled') FROM mart.roster_mismatch WHERE policy_year = ? "
        "GROUP BY severity, kind ORDER BY severity, count(*) DESC, kind",
        [year],
    ).fetchall()
    if not rows:
        _print_line(console, say("差异:无", "Mismatches: none"), 0)
        return
    shown = Table(
        say("级别", "severity"),
        say("差异", "kind"),
        title=say("差异(条)", "Mismatches"),
        box=SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for status in ("open", "answered", "settled"):
        shown.add_column(say.code("mismatch_status", status), justify="right", no_wrap=True)
    for severity, kind, *counts in rows:
        shown.add_row(
            say.code("severity", severity), say.code("mismatch_kind", kind), *(f"{count:,}" for count in counts)
        )
    console.print(shown)


def _on_terminal(name: str, values: Sequence[object]) -> list[str]:
    """The values of a column as a reader wants them: money in 万元 with the same places, rates in per cent, counts grouped."""
    if name.endswith("_rate"):
        return [percent(None if value is None else Decimal(str(value))) for value in values]
    if name.endswith("_yuan"):
        amounts = [None if value is None else _rounded(Decimal(str(value))) for value in values]
        written = iter(wan_yuan(*(amount for amount in amounts if amount is not None)))
        return ["—" if amount is None else f"{Decimal(next(written)):,}" for amount in amounts]
    return ["—" if value is None else f"{value:,}" for value in values]


def _rounded(amount_yuan: Decimal) -> Decimal:
    return half_up(amount_yuan / YUAN_PER_WAN_YUAN, _MOST_DECIMALS) * YUAN_PER_WAN_YUAN
