"""Names in traditional characters have the key of the simplified name beside their own."""

from pathlib import Path

import pytest

from tests.landing.files import read

ID = "530199198506150010"


@pytest.mark.parametrize(
    ("name", "key", "simplified"),
    [
        ("常東楠", "常東楠", "常东楠"),
        ("常东楠", "常东楠", "常东楠"),
        ("馬·小 林", "馬小林", "马小林"),
        ("阿依·古丽", "阿依古丽", "阿依古丽"),
        ("劉□國", "劉?國", "刘?国"),
        ("", None, None),
    ],
)
def test_the_simplified_key(name: str, key: str | None, simplified: str | None, tmp_path: Path) -> None:
    """In each source that has names."""
    content = f"姓名,身份证号,数据日期,类别\n{name},{ID},20190331,低保\n"
    for source in ("poverty_roll", "category_rolls"):
        _, rows = read(tmp_path / source, f"{source}/a.csv", content)
        assert [(row["name_key"], row["name_simplified_key"]) for row in rows] == [(key, simplified)]
