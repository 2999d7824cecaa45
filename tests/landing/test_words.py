"""What listed words mean, what an empty cell may hold, and which unknown words hold a row or a person."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.landing import load_layouts, load_own_words
from tests.landing.files import YEAR, column, land, read, typed_rows

ID = "530199198506150010"
Row = dict[str, object]


def cells(folder: Path, source: str, header: str, *rows: str) -> list[Row]:
    """The rows of a text file, of cells set apart by `|`."""
    return read(folder, f"{source}/20190331.csv", "\n".join([header, *rows, ""]).replace("|", "\t"))[1]


def test_words_for_an_empty_cell(tmp_path: Path) -> None:
    """They are empty in every cell but a name."""
    words = ["/", "\\", "-", "—", "——", "无", "空", "NULL", "N/A", "#N/A", "/", ""]
    rows = [f"{ID}|{word}|{word}|{word}|{word}" for word in words]
    found = cells(tmp_path, "pension_register", "身份证号|排除情形|待遇状态|个人缴费金额|个人缴费日期", *rows)
    assert {(row["exclusion"], row["self_paid_amount_yuan"], row["quarantine_field"]) for row in found} == {
        (None, None, None)
    }
    assert not any(row["is_evidence_unreadable"] for row in found)
    names = cells(tmp_path / "names", "poverty_roll", "姓名|身份证号|数据日期", f"无|{ID}|20190331", f"|{ID}|20190331")
    assert [(row["name"], row["quarantine_field"]) for row in names] == [("无", None), (None, "name")]


SCHOOLING = {
    "not_at_school": "非在校生 否 不在校 非在校 未在校 高中毕业 大学毕业 初中辍学 / 无",
    "at_school": "是 在校 在读 在校生 学前教育 小学 高二 普通高中 九年级 中等职业学校 大学在读 未入学前班",
    "unknown": "打工 应届毕业 未毕业 没毕业 高中应届毕业",
}


@pytest.mark.parametrize("says", SCHOOLING)
def test_schooling(says: str, tmp_path: Path) -> None:
    """An unknown word holds the person and quarantines nothing."""
    words = SCHOOLING[says].split(" ")
    rows = cells(
        tmp_path, "poverty_roll", "姓名|身份证号|数据日期|在校情况", *(f"张三|{ID}|20190331|{word}" for word in words)
    )
    assert [(row["schooling_says"], row["quarantine_field"]) for row in rows] == [(says, None)] * len(words)
    is_unknown = says == "unknown"
    assert column(rows, "unknown_schooling") == [word if is_unknown else None for word in words]
    assert column(rows, "is_evidence_unreadable") == [is_unknown] * len(words)


def test_a_roll_without_schooling_says_that_nobody_is_at_school(tmp_path: Path) -> None:
    """The column is told as not found."""
    rows = cells(tmp_path, "poverty_roll", "姓名|身份证号|数据日期|人编号", f"张三|{ID}|20190331|7")
    assert [(row["schooling_says"], row["member_no"], row["is_evidence_unreadable"]) for row in rows] == [
        ("not_at_school", "7", False)
    ]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("农村低保户", ("低保", None, None, False)),
        ("五保户", ("特困", None, None, False)),
        ("重残", ("重度残疾", None, None, False)),
        ("肢体二级", ("重度残疾", None, None, False)),
        ("重度残疾(一级)", ("重度残疾", None, None, False)),
        ("2级", ("重度残疾", None, None, False)),
        ("三级", (None, None, None, False)),
        ("智力残疾(4级)", (None, None, None, False)),
        ("残疾", (None, "残疾", "category", True)),
        ("五级", (None, "五级", "category", True)),
        ("优抚", (None, "优抚", None, False)),
        ("", (None, None, None, False)),
    ],
)
def test_categories(word: str, expected: Row, tmp_path: Path) -> None:
    """A grade of three or four is no category; only an unknown word that may be of a disability holds anybody."""
    (row,) = cells(tmp_path, "category_rolls", "身份证号|类别|姓名|数据日期", f"{ID}|{word}|张三|20190331")
    found = (row["category"], row["unknown_category"], row["quarantine_field"], row["is_evidence_unreadable"])
    assert found == expected


def test_register_rows_keep_what_can_be_read(tmp_path: Path) -> None:
    """A quarantined row is still evidence in its other cells; an unknown insured_status is listed alone."""
    header = "身份证号|参保状态|排除情形|待遇状态|个人缴费金额|个人缴费日期"
    rows = cells(
        tmp_path, "pension_register", header,
        f"{ID}|正常参保|死亡未销户|正常领取|100|20190105", f"{ID}|挂起|死 亡|||", f"{ID}||出国（境）||-5|20190105",
        f"{ID}||||一百|", f"{ID}|||停发||",
    )  # fmt: skip
    assert column(rows, "quarantine_field") == [
        "exclusion",
        None,
        "self_paid_amount",
        "self_paid_amount",
        "benefit_status",
    ]
    assert column(rows, "exclusion") == [None, "死亡", "出国(境)", None, None]
    assert column(rows, "unknown_exclusion") == ["死亡未销户", None, None, None, None]
    assert column(rows, "unknown_insured_status") == [None, "挂起", None, None, None]
    assert column(rows, "unknown_benefit_status") == [None, None, None, None, "停发"]
    assert column(rows, "benefit_status") == ["正常领取", None, None, None, None]
    assert [str(amount) for amount in column(rows, "self_paid_amount_yuan")] == [
        "100.00",
        "None",
        "None",
        "None",
        "None",
    ]
    assert column(rows, "is_evidence_unreadable") == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("header", "exclusion", "event_date", "expected"),
    [
        ("死亡日期", "", "20190301", ("死亡", "2019-03-01", False)),
        ("死亡日期", "无", "去年", ("死亡", "None", False)),
        ("死亡日期", "服刑", "", ("服刑", "None", False)),
        ("死亡日期", "失踪", "20190301", ("None", "2019-03-01", True)),
        ("发生日期", "", "20190301", ("None", "2019-03-01", True)),
        ("发生日期", "", "不详", ("None", "None", True)),
        ("终止日期", "迁出", "2019年3月1日", ("迁出", "2019-03-01", False)),
        ("情形发生日期", "迁出", "不详", ("迁出", "None", False)),
        ("情形发生日期", "", "/", ("None", "None", False)),
    ],
)
def test_event_dates(header: str, exclusion: str, event_date: str, expected: Row, tmp_path: Path) -> None:
    """A date of death alone says that the person is dead; any other date alone says that something isn't known."""
    (row,) = cells(tmp_path, "pension_register", f"身份证号|排除情形|{header}", f"{ID}|{exclusion}|{event_date}")
    assert (str(row["exclusion"]), str(row["event_date"]), row["is_evidence_unreadable"]) == expected
    assert row["quarantine_field"] == ("exclusion" if exclusion == "失踪" else None)


