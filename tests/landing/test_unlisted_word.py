"""A word that is not on its list is no value: the row is quarantined and says nothing."""

from pathlib import Path

from tests.landing.files import land, only_file, typed_rows

ONE_WORD_UNLISTED = """乡镇,姓名,身份证号,分类,核查日期
汤丹镇,张三,530199198506150010,随缘,20190520
汤丹镇,李四,530199198506150029,返还,20190520
"""


def test_an_unlisted_word_is_no_value(tmp_path: Path) -> None:
    """Otherwise the store, which knows three classes, would refuse the whole file."""
    landing = land(tmp_path, {"classification/a.csv": ONE_WORD_UNLISTED})
    assert only_file(landing)["status"] == "read"
    rows = typed_rows(landing, "classification")
    assert rows["class"].to_list() == [None, "返还"]
    assert rows["quarantine_field"].to_list() == ["class", None]
