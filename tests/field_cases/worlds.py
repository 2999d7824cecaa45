"""Laying a case's files over the clean world and reading what a refresh made of it, in the words of ``expected.json``."""

import json
import re
import shutil
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb

from pipeline.build.refresh import refresh_year
from pipeline.commands import console
from pipeline.commands.language import Say
from pipeline.errors import DaijiaoError
from tests.policies import copied_policies

CASES = Path(__file__).parent / "cases"
YEAR = 2019
STEPS = {2: "excluded", 3: "unconfirmed", 5: "uncovered"}

Facts = dict[str, Any]


def expectations() -> dict[str, Facts]:
    """What each case says beside the clean world's result, by the case's name; the clean world's itself under ``base``."""
    found: dict[str, Facts] = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))
    return found


def refreshed(name: str, cases: dict[str, Facts], folder: Path) -> Facts:
    """Lay a case's files in a folder, refresh the year, and read the result; a case with `after` comes on top of another."""
    raw, policies, warehouse = folder / "raw", folder / "policy", folder / "warehouse"
    shutil.copytree(CASES / "00-base" / "raw", raw)
    own = None
    if (CASES / name / "policy").is_dir():
        own = copied_policies(policies)
    as_of = date.fromisoformat(cases[name]["as_of"]) if "as_of" in cases[name] else None
    found: Facts = {}
    for each in [*filter(None, [cases[name].get("after")]), name]:
        for gone in cases[each].get("remove", []):
            (raw / str(YEAR) / gone).unlink()
        for part, target in (("raw", raw), ("policy", policies)):
            if (CASES / each / part).is_dir():
                shutil.copytree(CASES / each / part, target, dirs_exist_ok=True)
        found = _refreshed(raw, warehouse, own, as_of)
    published = _published_file(warehouse, as_of)
    if published.exists():
        with duckdb.connect(str(published), read_only=True) as connection:
            found |= _published(connection)
    return found


def differences(want: Facts, found: Facts) -> list[str]:
    """A line for everything that is not as it should be."""
    wrong = []

    def compare(what: str, expected: object, got: object) -> None:
        if expected != got:
            wrong.append(f"{what}: expected {expected}, found {got}")

    compare("exit", want["exit"], found["exit"])
    if want["exit"] != 0:
        compare("published", False, "district" in found)
    elif "district" in found:
        for column, expected in want["district"].items():
            compare(column, expected, found["district"].get(column))
        for key in [key for key in found if key in want and key not in ("exit", "district")]:
            compare(key, want[key], found[key])
    for name, patterns in want.get("told", {}).items():
        text = found["files_text"].get(name, "")
        wrong += [f"told of {name}: expected /{each}/, found {text!r}" for each in patterns if not _holds(each, text)]
    everything = found["output"] + " ".join(f"{name} {text}" for name, text in found.get("files_text", {}).items())
    wrong += [
        f"says: expected /{each}/, found nothing like it"
        for each in want.get("says", [])
        if not _holds(each, everything)
    ]
    return wrong


def _published_file(warehouse: Path, as_of: date | None) -> Path:
    return warehouse / "published.duckdb" if as_of is None else warehouse / "as_of" / f"{as_of}.duckdb"


def _refreshed(raw: Path, warehouse: Path, policies: Path | None, as_of: date | None) -> Facts:
    """Refresh without Dagster, and say what the terminal would."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            refresh_year(raw, warehouse, YEAR, policies, as_of)
            console.show_published(_published_file(warehouse, as_of), YEAR, Say("chinese"))
            status = 0
        except DaijiaoError as error:
            print(error)
            status = error.exit_status
    return {"exit": status, "output": said.getvalue(), "files_text": {}}


def _published(connection: duckdb.DuckDBPyConnection) -> Facts:
    def counts(sql: str) -> Facts:
        return {key: _plain(value) for key, value in connection.execute(sql).fetchall() if value}

    cursor = connection.execute(f"SELECT * FROM mart.district_summary WHERE policy_year = {YEAR}")
    names = [column[0] for column in cursor.description or ()]
    found: Facts = {"district": dict(zip(names, map(_plain, cursor.fetchone() or ()), strict=True))}
    found["kinds"] = counts(f"SELECT kind, count(*) FROM mart.roster_mismatch WHERE policy_year = {YEAR} GROUP BY 1")
    for step, word in STEPS.items():
        found[word] = counts(
            f"SELECT reason, sum(person_count) FROM mart.coverage_ladder WHERE policy_year = {YEAR} AND step = {step} GROUP BY 1"
        )
    found["roll"] = counts(
        f"SELECT township_name, roll_count FROM mart.township_participation WHERE policy_year = {YEAR}"
    )
    found["used"] = counts(f"SELECT township_name, used_yuan FROM mart.township_fund WHERE policy_year = {YEAR}")
    found["files"] = counts(
        f"SELECT file_name, status FROM mart.source_file WHERE policy_year = {YEAR} AND status <> 'read'"
    )
    for word, column in (
        ("quarantined", "rows_quarantined"),
        ("dropped", "rows_dropped"),
        ("hidden_rows", "hidden_rows"),
    ):
        total = connection.execute(f"SELECT sum({column}) FROM mart.source_file WHERE policy_year = {YEAR}").fetchall()
        found[word] = _plain(total[0][0] or 0)
    found["unknown_words"] = counts(
        f"SELECT word, sum(row_count) FROM mart.unknown_word WHERE policy_year = {YEAR} GROUP BY 1"
    )
    texts: dict[str, str] = {}
    for column in ("reason", "columns_unused", "fields_not_found"):
        rows = connection.execute(
            f"SELECT file_name, {column} FROM mart.source_file WHERE policy_year = {YEAR}"
        ).fetchall()
        for name, text in rows:
            texts[name] = f"{texts.get(name, '')} {text or ''}"
    return {**found, "files_text": texts}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    return int(value) if value == int(value) else float(value)


def _holds(pattern: str, text: str) -> bool:
    """Whether a pattern is found, also where a line break of a table stands within it."""
    return bool(re.search(pattern, text) or re.search(pattern, re.sub(r"\s+", "", text)))
