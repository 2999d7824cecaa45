"""The steps of a refresh as Dagster assets and checks: an asset a table, a step a group.

Which tables there are, what they mean and how they are built is said in ``assets`` and ``pipeline.build.steps``; here they only
get the names, descriptions and dependencies that the Dagster UI shows.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import dagster as dg

from pipeline.build import steps as build
from pipeline.build.publish import publish
from pipeline.build.steps import Built
from pipeline.checks import identities as checks
from pipeline.checks import suites
from pipeline.checks.identities import Check, Verdict
from pipeline.contracts import tables
from pipeline.contracts.tables import Table, TableName
from pipeline.dagster.previews import preview
from pipeline.dagster.resource import OpenWarehouse, Warehouse
from pipeline.policy import policy_years
from pipeline.privacy import plain_errors
from pipeline.reports.release import REPORTS, write_report
from pipeline.settings import Settings
from pipeline.warehouse.run import Run, code_version
from pipeline.warehouse.session import Session

TIME_ZONE = "Asia/Shanghai"
OWNER = "team:social-insurance-bureau"
YEARS = dg.StaticPartitionsDefinition([str(year) for year in policy_years(Settings().policy)])
PUBLISHED = dg.AssetKey(["release", "published"])

REPORT_DESCRIPTIONS = {
    "township_workbooks": "A workbook a township: its persons (台账) and its mismatches with reply columns (差异清单).",
    "self_evaluation": "The form 项目支出绩效自评表, as workbook and document.",
    "evaluation_report": "The report 绩效评价报告, as document, page and PDF.",
}

Builder = Callable[[Session, Run], Iterator[Built]]


def asset_key(name: TableName) -> dg.AssetKey:
    """A table's key in Dagster: schema and name."""
    return dg.AssetKey([name.schema, name.name])


def _raw_specs() -> list[dg.AssetSpec]:
    landed = TableName("raw", "landed_file")
    contracts = [table for table in tables.load_tables().values() if table.schema == "raw"]
    return [_spec(table, "raw", [] if table.full_name == landed else [landed]) for table in contracts]


def _specs(schemas: Sequence[str]) -> list[dg.AssetSpec]:
    return [
        _spec(table, schema, table.references(schema)) for table, schema in tables.build_order() if schema in schemas
    ]


def _spec(table: Table, schema: str, reads: Sequence[TableName]) -> dg.AssetSpec:
    made_by = "polars" if schema == "raw" else "python" if table.sql is None else "sql"
    filled = {name for each in tables.load_tables().values() for name in each.filled_names}
    return dg.AssetSpec(
        asset_key(TableName(schema, table.name)),
        deps=[asset_key(name) for name in reads if name in filled],
        description=f"{table.grain} {table.description}\n\n{table.chinese}".replace(" \n", "\n"),
        group_name="core" if schema == tables.STATED else schema,
        owners=[OWNER],
        kinds={"duckdb", made_by},
        tags={"personal_data": "none" if table.is_published else "restricted"},
        code_version=code_version(),
        metadata={
            "dagster/table_name": f"{schema}.{table.name}",
            "dagster/column_schema": dg.TableSchema(
                columns=[
                    dg.TableColumn(
                        column.name,
                        column.type,
                        f"{column.english} {column.chinese}",
                        dg.TableColumnConstraints(nullable=not column.is_required),
                    )
                    for column in table.columns
                ]
            ),
        },
        partitions_def=YEARS,
    )


