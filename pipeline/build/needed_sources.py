"""Sources without which a year can't be judged: looked for before anything is begun, and again once their files were read."""

from pathlib import Path

import polars as pl

from pipeline import landing
from pipeline.errors import DaijiaoError, UsageError
from pipeline.warehouse.outbound import as_published
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

NEEDED_SOURCES = ("poverty_roll", "classification", "bank_returns", "tax_returns", "fund_documents", "allocations")
# Who is dead or insured elsewhere stands there: a file of them that was sent and can't be read stops publication.
EVIDENCE_SOURCES = ("pension_register", "category_rolls")
# Of a source that has such a file something could be read; others of its files may have the same bytes or rows.
READABLE = ("read", "later")


def check_landing_folder(raw: Path, year: int) -> None:
    """Make sure that there is something to read before anything is begun.

    Raises:
        UsageError: the year's folder is missing or empty, or that of a needed source is.
    """
    folder = raw / str(year)
    if not folder.is_dir() or not landing.holds_entries(folder):
        raise UsageError(
            f"There is nothing to read in {folder}. Put the year's files there, a folder a source, or write a synthetic "
            f"district with `daijiao sample --year {year}`.",
            f"{folder} 中没有可读的文件。请按来源建立文件夹,放入该年度的文件;"
            f"没有真实文件时,可以先运行 `daijiao sample --year {year}` 生成模拟数据。",
        )
    missing = [source for source in NEEDED_SOURCES if not landing.holds_entries(folder / source)]
    if missing:
        raise UsageError(
            f"Needed folders are missing or empty in {folder}: {', '.join(missing)}. Put the files of these sources there "
            "and run again; `daijiao template --all --out DIR` writes an empty workbook of each.",
            f"{folder} 中缺少需要的文件夹,或文件夹是空的:{', '.join(missing)}。请放入这些来源的文件后重新运行;"
            "`daijiao template --all --out 文件夹` 可写出各来源的空白模板。",
        )


def check_needed_sources(session: Session, run: Run) -> None:
    """Make sure that what the year can't be judged without could be read.

    Raises:
        DaijiaoError: all files of a needed source were refused or skipped, or all their rows quarantined; nobody is on the
            roll of the year, unless it is looked back on; or a file of the bureau's evidence was refused, or all its files
            skipped.
    """
    folder = run.raw / str(run.year)
    files = session.find("SELECT source, file_name, status, reason FROM core.file_status ORDER BY file_number")
    readable = set(files.filter(pl.col("status").is_in(READABLE))["source"])
    fates = session.find("SELECT DISTINCT source, fate = 'quarantined' AS is_quarantined FROM core.row_fate")
    quarantined, used = (
        set(fates.filter(each)["source"]) for each in (pl.col("is_quarantined"), ~pl.col("is_quarantined"))
    )
    for source in NEEDED_SOURCES:
        if source not in readable:
            first = files.filter(source=source).sort(pl.col("status") != "refused", maintain_order=True)
            file_name, reason = _published(session, run, first)
            raise DaijiaoError(
                f"No file of the needed source {source} could be read in {folder}, the first being {file_name} ({reason}). The "
                "last published tables stay; correct the files and run again.",
                f"{folder} 中需要的来源 {source} 没有一个文件可读,第一个是 {file_name}({reason})。"
                "上次发布的数据表没有变化;请更正文件后重新运行。",
            )
        if source in quarantined - used:
            raise DaijiaoError(
                f"Every row of the needed source {source} in {folder} is quarantined, so no file of it could be read. The last "
                "published tables stay; correct the files and run again.",
                f"{folder} 中需要的来源 {source} 的每一行都被隔离,"
                "没有一个文件可用。上次发布的数据表没有变化;请更正文件后重新运行。",
            )
    if run.as_of is None and session.find("SELECT 1 FROM core.person LIMIT 1").is_empty():
        raise DaijiaoError(
            f"No snapshot of the source poverty_roll in {folder} that could be used is dated in {run.year}, so that nobody is on "
            "the roll. The last published tables stay; put a list of the year there, or correct the dates (数据日期, or the "
            "eight digits in the file's name), and run again.",
            f"{folder} 中来源 poverty_roll 没有一份 {run.year} 年的名单可用,名单上没有人。上次发布的数据表没有变化;"
            "请放入该年度的名单,或更正数据日期(“数据日期”列或文件名中的八位数字)后重新运行。",
        )
    for source in EVIDENCE_SOURCES:
        own = files.filter(source=source)
        refused = own.filter(status="refused") if source in readable else own
        if not refused.is_empty():
            file_name, reason = _published(session, run, refused)
            raise DaijiaoError(
                f"A file of the source {source} in {folder} could not be read, so nobody knows whom it excludes: "
                f"{file_name} ({reason}). The last published tables stay; have it sent anew in a form that can be read, or take "
                "it out of the folder, and run again.",
                f"{folder} 中来源 {source} 的一个文件无法读取,"
                f"不知道其中排除了哪些人:{file_name}({reason})。上次发布的数据表没有变化;"
                "请重新报送可读的文件,或把它移出文件夹,再重新运行。",
            )


def _published(session: Session, run: Run, files: pl.DataFrame) -> list[str]:
    """Name and reason of the first of some files, as they may be shown."""
    return as_published(session.query, run.year, run.key, files.select("file_name", "reason").row(0))
