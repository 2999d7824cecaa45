"""Why a year's figures changed between two days: by cause, by township, and person by person where that is asked for.

Both states are built anew from the landed files by the rules of today, in a temporary folder that is removed afterwards; the
published file and the warehouse are left alone. Where the earlier day was published at its time, its figures are those that were
published, and what they are by the rules of today is a change of its own, with a cause of its own. Whoever or whatever has a part
in a change has one cause, so that the parts of the causes add up to the change of every figure, in the district and in each
township. Parts are stated in ``explain_figures.sql``, the rows that a change can come from in ``explain_rows.sql``, causes in
`CAUSES`. How a state is built does not belong here, nor how an explanation is told (``explain_text``).
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path

import polars as pl

from pipeline.ask.as_published import Published, cause_since, read_published
from pipeline.build import steps as build
from pipeline.build.needed_sources import check_landing_folder
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.errors import DaijiaoError, UsageError
from pipeline.settings import Settings
from pipeline.warehouse.folder import EXPLAIN, PARSE_CACHE
from pipeline.warehouse.opening import session
from pipeline.warehouse.outbound import known_texts, masked_texts
from pipeline.warehouse.run import Run, make_run
from pipeline.warehouse.session import Session

FIGURES = tuple(
    name
    for name in tables.load_tables()[TableName("mart", "district_summary")].column_names
    if name.endswith(("_count", "_yuan"))
)
"""The district's figures that are sums, in the order of mart.district_summary."""

_KEYS = ("subject", "township_code")
ABOUT = ("id_masked", "name_masked", "township_name", "state", "state_reason", "uncovered_reason", "channel")
_PLACE = ("file_name", "sheet", "row_number")
_FIGURES_SQL = Path(__file__).with_name("explain_figures.sql")
_ROWS_SQL = Path(__file__).with_name("explain_rows.sql")


def _has_row(source: str) -> pl.Expr:
    return pl.col("new_sources").list.contains(source)


# Of everybody who has a part in a change, the first that holds is the cause.
CAUSES: tuple[tuple[str, pl.Expr], ...] = (
    ("新进名单", pl.col("roll_count") > 0),
    ("退出名单", pl.col("roll_count") < 0),
    ("资金下达", pl.col("budget_yuan") != 0),
    ("资金拨付", (pl.col("allocated_yuan") != 0) | (pl.col("planned_count") != 0)),
    ("差异答复办结", _has_row("township_replies")),
    ("退票或退库", pl.col("paid_out_yuan") < 0),
    ("付款并核销", pl.col("used_yuan") > 0),
    ("付款存疑", pl.col("disputed_yuan") > 0),
    ("核销变更", (pl.col("used_yuan") != 0) | (pl.col("disputed_yuan") != 0)),
    ("乡镇重新分类", _has_row("classification")),
    ("类别名单变化", _has_row("category_rolls")),
    ("参保登记变化", _has_row("pension_register")),
    ("原用文件被替换", pl.col("gone_sources").list.len() > 0),
    ("登记情形按日期生效", pl.lit(value=True)),
)
"""Causes in Chinese, each with when it holds: over a row a subject with the sums of its parts and the sources of its rows."""


@dataclass(frozen=True)
class Explanation:
    """The difference of two states of a year.

    `figures` has a row a figure: figure, before, after, change (decimals; null where a state has no source of it). `changes`
    has a row a person, or a row of a file that names nobody, and a township in which he has a part in a change: subject (a
    person_key, or the place), cause, what is known of him before and after (`<column>_before`, `<column>_after`), and a column a
    figure with his part of the change. `rows` has the rows of files that speak of such a person in one state only: subject,
    file_name, sheet, row_number, is_new (false: no longer used). `notes` are sentences in Chinese on how the states were made.
    """

    year: int
    before: date
    after: date
    figures: pl.DataFrame
    changes: pl.DataFrame
    rows: pl.DataFrame
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _State:
    summary: pl.DataFrame
    parts: pl.DataFrame
    rows: pl.DataFrame
    files: frozenset[str]