TAX = "证件号码|征收项目|实缴金额|征收结果|入库日期"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("10210", ("10210", None, None, False)),
        ("10210城乡居民基本养老保险费", ("10210", None, None, False)),
        ("城乡居民社会养老保险", ("10210", None, None, False)),
        ("城乡居保费", ("10210", None, None, False)),
        ("城乡居保(费)", ("10210", None, None, False)),
        ("城乡居民(基本)养老保险费", ("10210", None, None, False)),
        ("城乡居民（社会基本）养老保险（费）", ("10210", None, None, False)),
        ("城乡居民养老保险(费)", ("10210", None, None, False)),
        ("城乡居民(补充)养老保险费", (None, "城乡居民(补充)养老保险费", "levy_item", False)),
        ("城乡居民基本医疗保险费", (None, None, None, True)),
        ("30203企业职工", (None, None, None, True)),
        ("机关养老", (None, None, None, True)),
        ("居民养老缴款", (None, "居民养老缴款", "levy_item", False)),
        ("", (None, "", "levy_item", False)),
    ],
)
def test_levy_items(item: str, expected: Row, tmp_path: Path) -> None:
    """Another item is dropped before anything else in its row is judged; an unknown or empty one quarantines it."""
    (row,) = cells(
        tmp_path, "tax_returns", TAX, f"{ID}|{item}|x|已受理|y" if expected[3] else f"{ID}|{item}|1|成功|20190601"
    )
    used = row["levy_item"] if row["levy_item"] != "other" else None
    assert (used, row["unknown_levy_item"], row["quarantine_field"], row["dropped_reason"] is not None) == expected
    assert row["unknown_outcome"] is None


def test_a_list_of_which_no_row_is_used_is_told(tmp_path: Path) -> None:
    """With its items; a list of which a row is used is not."""
    content = f"{TAX}\n{ID}|医疗保险费|1|成功|20190601\n{ID}|30203|1|成功|20190601\n".replace("|", "\t")
    file, _ = read(tmp_path / "a", "tax_returns/a.csv", content)
    assert str(file["reason"]).startswith("no_row_used: 没有一行可用,征收项目为:医疗保险费、30203。")
    unreadable = f"{TAX}\n{ID}|10210|1|成功|2019年6月\n{ID}|30203|1|成功|20190601\n".replace("|", "\t")
    file, _ = read(tmp_path / "unreadable", "tax_returns/a.csv", unreadable)
    assert "有 1 行必填内容缺少或无法识别" in str(file["reason"]) and "请核对征收项目" not in str(file["reason"])
    file, _ = read(tmp_path / "b", "tax_returns/a.csv", content + f"{ID}\t10210\t1\t成功\t20190601\n")
    assert (file["status"], file["reason"]) == ("read", None)


