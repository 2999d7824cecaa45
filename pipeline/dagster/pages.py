"""What an asset's page says before anything was built: description, columns, SQL, contract, places in the code, code version.

What a run adds to a page is said in ``pipeline.dagster.previews``.
"""

import hashlib
from functools import cache
from pathlib import Path

import dagster as dg

import pipeline
from pipeline.build.steps import PYTHON_TABLES
from pipeline.contracts.tables import ASSETS_FOLDER, MACROS, Table, TableName
from pipeline.dagster.graph import ShownTable

OWNER = "team:social-insurance-bureau"
CODE_FOLDER = Path(pipeline.__file__).parent
WHOLE_YEAR = (
    "Chosen alone it is still refreshed with its whole year: what it is made of and what is made of it stay one publication, "
    "and what stands unchanged is not built again. 单独选择时,同一年度的其他表也会一并核对更新。"
)


def asset_key(name: TableName) -> dg.AssetKey:
    """A table's key in Dagster: schema and name."""
    return dg.AssetKey([name.schema, name.name])


def table_spec(shown: ShownTable, years: dg.PartitionsDefinition) -> dg.AssetSpec:  # type: ignore[type-arg]
    """The asset of a table that is shown."""
    table = shown.table
    made_by = "polars" if shown.name.schema == "raw" else "python" if table.sql is None else "sql"
    return dg.AssetSpec(
        asset_key(shown.name),
        deps=[asset_key(name) for name in shown.arrows_from],
        description=_description(shown),
        group_name=shown.subject,
        owners=[OWNER],
        kinds={"duckdb", made_by},
        tags={"personal_data": "none" if table.is_published else "restricted"},
        code_version=code_version_of(shown),
        partitions_def=years,
        metadata={
            "dagster/table_name": str(shown.name),
            "dagster/column_schema": _columns(table),
            "dagster/code_references": _code_references(shown),
            "contract": dg.MetadataValue.md(_block("yaml", contract_path(table))),
            **({"sql": dg.MetadataValue.md(_sql(shown))} if table.sql is not None or shown.parts else {}),
        },
    )


def code_version_of(shown: ShownTable) -> str:
    """A hash of what decides the rows of a table beside those that it reads: SQL or Python, contract and macros."""
    paths = [MACROS]
    for table in (shown.table, *(part for part, _ in shown.parts)):
        paths += _code(table)
    return hash_of_files(tuple(sorted(set(paths))))


@cache
def hash_of_files(paths: tuple[Path, ...]) -> str:
    """A short hash of files, and of the Python files below folders."""
    digest = hashlib.sha256()
    for path in paths:
        for each in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(each.name.encode())
            digest.update(each.read_bytes())
    return digest.hexdigest()[:12]


def contract_path(table: Table) -> Path:
    """Where a table's contract stands; its SQL stands beside it."""
    return ASSETS_FOLDER / table.folder / f"{table.name}.yaml"


def _code(table: Table) -> list[Path]:
    contract = contract_path(table)
    if table.sql is not None:
        return [contract, contract.with_suffix(".sql")]
    return [contract, _python_of(table)]


def _python_of(table: Table) -> Path:
    """The module, or the package, that fills a table without SQL."""
    if table.schema == "raw":
        return CODE_FOLDER / "landing"
    module = Path(PYTHON_TABLES[table.full_name].__code__.co_filename)
    return module if module.parent == CODE_FOLDER / "build" else module.parent


def _description(shown: ShownTable) -> str:
    table = shown.table
    said = [f"{table.grain} {table.description}".strip(), table.chinese]
    if shown.reads:
        said.append(f"Made of 由下列表生成: {', '.join(f'`{name}`' for name in shown.reads)}.")
    if shown.parts:
        steps = ", ".join(f"`{schema}.{part.name}`" for part, schema in shown.parts)
        said.append(f"Steps on the way that are built with it 中间步骤: {steps}.")
    return "\n\n".join([*said, WHOLE_YEAR])


def _columns(table: Table) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.type,
                f"{column.english} {column.chinese}",
                dg.TableColumnConstraints(nullable=not column.is_required),
            )
            for column in table.columns
        ]
    )


def _sql(shown: ShownTable) -> str:
    """The SQL of the table, then that of the steps on the way; a rule that is evaluated twice is shown once."""
    asked = dict.fromkeys([shown.table, *(part for part, _ in reversed(shown.parts))])
    return "\n\n".join(
        f"**{table.full_name}**\n\n{_block('sql', contract_path(table).with_suffix('.sql'))}"
        for table in asked
        if table.sql is not None
    )


def _block(language: str, path: Path) -> str:
    return f"```{language}\n{path.read_text(encoding='utf-8').strip()}\n```"


def _code_references(shown: ShownTable) -> dg.CodeReferencesMetadataValue:
    asked = dict.fromkeys([shown.table, *(part for part, _ in shown.parts)])
    places = dict.fromkeys(path for table in asked for path in _code(table))
    return dg.CodeReferencesMetadataValue(
        code_references=[
            dg.LocalFileCodeReference(
                file_path=str(path if path.is_file() else path / "__init__.py"), line_number=1, label=path.name
            )
            for path in places
        ]
    )
