"""A refusal tells the headers that were found, and nothing that a form has between its words."""

from pathlib import Path

import pytest

from pipeline.landing import load_layouts
from pipeline.landing.parse import parse_content


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("序号,乡镇,姓名,性别,家庭地址", "找到的表头:序号、乡镇、姓名、性别、家庭地址。"),
        ("乡镇,姓名,民族,户主与本人", "找到的表头:乡镇、姓名、民族、户主与本人。"),
        ("姓名,欧阳乾坤,性别,女", "找到的表头:姓名、性别、女。"),
        ("姓名,欧阳乾坤,家庭成员,诸葛霁月,乡镇,汤丹镇,电话,13987654321", "找到的表头:姓名、乡镇。"),
    ],
)
def test_headers_are_told_without_values(tmp_path: Path, line: str, told: str) -> None:
    """A roll without the column 证件号码: the labels of a list are told whole, those of a form without its values."""
    path = tmp_path / "20190331.csv"
    path.write_text(f"{line}\n1,2,3\n", encoding="utf-8")
    parsed = parse_content(path.read_bytes(), load_layouts().of("poverty_roll"), tmp_path / "rows.parquet")
    assert parsed.reason is not None
    assert told in parsed.reason