def explain(settings: Settings, year: int, before: date, after: date) -> Explanation:
    """Compare what the year's files say as of two days.

    Raises:
        UsageError: the first day is not before the second, the year has no policy, or there is nothing to read.
        DaijiaoError: a state can't be built, or the parts don't add up to a figure's change.
    """
    if before >= after:
        raise UsageError(
            f"The day {before} is not before {after}. Give the earlier one with --from, the later one with --to.",
            f"{before} 不早于 {after}。请用 --from 写较早的日期,用 --to 写较晚的日期。",
        )
    run = make_run(settings, year)
    check_landing_folder(settings.raw, year)
    with _temporary_warehouse(run) as temporary:
        earlier = _state(replace(temporary, as_of=before))
        later = _state(replace(temporary, as_of=after))
    published = read_published(
        replace(run, as_of=before).published, year, run.key, _FIGURES_SQL.read_text(encoding="utf-8")
    )
    since, note = _since_published(published, run, earlier)
    first = published.summary.select(_as_decimals(FIGURES)) if isinstance(published, Published) else earlier.summary
    figures = _figures(first, later.summary)
    changes = _changes(earlier.parts, later.parts)
    rows = _rows(earlier.rows, later.rows, changes)
    caused = pl.concat([since, _with_causes(changes, rows)])
    _check_sums(figures, caused)
    return Explanation(year, before, after, figures, caused, rows, (note,))


def _since_published(published: Published | str | None, run: Run, earlier: _State) -> tuple[pl.DataFrame, str]:
    """What the earlier day's figures are by the rules of today against what was published, with the cause; and a sentence."""
    none = _changes(earlier.parts, earlier.parts).with_columns(cause=pl.lit(""))
    if published is None:
        return none, "两日均按现行政策和规则计算"
    if isinstance(published, str):
        return none, f"两日均按现行政策和规则计算;前一日发布的文件与发布时不同,未采用:{published}"
    cause, changed = cause_since(published, run, earlier.files)
    since = _changes(_planned_apart(published.parts).with_columns(_as_decimals(FIGURES)), _planned_apart(earlier.parts))
    if not changed:
        return none, "前一日为当时发布的数字,其后政策、规则和文件没有变化"
    told = f"前一日为当时发布的数字,其后有变化的是:{changed}" + (",对前一日的数字没有影响" if since.is_empty() else "")
    return since.with_columns(cause=pl.lit(cause)), told


def _planned_apart(parts: pl.DataFrame) -> pl.DataFrame:
    """The parts with what each township planned under the township: a published file doesn't tell of which transfer it is."""
    planned = pl.col("planned_count")
    of_township = (
        parts.group_by("township_code", "township_name")
        .agg(planned.sum())
        .filter(planned != 0)
        .with_columns(subject=pl.format("{} 计划人数", pl.coalesce("township_name", "township_code")))
    )
    rest = parts.with_columns(planned_count=pl.lit(0).cast(parts.schema["planned_count"])).filter(
        pl.col("subject").is_not_null()
    )
    return pl.concat([rest, of_township], how="diagonal").with_columns(pl.col(FIGURES).fill_null(0))


