"""`daijiao policy`: a folder that is written can be used, and of one that can't all faults are named at once."""

from pathlib import Path

import pytest

from pipeline.commands.language import Say
from pipeline.commands.policy_check import Fault, check_policy_folder
from pipeline.policy import PACKAGE_FOLDER, load_policy
from tests.pipeline.commands import ended

NEW = (
    "--year", "2021", "--city", "示范市", "--district-code", "530199", "--district", "示范县", "--bureau", "示范县居保局",
    "--premium", "200", "--levels", "省级=0.5,县级=0.5", "--township", "530199100=东山镇", "--township", "530199101=西河镇",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new folder of policies."""
    assert ended("policy", "new", str(tmp_path / "county"), *NEW) == 0
    return tmp_path / "county"


def changed(folder: Path, *changes: tuple[str, str]) -> None:
    """Change the text of the policy of 2021."""
    path = folder / "2021.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_a_new_folder_can_be_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its facts are those that were given; all files stand there."""
    policy = load_policy(2021, folder)
    assert [township.name for township in policy.townships] == ["东山镇", "西河镇"]
    assert [(level.name, level.word, str(level.share)) for level in policy.fund_levels] == [
        ("provincial", "省级", "0.5"),
        ("district", "县级", "0.5"),
    ]
    assert (str(policy.premium_yuan), policy.bureau_name) == ("200.00", "示范县居保局")
    form = (folder / "self_evaluation.yaml").read_text(encoding="utf-8")
    assert "value: 200" in form and "在示范县居保局 {bureau_balance_yuan} 万元" in form
    assert "区级" not in form and "区居保局" not in form
    assert ended("policy", "check", str(folder)) == 0
    assert "可以使用" in capsys.readouterr().out


def test_the_districts_own_policies_can_be_used() -> None:
    """Those that the package brings."""
    assert check_policy_folder(PACKAGE_FOLDER, Say("chinese")) == []


def test_nothing_is_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The year's policy is there already: status 2."""
    assert ended("policy", "new", str(folder), *NEW) == 2
    assert "已经存在" in capsys.readouterr().err


def test_what_is_not_given_is_named_where_nobody_can_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal."""
    assert ended("policy", "new", str(tmp_path / "county"), "--year", "2021") == 2
    assert "--city" in capsys.readouterr().err


def test_all_faults_are_named_with_line_and_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of every file of the folder, in one go."""
    changed(
        folder,
        ('premium_yuan: "200.00"', "premium_yuan: viel"),
        ("age_from: 16", "agefrom: 16"),
        ("township_aliases: {}", "township_aliases: {东山: 东山乡}"),
        ("source: tax_returns", "source: tax_return"),
    )
    with (folder / "divisions/530199.csv").open("a", encoding="utf-8") as lines:
        lines.write("village,530199999001,无名村,530199999,,\n")
    (folder / "layouts/bank.yaml").write_text(
        "name: bank\nsource: bank_returns\nform: table\nskool: 1\n", encoding="utf-8"
    )
    (folder / "words.yaml").write_text("exclusion: {参军: 当兵}\n", encoding="utf-8")
    faults = check_policy_folder(folder, Say("chinese"))
    line_of = {
        key: number
        for number, text in enumerate((folder / "2021.yaml").read_text(encoding="utf-8").splitlines(), start=1)
        for key in ("premium_yuan", "agefrom", "township_aliases", "source: tax_return")
        if key in text and not text.startswith("#")
    }
    found = {(fault.file_name, fault.line, fault.key) for fault in faults}
    assert {
        ("2021.yaml", line_of["premium_yuan"], "premium_yuan"),
        ("2021.yaml", None, "age_from"),
        ("2021.yaml", line_of["agefrom"], "agefrom"),
        ("2021.yaml", line_of["township_aliases"], "township_aliases.东山"),
        ("2021.yaml", line_of["source: tax_return"], "expected_batches.3.source"),
        ("divisions/530199.csv", 4, "parent_code"),
        ("layouts/bank.yaml", 4, "skool"),
        ("words.yaml", None, ""),
    } <= found
    assert ended("policy", "check", str(folder)) == 1
    assert f"2021.yaml 第 {line_of['premium_yuan']} 行 premium_yuan:应为数字" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "key", "text"),
    [
        ('share: "0.5"', 'share: "0.4"', "fund_levels", "各级分担比例相加应等于 1"),
        ('premium_yuan: "200.00"', 'premium_yuan: "200.01"', "fund_levels", "代缴标准乘以 provincial 的比例不是整分"),
        ('premium_yuan: "200.00"', 'premium_yuan: "200.001"', "premium_yuan", "最多写 2 位小数"),
        ("age_from: 16", "age_from: 61", "age_below", "应大于 age_from,否则没有人符合年龄"),
        ("first_date: 2021-01-01", "first_date: 2022-01-01", "payment_window.last_date", "不能早于 first_date"),
        ("word: 县级", "word: 省级", "fund_levels", "省级 写了两次"),
    ],
)
def test_a_fault_of_the_whole_is_said_in_chinese(folder: Path, old: str, new: str, key: str, text: str) -> None:
    """With the key that it is about; in English it is what the policy itself says."""
    changed(folder, (old, new))
    (fault,) = check_policy_folder(folder, Say("chinese"))
    assert (fault.file_name, fault.key, fault.text) == ("2021.yaml", key, text)
    (fault,) = check_policy_folder(folder, Say("english"))
    assert fault.key == key and fault.text != text


