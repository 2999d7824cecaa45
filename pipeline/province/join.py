"""The published files of a province's districts joined to one: all levels, and whoever stands in two districts.

What a joined table holds is stated in ``assets/province``, a statement a table; the schema ``district`` has the districts'
tables one below the other. Only published files are read, so nothing here could give away a full ID.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.contracts.tables import ASSETS_FOLDER, MACROS
from pipeline.errors import DaijiaoError, UsageError
from pipeline.privacy import FINGERPRINT_FILE, fingerprint, scrubbed
from pipeline.province.districts import District
from pipeline.warehouse.folder import PUBLISHED_FILE
from pipeline.warehouse.proof import require_proven
from pipeline.warehouse.published_tables import PUBLISHED_STORAGE_VERSION
from pipeline.warehouse.reading import quoted

PROVINCE_FILE = "joined.duckdb"  # another name than the schema's, which DuckDB would take for it
STATEMENTS_FOLDER = ASSETS_FOLDER / "province"
CHECK_SUFFIX = ".check.sql"
# The tables of a district that the province's statements read.
TABLES_OF_A_DISTRICT = (
    "mart.township_participation",
    "mart.township_fund",
    "mart.district_summary",
    "mart.coverage_ladder",
    "mart.fund_level",
    "core.person_year",
    "core.return_line",
)


def join_districts(districts: Sequence[District], year: int, province: Path, key: str | None) -> Path:
    """Write the province's file of a year, replaced whole and at once; returns its path.

    Args:
        districts: the districts that are joined; each has published the year, all by the same key.
        province: the folder that the file lies in.
        key: the key in use here; where it isn't that of the districts, or null, signatures can't be checked, but digests.

    Raises:
        DaijiaoError: a district has published nothing of the year or by another key, or what it published isn't what was
            signed; the file can't be written, or the joined tables don't add up. The last file stays.
    """
    _require_proven(districts, year, key, _one_fingerprint(districts))
    final = province / PROVINCE_FILE
    fresh = province / f"{PROVINCE_FILE}.new"
    fresh.unlink(missing_ok=True)
    try:
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"ATTACH '{quoted(fresh)}' AS fresh (STORAGE_VERSION '{PUBLISHED_STORAGE_VERSION}')")
            _show_districts(connection, districts, year)
            connection.execute(MACROS.read_text(encoding="utf-8"))
            _build(connection)
            connection.execute("DETACH fresh")
        fresh.chmod(0o640)
        fresh.replace(final)
    except (duckdb.Error, OSError) as error:
        raise DaijiaoError(
            f"{final} could not be written ({scrubbed(error)}). The last one stays; look for a full disk or a district's "
            "file that can't be read, and run again.",
            f"无法写入 {final}({scrubbed(error)})。上次的文件没有变化;"
            "请检查磁盘是否已满、各县(区)的文件能否读取,再重新运行。",
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
    return final


def _one_fingerprint(districts: Sequence[District]) -> str:
    """The fingerprint of the key by which every district was published."""
    fingerprints: dict[str, str] = {}
    for district in districts:
        path = district.warehouse / FINGERPRINT_FILE
        if not path.is_file() or not (district.warehouse / PUBLISHED_FILE).is_file():
            raise DaijiaoError(
                f"The district {district.code} has published nothing in {district.warehouse}. Refresh it, or take its folder "
                "away, and run again.",
                f"县(区){district.code} 在 {district.warehouse} 中没有发布过。请刷新它,或移走它的文件夹,再重新运行。",
            )
        fingerprints[district.code] = path.read_text(encoding="ascii").strip()
    if len(set(fingerprints.values())) > 1:
        first = next(iter(fingerprints.values()))
        others = ", ".join(code for code, each in fingerprints.items() if each != first)
        raise DaijiaoError(
            "The districts were published by different keys, so a person has not the same person_key everywhere: "
            f"{others} differ from {next(iter(fingerprints))}. Refresh them by the province's one key and run again.",
            "各县(区)使用的密钥不同,同一个人的代号各处不一样:"
            f"{others} 与 {next(iter(fingerprints))} 不同。请用全省统一的密钥刷新后重新运行。",
        )
    return next(iter(fingerprints.values()))


def _require_proven(districts: Sequence[District], year: int, key: str | None, made_with: str) -> None:
    """Make sure that what each district published of the year is what was signed."""
    known = key if key is not None and fingerprint(key) == made_with else None
    for district in districts:
        try:
            require_proven(district.warehouse / PUBLISHED_FILE, year, known)
        except UsageError:
            raise DaijiaoError(
                f"The district {district.code} has not published {year}. Refresh it and run again.",
                f"县(区){district.code} 没有发布 {year} 年。请刷新后重新运行。",
            ) from None


def _show_districts(connection: duckdb.DuckDBPyConnection, districts: Sequence[District], year: int) -> None:
    """Make the year's rows of every district visible in the schema ``district``, with the district's code."""
    connection.execute("CREATE SCHEMA district")
    connection.execute(
        "CREATE TABLE district.district (district_code VARCHAR, district_name VARCHAR, city_name VARCHAR)"
    )
    for district in districts:
        path = quoted(district.warehouse / PUBLISHED_FILE)
        connection.execute(f"ATTACH '{path}' AS of_{district.code} (READ_ONLY)")
        connection.execute(
            "INSERT INTO district.district VALUES (?, ?, ?)",
            [district.code, district.policy.district_name, district.policy.city_name],
        )
    for table in TABLES_OF_A_DISTRICT:
        parts = [
            f"SELECT '{district.code}' AS district_code, * FROM of_{district.code}.{table} WHERE policy_year = {year}"
            for district in districts
        ]
        name = table.partition(".")[2]
        connection.execute(f"CREATE VIEW district.{name} AS {' UNION ALL BY NAME '.join(parts)}")


def _build(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA fresh.province")
    connection.execute("CREATE SCHEMA province")
    for path in sorted(STATEMENTS_FOLDER.glob("*.sql")):
        if path.name.endswith(CHECK_SUFFIX):
            continue
        sql = path.read_text(encoding="utf-8")
        table = f"fresh.province.{path.stem}"
        connection.execute(f"CREATE TABLE {table} AS FROM ({sql}\n) ORDER BY ALL")
        comment = " ".join(line.removeprefix("--").strip() for line in sql.splitlines() if line.startswith("--"))
        connection.execute(f"COMMENT ON TABLE {table} IS '{comment.replace(chr(39), chr(39) * 2)}'")
        connection.execute(f"CREATE VIEW province.{path.stem} AS FROM {table}")
    for path in sorted(STATEMENTS_FOLDER.glob(f"*{CHECK_SUFFIX}")):
        found = connection.execute(path.read_text(encoding="utf-8")).fetchall()
        if found:
            raise DaijiaoError(
                f"Not joined: {path.name.removesuffix(CHECK_SUFFIX)} found {len(found)} rows that don't add up. The last "
                "file of the province stays; report this sentence."
            )