def _with_causes(changes: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The changes with the cause of each subject, in order of cause, township and subject."""
    source = pl.col("file_name").str.split("/").list.first()
    sources = rows.group_by("subject").agg(
        new_sources=source.filter(pl.col("is_new")).unique(),
        gone_sources=source.filter(~pl.col("is_new")).unique(),
    )
    nothing = pl.lit([], dtype=pl.List(pl.String))
    of_subject = (
        changes.group_by("subject")
        .agg(pl.col(FIGURES).sum())
        .join(sources, on="subject", how="left")
        .with_columns(pl.coalesce("new_sources", nothing), pl.coalesce("gone_sources", nothing))
    )
    cause = pl.coalesce(pl.when(condition).then(pl.lit(name)) for name, condition in CAUSES)
    order = pl.col("cause").cast(pl.Enum([name for name, _ in CAUSES]))
    return changes.join(of_subject.select("subject", cause=cause), on="subject", how="left").sort(
        order, "township_code", "subject", nulls_last=True
    )


@contextmanager
def _temporary_warehouse(run: Run) -> Iterator[Run]:
    """The run in a folder of its own within the warehouse folder, readable by its owner alone; removed at the end."""
    folder: Path | None = None
    try:
        (run.warehouse / PARSE_CACHE).mkdir(mode=0o700, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{EXPLAIN}{os.getpid()}-", dir=run.warehouse))
        # Files that were parsed once aren't parsed again.
        (folder / PARSE_CACHE).symlink_to((run.warehouse / PARSE_CACHE).resolve(), target_is_directory=True)
        yield replace(run, warehouse=folder)
    except OSError as error:
        raise DaijiaoError(
            f"The states can't be built in {run.warehouse} ({error.strerror}). Free disk space or make the folder writable, "
            "and run again; the published tables are as they were.",
            f"不能在 {run.warehouse} 中计算({error.strerror})。"
            "请腾出磁盘空间或将文件夹设为可写,再重新运行;已发布的数据表没有变化。",
        ) from None
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _state(run: Run) -> _State:
    with session(run) as open_session:
        for step in (build.build_raw, build.build_core, build.build_mart):
            for _ in step(open_session, run):
                pass
        parts = open_session.find(_FIGURES_SQL.read_text(encoding="utf-8")).with_columns(_as_decimals(FIGURES))
        rows = open_session.find(_ROWS_SQL.read_text(encoding="utf-8"))
        return _State(
            summary=open_session.find("SELECT * FROM mart.district_summary").select(_as_decimals(FIGURES)),
            parts=_masked(open_session, run, parts, ("subject",)),
            rows=_masked(open_session, run, rows, ("file_name", "sheet")),
            files=frozenset(open_session.find("SELECT sha256 FROM mart.source_file")["sha256"]),
        )


def _masked(open_session: Session, run: Run, frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The frame with what senders wrote as it is published."""
    texts = {name: frame[name].drop_nulls().unique().to_list() for name in columns}
    known = known_texts(open_session.query, run.year, chain.from_iterable(texts.values()))
    return frame.with_columns(pl.col(name).replace(masked_texts(texts[name], known, run.key)) for name in columns)


def _as_decimals(figures: tuple[str, ...]) -> list[pl.Expr]:
    return [pl.col(figure).cast(pl.Decimal(20, 2)) for figure in figures]


def _figures(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(Decimal(0), pl.Decimal(20, 2))
    earlier, later = (
        state.unpivot(variable_name="figure", value_name=name) for state, name in ((before, "before"), (after, "after"))
    )
    change = pl.coalesce("after", nothing) - pl.coalesce("before", nothing)
    return earlier.join(later, on="figure", maintain_order="left").with_columns(change=change.cast(pl.Decimal(20, 2)))


def _changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    joined = before.join(after, on=_KEYS, how="full", coalesce=True, suffix="_after", nulls_equal=True)
    nothing = pl.lit(Decimal(0), pl.Decimal(20, 2))
    parts = [
        (pl.coalesce(f"{figure}_after", nothing) - pl.coalesce(figure, nothing)).cast(pl.Decimal(20, 2)).alias(figure)
        for figure in FIGURES
    ]
    about = [pl.col(name).alias(f"{name}_before") for name in ABOUT] + [pl.col(f"{name}_after") for name in ABOUT]
    return joined.select(*_KEYS, *about, *parts).filter(pl.any_horizontal(pl.col(FIGURES) != 0))


def _check_sums(figures: pl.DataFrame, changes: pl.DataFrame) -> None:
    sums = changes.select(pl.col(FIGURES).sum()).row(0)
    wrong = [
        figure for figure, change, total in zip(FIGURES, figures["change"], sums, strict=True) if change != (total or 0)
    ]
    if wrong:
        raise DaijiaoError(
            f"The persons' parts don't add up to the change of {', '.join(wrong)}. Nothing was published or changed; report "
            "this sentence."
        )


def _rows(before: pl.DataFrame, after: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    of_changed = changes.select("subject")
    keys = ["subject", *_PLACE]
    earlier, later = (rows.select(keys).join(of_changed, on="subject", how="semi") for rows in (before, after))
    new = later.join(earlier, on=keys, how="anti", nulls_equal=True).with_columns(is_new=pl.lit(value=True))
    gone = earlier.join(later, on=keys, how="anti", nulls_equal=True).with_columns(is_new=pl.lit(value=False))
    return pl.concat([new, gone]).sort(*keys, nulls_last=False)
