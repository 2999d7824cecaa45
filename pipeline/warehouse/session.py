"""A year's tables being built: which of them stand, which are built again, and whether what stands is what was built.

What a table holds is stated in ``assets``; what a policy and the codes say is put beside the tables by
``pipeline.warehouse.reference``; how rows are stored is the engine's business. In a session every table that a statement reads is
a view of one policy year.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.contracts import tables
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError
from pipeline.log import LOGGER
from pipeline.warehouse.engine import Engine, Rows
from pipeline.warehouse.versions import Versions, hash_of

PUBLICATION = TableName("release", "published")
PUBLISHED_FILE_HASH = TableName("release", "published_file")
# Under which something is kept that belongs to no year.
_EVERY_YEAR = 0
_EMPTY = Rows("empty", 0, "0")
# What is said of a table whose stored rows somebody changed.
EDITED = "The stored rows of %s of %s are not those that were built; they are built again"


class Session:
    """The building of one year's tables by an engine; see ``opening``."""

    def __init__(self, engine: Engine, year: int, versions: Versions) -> None:
        """Begin with the rows that the engine's store keeps of the year."""
        self._engine = engine
        self._year = year
        self._versions = versions
        self._visible: set[TableName] = set()
        self._known = self._kept_rows()
        self._makers: dict[TableName, Callable[[], int]] = {}
        self._taken: set[TableName] = set()
        self._told: set[TableName] = set()
        self.rebuilt: set[TableName] = set()
        """The tables whose rows of the year were replaced in this session; all others stand as they stood."""

    def build(self, table: Table, schema: str) -> int:
        """Run a table's SQL and replace the year's rows by what it gives; returns the row count.

        Raises:
            DaijiaoError: the SQL lacks a column of the contract, or the store refused a row.
        """
        assert table.sql is not None
        made_from = self.hash_of_inputs(table, schema)
        if (row_count := self._standing(table, schema, made_from, partial(self.build, table, schema))) is not None:
            return row_count
        self._take(table.references(schema))
        self._show(table.references(schema), schema)
        if schema != tables.STATED and table.is_staged and self._is_as_stated(table):
            return self._copy_stated(table, schema, made_from)
        return self.replace(table, schema, table.sql, made_from)

    def _is_as_stated(self, table: Table) -> bool:
        """Whether all that a staged table reads is the same after the replies as before them; then its rows are, too.

        The replies themselves have no rows before.
        """
        if table.is_empty_when_stated:
            return False
        before = table.references(tables.STATED)
        after_replies = [name for name in table.references(table.schema) if name not in before]
        contents = [(self._content(name), self._content(TableName(tables.STATED, name.name))) for name in after_replies]
        return all(content is not None and content == stated for content, stated in contents)

    def _copy_stated(self, table: Table, schema: str, made_from: str | None) -> int:
        """Fill a staged table with its rows before the replies."""
        stated = TableName(tables.STATED, table.name)
        self._take([stated])
        self._show([stated], schema)
        return self.replace(table, schema, f"SELECT * FROM {stated}", made_from)

    def build_frame(self, table: Table, schema: str, make: Callable[[], pl.DataFrame], made_from: str | None) -> int:
        """Replace the year's rows of a table by those of a frame, made only if its inputs changed; returns the row count."""
        again = partial(self.build_frame, table, schema, make, made_from)
        if (row_count := self._standing(table, schema, made_from, again)) is not None:
            return row_count
        self._take(table.reads)
        return self.replace_frame(table, schema, make(), made_from)

    def replace(self, table: Table, schema: str, select: str, made_from: str | None = None) -> int:
        """Replace the year's rows of a table by those of a select statement, in one transaction; returns the row count.

        Args:
            table: contract of the table.
            schema: schema to build into.
            select: statement that gives the contract's columns but the policy year.
            made_from: hash of everything that the rows are made of; null if it isn't known.
        """
        return self._replace(
            table, schema, made_from, lambda name: self._engine.replace(table, name, self._year, select, made_from)
        )

    def replace_frame(self, table: Table, schema: str, frame: pl.DataFrame, made_from: str | None = None) -> int:
        """Replace the year's rows of a table by those of a frame; returns the row count."""
        return self._replace(
            table, schema, made_from, lambda name: self._engine.replace_frame(table, name, self._year, frame, made_from)
        )

    def _replace(self, table: Table, schema: str, made_from: str | None, put: Callable[[TableName], Rows]) -> int:
        """Put rows in the place of the year's, unless those made from the same inputs stand; returns the row count."""
        again = partial(self._replace, table, schema, made_from, put)
        if (row_count := self._standing(table, schema, made_from, again)) is not None:
            return row_count
        name = TableName(schema, table.name)
        self._tell_if_edited(name)
        return self._built(name, put(name))

    def hash_of_inputs(self, table: Table, schema: str, *more: str) -> str | None:
        """The hash of everything that a table is made of: its own version and the rows of its inputs; null if one isn't known.

        So what is made of a table that was built anew, and came out the same, stands.
        """
        rows = self._hash_of_rows(table.references(schema))
        return rows and hash_of(f"{schema}.{table.name}", self._versions.of(table), *more, rows)

    def _hash_of_rows(self, names: Sequence[TableName]) -> str | None:
        """The hash of the rows of tables; null if those of one aren't known."""
        contents = [self._content(name) for name in names]
        known = [f"{name} {content}" for name, content in zip(names, contents, strict=True) if content is not None]
        return hash_of(*known) if len(known) == len(names) else None

    def _content(self, name: TableName) -> str | None:
        """What a table's rows of the year are, whatever made them; null where nobody knows."""
        known = self._known.get(name)
        if known is None or known.made_from is None or known.digest is None:
            return None
        return f"{known.row_count} {known.digest}"

    def take_published(self) -> None:
        """Make sure that the rows which are to be published are those that were built; damaged ones are built again.

        Raises:
            DaijiaoError: a damaged table can't be built again.
        """
        self._take([table.full_name for table in tables.published_tables()])

    def take_every_table(self) -> None:
        """Make sure that every stored row of the year is one that was built; for whoever only reads.

        Raises:
            DaijiaoError: rows of a table aren't; the next refresh builds them again.
        """
        edited = [name for name in sorted(self._known) if not self._is_as_built(name)]
        for name in edited:
            self._engine.forget(name, self._year)
        if edited:
            raise DaijiaoError(
                f"The stored rows of {', '.join(map(str, edited))} of {self._year} are not those that were built. Run `daijiao "
                f"refresh --year {self._year}`, which builds them again.",
                f"库中 {self._year} 年 {', '.join(map(str, edited))} 的数据与计算时不同。"
                f"请运行 `daijiao refresh --year {self._year}` 重新计算。",
            )

    def standing_verdicts(self, name: TableName, suite: str) -> dict[str, int] | None:
        """How much each rule of a table's suite found, if that suite was judged on the rows that stand there now."""
        judged = self._judged(name, suite)
        return None if judged is None else self._engine.verdicts(name, self._year, judged) or None

    def keep_verdicts(self, name: TableName, suite: str, found_counts: dict[str, int]) -> None:
        """Keep what the checks of a table's suite found, for as long as the rows stand that it judged."""
        judged = self._judged(name, suite)
        if judged is not None:
            self._engine.keep_verdicts(name, self._year, judged, found_counts)

    def found_nothing(self, name: TableName, statements: Sequence[str]) -> bool:
        """Whether `keep_found_nothing` was last called under a name for these statements, and the rows that they read now."""
        known = self._known.get(name)
        return known is not None and known.made_from is not None and known.made_from == self._hash_of_read(statements)

    def keep_found_nothing(self, name: TableName, statements: Sequence[str]) -> None:
        """Keep that statements found nothing, for as long as the rows stand that they read."""
        self._engine.remember(name, self._year, self._hash_of_read(statements))

    def _hash_of_read(self, statements: Sequence[str]) -> str | None:
        read = {name for sql in statements for name in tables.references(sql, "core")}
        rows = self._hash_of_rows(sorted(read))
        return rows and hash_of(rows, *map(self._versions.of_statement, statements))

    def of_year_before(self, name: TableName) -> pl.DataFrame:
        """The rows of a table of the year before; none where that year was never built."""
        self._engine.show(name, self._year - 1)
        try:
            return self.query(f"SELECT * FROM {name}")
        finally:
            self._engine.show(name, self._year)
            self._visible.add(name)

    def _judged(self, name: TableName, suite: str) -> str | None:
        """The hash of a suite and the rows that it judges, those of the year before among them; null if it isn't known."""
        known, before = self._known.get(name), self._engine.kept(self._year - 1).get(name)
        if known is None or known.made_from is None:
            return None
        return hash_of(suite, known.made_from, (before.made_from if before else None) or "")

    def is_publication(self, file_sha256: str) -> bool | None:
        """Whether a published file is the one that was written last, for whatever year; null where none is known."""
        known = self._engine.kept(_EVERY_YEAR).get(PUBLISHED_FILE_HASH)
        return None if known is None else known.made_from == file_sha256

    def years_published(self) -> list[int]:
        """The years that were published from this store."""
        rows = self._engine.query(
            f"SELECT policy_year FROM warehouse.made_from WHERE name = '{PUBLICATION}' ORDER BY policy_year"
        )
        return rows["policy_year"].to_list()

    def is_published(self) -> bool:
        """Whether the year's rows were published since they were built."""
        known = self._known.get(PUBLICATION)
        return known is not None and known.made_from is not None and known.made_from == self._stamp()

    def keep_publication(self, file_sha256: str) -> None:
        """Remember that the year's rows were published, and in which file."""
        stamp = self._stamp()
        self._engine.remember(PUBLICATION, self._year, stamp)
        self._engine.remember(PUBLISHED_FILE_HASH, _EVERY_YEAR, file_sha256)
        self._known[PUBLICATION] = Rows(stamp, None, None)

    def _stamp(self) -> str | None:
        """The hash of what the year's published rows are made of; null if one isn't known."""
        known = [self._known.get(table.full_name) for table in tables.published_tables()]
        hashes = [rows.made_from for rows in known if rows is not None and rows.made_from is not None]
        return hash_of(*hashes) if len(hashes) == len(known) else None

    def write_published(self, fresh: Path, earlier: Path | None) -> None:
        """Write the computed tables into a fresh file: the session's year, and the other years of an earlier file.

        Raises:
            DaijiaoError: the fresh file holds other rows than the store, or other years have other columns.
        """
        self._engine.publish(fresh, earlier, self._year)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """Run a select statement; tables that it names must have been shown by a build or by `show`."""
        return self._engine.query(sql, parameters)

    def show(self, *names: TableName) -> None:
        """Make the year's rows of built tables visible under their own names."""
        self._show(names, "core")

    def find(self, sql: str, schema: str = "core") -> pl.DataFrame:
        """Run a select statement after making every table that it names visible."""
        self._show(tables.references(sql, schema), schema)
        return self.query(sql)

    def _standing(self, table: Table, schema: str, made_from: str | None, again: Callable[[], int]) -> int | None:
        """The row count of rows that stand there already, made from the same inputs; how to build them again is kept."""
        name = TableName(schema, table.name)
        known = self._known.get(name)
        is_standing = made_from is not None and known is not None and known.made_from == made_from
        if not is_standing or known is None or known.row_count is None:
            return None
        self._makers.setdefault(name, again)
        return known.row_count

    def _built(self, name: TableName, rows: Rows) -> int:
        self._known[name] = rows
        self._taken.add(name)
        self.rebuilt.add(name)
        return rows.row_count or 0

    def _take(self, names: Sequence[TableName]) -> None:
        """Make sure that the rows of tables are those that were built."""
        for name in names:
            if name not in self._taken:
                if not self._is_as_built(name):
                    self._build_again(name)
                self._taken.add(name)

    def _is_as_built(self, name: TableName) -> bool:
        """Whether the stored rows of a table are those that were built; where none were, there is nothing to doubt."""
        known, table = self._known.get(name), _contracts().get(name)
        if name in self._taken or known is None or table is None:
            return True
        return self._engine.digest(table, name, self._year) == (known.row_count, known.digest)

    def _tell_if_edited(self, name: TableName) -> None:
        """Before rows are built again for whatever reason: say so if they weren't those that had been built."""
        known = self._known.get(name)
        if known is None or known.row_count is None or name in self._told:
            return
        if not self._is_as_built(name):
            self._told.add(name)
            LOGGER.warning(EDITED, name, self._year)

    def _build_again(self, name: TableName) -> None:
        """Build a table whose rows aren't those that were built, from what it was made of."""
        if name not in self._makers:
            raise DaijiaoError(
                f"The stored rows of {name} of {self._year} are not those that were built. Nothing was published; run "
                f"`daijiao refresh --year {self._year}`, which builds them again.",
                f"库中 {self._year} 年 {name} 的数据与计算时不同。没有发布;"
                f"请运行 `daijiao refresh --year {self._year}` 重新计算。",
            )
        self._told.add(name)
        LOGGER.warning(EDITED, name, self._year)
        self._known[name] = self._known[name]._replace(made_from=None)
        self._makers[name]()

    def _kept_rows(self) -> dict[TableName, Rows]:
        empty = [table for table in tables.load_tables().values() if table.is_empty_when_stated]
        return self._engine.kept(self._year) | {TableName(tables.STATED, table.name): _EMPTY for table in empty}

    def _show(self, names: Sequence[TableName], schema: str) -> None:
        for name in names:
            if name not in self._visible:
                self._engine.show(name, self._year)
                self._visible.add(name)
            if name.schema == schema:
                self._engine.show_staged(name)


@cache
def _contracts() -> dict[TableName, Table]:
    """The contract of every table that is built, by the names under which it is."""
    return {built: table for table in tables.load_tables().values() for built in table.filled_names}
