"""A refresh and the reports of a year as Dagster assets and checks: a step each.

A refresh is one step, since it is one publication: whoever asks for a table gets the year that it belongs to, judged and
published as a whole. Which tables are shown is said in ``pipeline.dagster.graph``, how their pages look in
``pipeline.dagster.pages`` and ``pipeline.dagster.previews``; what is built, judged and published in ``pipeline.build.refresh``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from pipeline.build.refresh import refresh
from pipeline.build.steps import Built
from pipeline.build.year import OpenYear, open_year, run_over_files
from pipeline.checks import suites
from pipeline.checks.identities import Verdict, judge_identities
from pipeline.checks.intake import judge_changes, judge_intake
from pipeline.contracts.tables import TableName
from pipeline.dagster.alive import alive, end_dead_runs
from pipeline.dagster.checks import CheckOfTable, Mask, checks_of_tables, result_of
from pipeline.dagster.graph import RESULTS, ShownTable, last_of_subjects
from pipeline.dagster.pages import CODE_FOLDER, OWNER, asset_key, hash_of_files, table_spec
from pipeline.dagster.previews import preview
from pipeline.errors import DaijiaoError
from pipeline.privacy import plain_errors
from pipeline.reports.release import REPORTS, note_written, state_of_tables, write_report
from pipeline.settings import Settings
from pipeline.warehouse.outbound import as_published
from pipeline.warehouse.publication import require_published
from pipeline.warehouse.run import make_run

TIME_ZONE = "Asia/Shanghai"
YEARS_NAME = "policy_year"
YEARS = dg.DynamicPartitionsDefinition(name=YEARS_NAME)
PUBLISHED = dg.AssetKey(["release", "published"])
REFRESH_STEP = "build_judge_publish"
REPORTS_STEP = "write_reports"

REPORT_DESCRIPTIONS = {
    "notice_lists": "The list that each village puts up: who was paid for, masked, with the period and where to object.",
    "township_workbooks": "A workbook a township: its persons (台账) and its mismatches with reply columns (差异清单).",
    "self_evaluation": "The form 项目支出绩效自评表, as workbook and document.",
    "evaluation_report": "The report 绩效评价报告, as document, page and PDF.",
}
# Reports in which full IDs and names stand.
RESTRICTED_REPORTS = ("township_workbooks",)
# What a person opens, and thinks of as a spreadsheet.
WORKBOOKS = ("township_workbooks",)
# What a publication says it was made from, so that a later run knows what the history has seen already.
STATE = "made_from"


class RefreshConfig(dg.Config):
    """What can be asked of a refresh: `as_of` is the day looked back from (YYYY-MM-DD; empty: all files)."""

    as_of: str = ""


def know_year(instance: dg.DagsterInstance, year: str) -> None:
    """Make a year known to the history; a year without files isn't known, so that nothing of it is missing."""
    if not instance.has_dynamic_partition(YEARS_NAME, year):
        instance.add_dynamic_partitions(YEARS_NAME, [year])


def refresh_assets(shown: Sequence[ShownTable]) -> dg.AssetsDefinition:
    """The step that builds, judges and publishes a year."""
    checks = checks_of_tables(shown)
    tables_shown = {each.name: each for each in shown}

    @dg.multi_asset(
        name=REFRESH_STEP,
        specs=[*(table_spec(each, YEARS) for each in shown), _published_spec(shown)],
        check_specs=[check.spec(YEARS) for check in checks],
        can_subset=True,
    )
    def step(context: dg.AssetExecutionContext, config: RefreshConfig) -> Iterator[Any]:
        """Build, judge and publish a year."""
        day = date.fromisoformat(config.as_of) if config.as_of else None
        with told_first(), plain_errors("the refresh"), alive(context.instance, context.run.run_id):
            settings = Settings()
            run = run_over_files(settings, int(context.partition_key), day)
            # A run that was launched by hand may be the first to name the year.
            know_year(context.instance, context.partition_key)
            with open_year(run, settings.lock_wait_seconds) as opened:
                end_dead_runs(context.instance, context.run.run_id)
                for key, result in _results(context, opened, tables_shown, checks):
                    if key in context.selected_asset_keys or key in context.selected_asset_check_keys:
                        yield result

    return step


def _results(
    context: dg.AssetExecutionContext,
    opened: OpenYear,
    shown: Mapping[TableName, ShownTable],
    checks: Sequence[CheckOfTable],
) -> Iterator[tuple[dg.AssetKey | dg.AssetCheckKey, Any]]:
    """What a refresh has to show: the tables that are new to the history, every check, and the publication."""
    standing = state_of_tables(opened.session)
    is_known = standing is not None and standing == _shown_state(context)
    mask = partial(as_published, opened.session.query, opened.run.year, opened.run.key)
    verdicts: list[Verdict] = []
    try:
        for event in refresh(opened, JUDGES, [_judge_changes]):
            if isinstance(event, Verdict):
                verdicts.append(event)
                continue
            is_rebuilt = event.name in opened.session.rebuilt
            if event.name in shown and (is_rebuilt or not is_known):
                yield asset_key(event.name), _materialised(opened, event)
    except DaijiaoError:
        # A check that stops the refresh is shown before it does.
        yield from _judged(checks, verdicts, mask)
        raise
    yield from _judged(checks, verdicts, mask)
    yield PUBLISHED, _published(opened)