def test_payers(tmp_path: Path) -> None:
    """An empty cell quarantines its row; a list without the column is of public money."""
    rows = cells(
        tmp_path, "tax_returns", f"{TAX}|缴费方式",
        *(f"{ID}|10210|1|成功|20190601|{word}" for word in ("政府代缴", "代缴", "自缴", "本人缴费", "他人代付", "")),
    )  # fmt: skip
    assert column(rows, "payer_kind") == ["财政代缴", "财政代缴", "个人缴费", "个人缴费", None, None]
    assert column(rows, "unknown_payer_kind") == [None, None, None, None, "他人代付", None]
    assert column(rows, "quarantine_field") == [None, None, None, None, "payer_kind", "payer_kind"]
    (row,) = cells(tmp_path / "without", "tax_returns", TAX, f"{ID}|10210|1|成功|20190601")
    assert (row["payer_kind"], row["quarantine_field"]) == ("财政代缴", None)


def test_money_that_is_given_back(tmp_path: Path) -> None:
    """A transfer keeps its sign, its persons too."""
    rows = cells(tmp_path, "allocations", "乡镇|金额|人数", "汤丹镇|-200.00|-2", "汤丹镇|100|x")
    assert [(str(row["amount_yuan"]), row["persons"], row["quarantine_field"]) for row in rows] == [
        ("-200.00", -2, None), ("100.00", None, "persons"),
    ]  # fmt: skip


OWN = """
exclusion:
  死亡(失踪): 死亡
  参 军: 现役军人
schooling: {打工: 非在校生, 中技: 在校}
outcome: {已代付完成: success, 退票处理: reversed, 成功: failed}
outcome_code: {0009: unknown, A1: success}
levy_item: {居民养老缴款: 10210}
fund_level: {市本级: 市级}
"""


def test_a_bureaus_own_words_stand_before_the_listed_ones(tmp_path: Path) -> None:
    """As whole words; they are seen by the next refresh, without any change of the files."""
    (tmp_path / "words.yaml").write_text(OWN, encoding="utf-8")
    layouts = load_layouts(None, load_own_words(tmp_path / "words.yaml", {"fund_level": ("市级", "区级")}), YEAR)
    files: dict[str, bytes | str] = {
        "pension_register/a.csv": f"身份证号,排除情形\n{ID},死亡（失踪）\n{ID},参军\n{ID},参军了\n",
        "bank_returns/a.csv": f"身份证号,返还日期,金额,状态,返回码\n{ID},20190601,1,已代付完成,\n{ID},20190601,1,成功,\n"
        f"{ID},20190601,1,,0009\n{ID},20190601,1,,A1\n{ID},20190601,1,退票处理,\n合计,,5,,\n",
        "fund_documents/a.csv": "资金级次,金额\n市本级,1\n",
    }
    assert typed_rows(land(tmp_path, files), "pension_register")["exclusion"].to_list() == [None, None, None]
    landing = land(tmp_path, files, layouts=layouts)
    assert typed_rows(landing, "pension_register")["exclusion"].to_list() == ["死亡", "现役军人", None]
    outcomes = typed_rows(landing, "bank_returns")["outcome"].to_list()
    assert outcomes == ["success", "failed", "unknown", "success", "reversed"]
    assert typed_rows(landing, "fund_documents")["fund_level"].to_list() == ["市级"]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("排除情形: {参军: 现役军人}", "排除情形"),
        ("exclusion: {参军: 当兵}", "exclusion.参军"),
        ("outcome: {完成: paid}", "outcome.完成"),
        ("fund_level: {市本级: 省级}", "fund_level.市本级"),
        ("class: 返还", "class"),
        ("class: {退: [返还]}", "class.退"),
        ("- exclusion", "whole file"),
        ("exclusion: {", "ParserError in line"),
        ("exclusion: {参军: 现役军人, ' 参军': 迁出}", "exclusion"),
        ("exclusion: {参军: 现役军人, 参军: 迁出}", "DoubledKeyError in line 1"),
    ],
)
def test_faulty_own_words_name_file_and_key(content: str, key: str, tmp_path: Path) -> None:
    """Before anything is read."""
    path = tmp_path / "words.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        load_own_words(path, {"fund_level": ("市级", "区级")})
    assert str(path) in str(raised.value) and key in str(raised.value) and str(raised.value).endswith("again.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x: {甲: 乙}", "x:没有这样的项目,可用的有:schooling"),
        ("exclusion: {甲: 乙}", "exclusion.甲:一个用语的含义只能是:"),
        ("- 甲", "整个文件:应逐行写“用语: 含义”"),
    ],
)
def test_a_fault_of_own_words_is_told_in_chinese(tmp_path: Path, text: str, said: str) -> None:
    """Whoever writes them is a bureau's clerk."""
    path = tmp_path / "words.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load_own_words(path)
    assert said in refused.value.chinese
    assert "use one of" not in refused.value.chinese


def test_a_missing_file_holds_no_words(tmp_path: Path) -> None:
    """Most bureaus have none."""
    assert load_own_words(tmp_path / "words.yaml") == {}
