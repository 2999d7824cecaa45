"""What is published follows from the landed files, to the line."""

from decimal import Decimal
from pathlib import Path

from pipeline.refresh import refresh_year
from pipeline.sample import write_sample
from pipeline.warehouse import PUBLISHED_FILE, reading


def test_one_persons_line_changes_the_figures(tmp_path: Path) -> None:
    """A collection that failed after all covers one person less and uses 100 yuan less."""
    raw = tmp_path / "raw"
    write_sample(raw, 2019, persons=300, is_clean=True)
    refresh_year(raw, tmp_path / "warehouse", 2019)
    before = summary(tmp_path)
    path = next(path for path in sorted((raw / "2019/tax_returns").rglob("*.csv")) if path.stat().st_size)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if "已入库" in line and "财政代缴" in line)
    lines[place] = lines[place].replace("已入库", "失败")
    path.write_text("".join(lines), encoding="utf-8")
    refresh_year(raw, tmp_path / "warehouse", 2019)
    after = summary(tmp_path)
    assert after["covered_count"] == before["covered_count"] - 1
    assert after["used_yuan"] == before["used_yuan"] - Decimal(100)


def summary(folder: Path) -> dict[str, Decimal]:
    """The published district_summary."""
    with reading(folder / "warehouse" / PUBLISHED_FILE) as connection:
        return connection.sql("select * from mart.district_summary").pl().row(0, named=True)