def _judged(
    checks: Sequence[CheckOfTable], verdicts: Sequence[Verdict], mask: Mask
) -> Iterator[tuple[dg.AssetCheckKey, dg.AssetCheckResult]]:
    for check in checks:
        if result := result_of(check, verdicts, mask):
            yield check.key, result


def _shown_state(context: dg.AssetExecutionContext) -> str | None:
    """The state of the tables when this history last saw the year published; null when it never did."""
    asked = dg.AssetRecordsFilter(asset_key=PUBLISHED, asset_partitions=[context.partition_key])
    found = context.instance.fetch_materializations(asked, limit=1).records
    last = found[0].asset_materialization if found else None
    return str(last.metadata[STATE].value) if last is not None and STATE in last.metadata else None


def _materialised(opened: OpenYear, built: Built) -> dg.MaterializeResult:  # type: ignore[type-arg]
    shown = preview(opened.session, opened.run.year, built.name)
    metadata = {"dagster/row_count": dg.MetadataValue.int(built.row_count), **shown}
    return dg.MaterializeResult(asset_key(built.name), metadata=metadata)


def _published(opened: OpenYear) -> dg.MaterializeResult:  # type: ignore[type-arg]
    path = opened.run.published
    return dg.MaterializeResult(
        PUBLISHED,
        metadata={
            "path": dg.MetadataValue.path(path),
            "size_bytes": dg.MetadataValue.int(path.stat().st_size),
            "rebuilt_table_count": dg.MetadataValue.int(len(opened.session.rebuilt)),
            STATE: dg.MetadataValue.text(str(state_of_tables(opened.session))),
        },
    )


def _published_spec(shown: Sequence[ShownTable]) -> dg.AssetSpec:
    tables = ", ".join(f"`{each.name}`" for each in shown if each.table.is_published)
    return dg.AssetSpec(
        PUBLISHED,
        # With an arrow from every table its graph would fit no screen.
        deps=[asset_key(name) for name in last_of_subjects(shown)],
        description=(
            "One file of all published tables and years, replaced whole and at once once every blocking check holds; a reader "
            f"keeps the version that it opened.\n\n已发布的数据表\n\nMade of 由下列表生成: {tables}. An arrow stands for all "
            "of a subject."
        ),
        group_name=RESULTS,
        owners=[OWNER],
        kinds={"duckdb"},
        tags={"personal_data": "none"},
        code_version=hash_of_files((CODE_FOLDER / "warehouse",)),
        partitions_def=YEARS,
    )


def _judge_identities(opened: OpenYear) -> Iterator[Verdict]:
    return judge_identities(opened.session)


def _judge_suites(opened: OpenYear) -> Iterator[Verdict]:
    return suites.judge_suites(opened.session)


def _judge_intake(opened: OpenYear) -> Iterator[Verdict]:
    today = opened.run.as_of or datetime.now(ZoneInfo(TIME_ZONE)).date()
    return judge_intake(opened.session, opened.run.policy, today)


def _judge_changes(opened: OpenYear) -> Iterator[Verdict]:
    return judge_changes(opened.run.published, opened.run.year)


JUDGES = (_judge_identities, _judge_suites, _judge_intake)


def report_assets() -> dg.AssetsDefinition:
    """The step that writes the reports of a year from its tables; each can be written alone."""
    keys = {dg.AssetKey(["release", name]): name for name in REPORTS}

    @dg.multi_asset(name=REPORTS_STEP, specs=[_report_spec(name) for name in REPORTS], can_subset=True)
    def step(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        """Write reports of a year."""
        with told_first(), plain_errors("the reports"), alive(context.instance, context.run.run_id):
            settings = Settings()
            run = make_run(settings, int(context.partition_key))
            folder = settings.reports / str(run.year)
            with open_year(run, settings.lock_wait_seconds) as opened:
                end_dead_runs(context.instance, context.run.run_id)
                require_published(opened.session, run)
                for key, name in keys.items():
                    if key in context.selected_asset_keys:
                        paths = write_report(name, opened.session, run, folder)
                        metadata = {
                            "folder": dg.MetadataValue.path(folder),
                            "file_count": dg.MetadataValue.int(len(paths)),
                        }
                        yield dg.MaterializeResult(key, metadata=metadata)
                if len(context.selected_asset_keys) == len(keys):
                    note_written(opened.session, run)

    return step


def _report_spec(name: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        dg.AssetKey(["release", name]),
        deps=[PUBLISHED],
        description=REPORT_DESCRIPTIONS.get(name, name),
        group_name=RESULTS,
        owners=[OWNER],
        kinds={"excel" if name in WORKBOOKS else "document"},
        tags={"personal_data": "restricted" if name in RESTRICTED_REPORTS else "none"},
        code_version=hash_of_files((CODE_FOLDER / "reports",)),
        partitions_def=YEARS,
    )


@contextmanager
def told_first() -> Iterator[None]:
    """Let a failed run begin with the sentence that says why, and not with what Dagster says of its step."""
    try:
        yield
    except DaijiaoError as error:
        sentence = error.chinese if Settings().language == "chinese" else str(error)
        raise dg.Failure(description=sentence, allow_retries=False) from error
