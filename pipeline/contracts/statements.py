"""The statements that create a table by its contract, and put the contract's descriptions on it."""

from pipeline.contracts.tables import Table


def create_statement(table: Table, name: str, *, with_key: bool = True) -> str:
    """The DDL of a table under the given name, with its constraints and its key.

    An index of a key takes time and a third of a file, so that only the contracts that ask for one have it, and no published
    table: of the others the engine counts the keys.
    """
    needed = {column.name for column in table.columns if column.is_required} | set(table.key)
    lines = [f'"{column.name}" {column.type}{" NOT NULL" if column.name in needed else ""}' for column in table.columns]
    for column in table.columns:
        if column.values:
            words = ", ".join(f"'{value}'" for value in column.values)
            listed = f'"{column.name}" IN ({words})'
            further = f""" OR starts_with("{column.name}", '{column.prefix}')""" if column.prefix else ""
            lines.append(f"CHECK ({listed}{further})")
    lines += [f"CHECK ({constraint})" for constraint in table.constraints]
    if table.key and with_key:
        lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    return f"CREATE TABLE {name} (\n  " + ",\n  ".join(lines) + "\n)"


def comment_statements(table: Table, name: str) -> list[str]:
    """The statements that put the contract's descriptions on a built table and its columns."""

    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    statements = [f"COMMENT ON TABLE {name} IS {quoted(f'{table.chinese}。{table.grain} {table.description}'.strip())}"]
    for column in table.columns:
        statements.append(
            f'COMMENT ON COLUMN {name}."{column.name}" IS {quoted(f"{column.chinese}: {column.english}")}'
        )
    return statements