def _step(name: str, specs: list[dg.AssetSpec], builder: Builder) -> dg.AssetsDefinition:
    """A step that builds tables one after the other, each in a transaction of its own."""

    @dg.multi_asset(name=name, specs=specs)
    def step(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        opened = warehouse.open
        with plain_errors(name):
            for built in builder(opened.session, opened.run):
                metadata: dict[str, dg.MetadataValue] = {"dagster/row_count": dg.MetadataValue.int(built.row_count)}
                yield dg.MaterializeResult(
                    asset_key(built.name), metadata=metadata | preview(opened.session, built.name)
                )

    return step


raw_tables = _step("raw_tables", _raw_specs(), build.build_raw)
core_tables = _step("core_tables", _specs((tables.STATED, "core")), build.build_core)
mart_tables = _step("mart_tables", _specs(("mart",)), build.build_mart)


@dg.asset(
    key=PUBLISHED,
    deps=sorted(
        {asset_key(table.full_name) for table in tables.published_tables()}
        | {asset_key(check.table) for check in checks.identity_checks()}
    ),
    group_name="release",
    owners=[OWNER],
    kinds={"duckdb"},
    tags={"personal_data": "none"},
    code_version=code_version(),
    partitions_def=YEARS,
)
def published(warehouse: Warehouse) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """One file of all published tables and years, replaced whole and at once; a reader keeps the version that it opened.

    已发布的数据表
    """
    opened = warehouse.open
    with plain_errors("publishing"):
        publish(opened.session, opened.run)
    path = opened.run.published
    return dg.MaterializeResult(
        metadata={"path": dg.MetadataValue.path(path), "size_bytes": dg.MetadataValue.int(path.stat().st_size)}
    )


def _report_asset(name: str) -> dg.AssetsDefinition:
    """A report that staff read, written from the tables of a year that is published."""

    @dg.asset(
        key=dg.AssetKey(["release", name]),
        deps=[PUBLISHED],
        description=REPORT_DESCRIPTIONS[name],
        group_name="release",
        owners=[OWNER],
        kinds={"excel" if name == "township_workbooks" else "document"},
        tags={"personal_data": "restricted" if name == "township_workbooks" else "none"},
        code_version=code_version(),
        partitions_def=YEARS,
    )
    def report(warehouse: Warehouse) -> dg.MaterializeResult:  # type: ignore[type-arg]
        opened = warehouse.open
        folder = Settings().reports / str(opened.run.year)
        with plain_errors(name):
            paths = write_report(name, opened.session, opened.run, folder)
        return dg.MaterializeResult(
            metadata={"folder": dg.MetadataValue.path(folder), "file_count": dg.MetadataValue.int(len(paths))}
        )

    return report


reports = [_report_asset(name) for name in REPORTS]


def _checks_step(
    name: str, of_checks: Sequence[Check], judge: Callable[[OpenWarehouse], Iterator[Verdict]]
) -> dg.AssetChecksDefinition:
    """A step that judges many checks and reports each with the number of rows or values that it found."""
    specs = [
        dg.AssetCheckSpec(
            check.name, asset=asset_key(check.table), description=check.sentence, blocking=check.is_blocking
        )
        for check in of_checks
    ]

    @dg.multi_asset_check(name=name, specs=specs)
    def step(warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        with plain_errors(name):
            for verdict in judge(warehouse.open):
                severity = dg.AssetCheckSeverity.WARN if verdict.check.is_warning else dg.AssetCheckSeverity.ERROR
                yield dg.AssetCheckResult(
                    check_name=verdict.check.name,
                    asset_key=asset_key(verdict.check.table),
                    passed=verdict.is_passed,
                    severity=severity,
                    metadata={
                        name: dg.MetadataValue.int(count)
                        for name, count in {"found_count": verdict.found_count, **verdict.count_by_rule}.items()
                    },
                )

    return step


def _schema_steps() -> Iterator[dg.AssetChecksDefinition]:
    """The blocking checks, a step a schema: a table behind a checked one waits until its checks have passed."""
    for schema in dict.fromkeys(table.schema for table in tables.published_tables()):
        yield _checks_step(
            f"{schema}_suites",
            [check for check in suites.suite_checks() if check.table.schema == schema],
            partial(_judge_suites, schema),
        )
    for schema in dict.fromkeys(check.table.schema for check in checks.identity_checks()):
        yield _checks_step(
            f"{schema}_identities",
            [check for check in checks.identity_checks() if check.table.schema == schema],
            partial(_judge_identities, schema),
        )


def _judge_suites(schema: str, opened: OpenWarehouse) -> Iterator[Verdict]:
    names = [table.full_name for table in tables.published_tables() if table.schema == schema]
    return suites.judge_suites(opened.session, names)


def _judge_arrivals(opened: OpenWarehouse) -> Iterator[Verdict]:
    today = opened.run.as_of or datetime.now(ZoneInfo(TIME_ZONE)).date()
    return checks.judge_arrivals(opened.session, opened.run.policy, today)


def _judge_identities(schema: str, opened: OpenWarehouse) -> Iterator[Verdict]:
    return checks.judge_identities(opened.session, schema)


blocking_checks = list(_schema_steps())
mismatch_counts = _checks_step(
    "mismatch_counts", checks.mismatch_checks(), lambda opened: checks.judge_mismatches(opened.session)
)
expected_batches = _checks_step("expected_batches", checks.arrival_checks(), _judge_arrivals)
