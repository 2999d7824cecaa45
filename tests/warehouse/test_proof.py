"""The proof of a publication: an ordinary reader computes the same digests, and whatever is touched is seen."""

import hashlib
import hmac
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from pipeline.errors import DaijiaoError
from pipeline.warehouse.proof import problems, require_proven
from tests.operations.world import YEAR, land_second_batch
from tests.warehouse.conftest import Installation

TOUCHED = (
    "UPDATE mart.district_summary SET execution_rate = execution_rate + 0.000001",
    "DELETE FROM core.person_year WHERE name_masked LIKE '欧%'",
    "INSERT INTO mart.quarantined_row SELECT * FROM mart.quarantined_row UNION ALL SELECT 2019, 'x', NULL, 1, 'id_no', 'y'",
    "UPDATE mart.proof SET figures_compared = 1000000",
    "UPDATE mart.proof SET policy_sha256 = 'another'",
    "UPDATE mart.source_file SET sha256 = sha256 || '0'",
    "UPDATE mart.digest SET sha256 = 'x' WHERE subject = 'policy'",
    "DELETE FROM mart.proof",
)


def test_what_was_published_is_what_was_signed(installation: Installation) -> None:
    """And the proof is that of the year."""
    proof = require_proven(installation.run.published, YEAR, installation.run.key)
    assert (proof.policy_year, len(proof.signature), proof.figures_differing) == (YEAR, 64, 0)


@pytest.mark.parametrize("statement", TOUCHED)
def test_whatever_is_touched_is_seen(installation: Installation, statement: str) -> None:
    """A figure, a row, the proof itself."""
    installation.change(installation.run.published, statement)
    with duckdb.connect(str(installation.run.published), read_only=True) as connection:
        assert problems(connection, YEAR, installation.run.key)
    with pytest.raises(DaijiaoError, match="not what was signed"):
        require_proven(installation.run.published, YEAR, installation.run.key)


def test_the_touched_table_is_named(installation: Installation) -> None:
    """So that a reader knows where to look."""
    installation.change(installation.run.published, "UPDATE mart.township_fund SET utilisation_rate = 1")
    with duckdb.connect(str(installation.run.published), read_only=True) as connection:
        assert problems(connection, YEAR, installation.run.key) == ["数据表与发布时不同:mart.township_fund"]


def test_another_key_is_seen(installation: Installation) -> None:
    """A signature by another key is none."""
    with duckdb.connect(str(installation.run.published), read_only=True) as connection:
        assert problems(connection, YEAR, "f" * 64) == ["签名与密钥不符(mart.proof)"]
        assert problems(connection, YEAR, None) == []


def test_an_ordinary_reader_computes_the_same(installation: Installation) -> None:
    """By the words of docs/operations.md, in plain Python."""
    with duckdb.connect(str(installation.run.published), read_only=True) as connection:
        names = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        digests = [
            f"{name}\t{_digest(connection, name)}" for (name,) in names if name not in ("mart.change", "mart.proof")
        ]
        landed = connection.execute("SELECT file_name, sha256 FROM mart.source_file ORDER BY ALL").fetchall()
        *columns, signature = connection.execute("SELECT * FROM mart.proof").fetchall()[0]
    assert columns[1] == _sha256("\n".join(f"{name}\t{sha256}" for name, sha256 in landed))
    assert columns[4] == _sha256("\n".join(digests))
    content = "\n".join(["daijiao proof 1", *(str(column) for column in columns)])
    assert signature == hmac.new(installation.run.key.encode(), content.encode(), hashlib.sha256).hexdigest()


def test_what_is_gone_or_another_is_told(installation: Installation) -> None:
    """A file with other bytes, used money that shrank; a new file is no change."""
    land_second_batch(installation.folder / "raw")
    installation.refresh()
    assert installation.published("SELECT subject FROM mart.change") == []
    path = installation.folder / "raw" / str(YEAR) / "tax_returns/税务返盘.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("成功", "失败"), encoding="utf-8")
    (installation.folder / "raw" / str(YEAR) / "bank_returns/B201907-001.txt").unlink()
    installation.refresh()
    told = {
        subject: (before, after)
        for subject, before, after in installation.published("SELECT subject, before, after FROM mart.change")
    }
    assert set(told) == {
        "covered_count",
        "file:bank_returns/B201907-001.txt",
        "file:tax_returns/税务返盘.csv",
        "source:bank_returns",
        "used_yuan",
    }
    assert told["covered_count"] == ("3.00", "1.00")
    assert told["file:bank_returns/B201907-001.txt"][1] is None


def test_another_policy_is_told(installation: Installation) -> None:
    """By its digest."""
    installation.change(
        installation.run.published, "UPDATE mart.digest SET sha256 = 'another' WHERE subject IN ('policy', 'readers')"
    )
    installation.refresh()
    assert installation.published("SELECT subject, before FROM mart.change ORDER BY ALL") == [
        ("policy", "another"),
        ("readers", "another"),
    ]


def test_a_plain_client_sees_every_table(installation: Installation) -> None:
    """In main, a view for each table of mart and core, with its comment."""
    views = installation.published(
        "SELECT view_name, comment IS NOT NULL FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal"
    )
    assert sorted(views) == [
        (name, True) for (name,) in installation.published("SELECT table_name FROM duckdb_tables() ORDER BY ALL")
    ]
    assert installation.published("SELECT covered_count FROM district_summary") == [(2,)]


def test_the_published_file_is_readable_by_owner_and_group(installation: Installation) -> None:
    """And by nobody else."""
    assert installation.run.published.stat().st_mode & 0o777 == 0o640


def _digest(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    rows = connection.execute(f"SELECT * FROM {name} WHERE policy_year = {YEAR}").fetchall()
    lines = sorted("\t".join(_text(value) for value in row).encode() + b"\n" for row in rows)
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _text(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | Decimal | date):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace("\t", "\\t")
    return text.replace("\n", "\\n").replace("\r", "\\r")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