@pytest.mark.parametrize(
    ("row", "key", "text"),
    [
        ("township,530199900,东山镇,530199,,", "divisions_file", "东山镇 写了两次"),
        ("township,530199900,北山镇,530199,2021-06-01,2021-05-01", "valid_to", "不能早于 valid_from"),
    ],
)
def test_a_township_that_nobody_can_mean_is_a_fault(folder: Path, row: str, key: str, text: str) -> None:
    """Of two with one name in a year none could be told from the other; one with no day of validity never was."""
    with (folder / "divisions/530199.csv").open("a", encoding="utf-8") as lines:
        lines.write(f"{row}\n")
    assert (key, text) in {(fault.key, fault.text) for fault in check_policy_folder(folder, Say("chinese"))}


@pytest.mark.parametrize("content", ["", "- 2021\n", "2021\n"])
def test_a_policy_that_says_nothing_is_a_fault(folder: Path, content: str) -> None:
    """An empty file, a list, a word."""
    (folder / "2021.yaml").write_text(content, encoding="utf-8")
    assert check_policy_folder(folder, Say("chinese")) == [Fault("2021.yaml", None, "", "应为若干“键: 值”")]


def test_a_word_of_a_level_means_one_of_the_policys(folder: Path) -> None:
    """As a refresh of the year finds it."""
    (folder / "words.yaml").write_text("fund_level: {市本级: 市级}\n", encoding="utf-8")
    (fault,) = check_policy_folder(folder, Say("chinese"))
    assert fault.file_name == "words.yaml" and "含义只能是:省级、县级" in fault.text


def test_a_key_that_stands_twice_is_named_with_its_line(folder: Path) -> None:
    """The first of them would be forgotten without a word."""
    before = (folder / "2021.yaml").read_text(encoding="utf-8")
    (folder / "2021.yaml").write_text(f"{before}premium_yuan: 300\n", encoding="utf-8")
    line = before.count("\n") + 1
    assert check_policy_folder(folder, Say("chinese")) == [Fault("2021.yaml", line, "premium_yuan", "这一项写了两次")]


def test_what_is_no_yaml_is_named_with_its_line(folder: Path) -> None:
    """And in English for whoever asks."""
    (folder / "2021.yaml").write_text("policy_year: 2021\ncity_name: [\n", encoding="utf-8")
    assert check_policy_folder(folder, Say("english")) == [Fault("2021.yaml", 3, "", "is no YAML")]


def test_an_id_in_a_text_of_the_policy_is_a_fault(folder: Path) -> None:
    """What a policy says is written into reports; its line is named, and the number isn't repeated."""
    narrative = folder / "narrative.yaml"
    narrative.write_text("experience: 走访了张某(530198197010056259)一户。\n", encoding="utf-8")
    words = folder / "words.yaml"
    words.write_text("# 53019819701005625X\n" + words.read_text(encoding="utf-8"), encoding="utf-8")
    found = [fault for fault in check_policy_folder(folder, Say("chinese")) if "证件号码" in fault.text]
    assert [(fault.file_name, fault.line) for fault in found] == [("narrative.yaml", 1), ("words.yaml", 1)]
    assert not any("5301981970" in fault.text for fault in found)
