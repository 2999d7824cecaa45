"""The prose check: every figure of a report held against the tables, by the words around it, whatever the sentences are."""

import json
import re
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import typst
from docx import Document

from pipeline.errors import UsageError
from pipeline.reports.check_report.check import Finding, as_json, as_text, check_report, has_contradiction
from pipeline.reports.check_report.claims import read_figures
from pipeline.reports.check_report.facts import Claim, Facts
from pipeline.reports.check_report.figures import find_figures
from pipeline.reports.evaluation.document import FONTS
from tests.reports.figures_of_2019 import YEAR

Check = Callable[..., list[Finding]]
"""Checks a text, in UTF-8 where no encoding is given."""

REPORT = """代缴项目绩效评价报告

一、项目概况
为让名单上的困难群众都能参保，市、区财政共同出资，每人每年补助100元，其中市级80元、区级20元。确保符合条件的人员100%参保。
2019年预算资金671.214万元，其中市级下达523.544万元，区级安排147.67万元；预算支出654.43万元，预算人数65443人。

二、绩效目标
年度目标：完成65443人代缴，参保率100%，满意率90%以上。

三、完成情况
实际完成61722人的返还和代缴，核销资金617.22万元，其中市级资金493.776万元、区级资金123.444万元。
结余资金53.994万元（居保局结余16.784万元、乡镇结余37.21万元）。
待遇发放率100%，符合条件人员的参保率100%。发出问卷20份，对象满意率90%以上。
自评分为97分。
"""
PLAIN_WORDS = """市、区两级分别下达资金523.544万元、147.67万元，合计671.21万元。按照65,443人的规模测算，
给乡镇的款项为654.43万元，已全部下拨。
约6.17万人受益，即61722名符合条件的群众已办理参保或获得返还，花费资金617.22万元（折合6172200元），市级和区级资金分别支出493.776万元和123.444万元。
剩余53.99万元，其中37.21万元留在乡镇，16.784万元留在居保局。
按符合条件人数计算，参保率为百分之百，完成年度计划的94.31%。待遇足额发放的比例为100%。受访群众满意度在90%以上，共收回有效问卷20份。
评价组打分97分。
"""
BRIEF_WORDS = """一、投入
安排预算六百多万元，精确数为6712140元。
二、过程
1.拨款：654.4万元拨至各乡镇街道。
2.核查：符合参保条件人员61,722人。
3.缴费补助标准：100元/人·年（市级80元、区级20元）。
三、产出
覆盖６１，７２２人，完成年度计划65443人；资金支出617万元，预算执行率92%，资金使用率94.3%，结余约54万元。
四、得分
自评97分。
"""
# What is altered, to what, and what it really is.
ALTERED = (
    ("671.214万元", "672.214万元", "budget_yuan", "671.214"),
    ("523.544万元", "532.544万元", "budget_municipal_yuan", "523.544"),
    ("147.67万元", "123.444万元", "budget_district_yuan", "147.67"),
    ("654.43万元", "617.22万元", "allocated_yuan", "654.43"),
    ("实际完成61722人", "实际完成65443人", "covered_count", "61722"),
    ("617.22万元", "654.43万元", "used_yuan", "617.22"),
    ("市级资金493.776万元", "市级资金123.444万元", "used_municipal_yuan", "493.776"),
    ("乡镇结余37.21万元", "乡镇结余53.994万元", "township_balance_yuan", "37.21"),
    ("居保局结余16.784万元", "居保局结余37.21万元", "bureau_balance_yuan", "16.784"),
    ("结余资金53.994万元", "结余资金54.994万元", "balance_yuan", "53.994"),
    ("预算人数65443人", "预算人数61722人", "planned_count", "65443"),
    ("的参保率100%", "的参保率94.31%", "participation_rate", "100"),
    ("待遇发放率100%", "待遇发放率99%", "benefit_disbursement_rate", "100"),
    ("对象满意率90%", "对象满意率95%", "satisfaction_rate", "90"),
    ("20份", "200份", "satisfaction_answers", "20"),
    ("97分", "98分", "reported_score", "97"),
    ("市级80元", "市级70元", "used_yuan", "80"),
)


@pytest.fixture
def check(published_2019: Path, tmp_path: Path) -> Check:
    """Check a text."""

    def checked(text: str, encoding: str = "utf-8") -> list[Finding]:
        path = tmp_path / "report.txt"
        path.write_text(text, encoding=encoding)
        return check_report(path, published_2019, YEAR)

    return checked


@pytest.mark.parametrize(("names", "verdict"), [((), "contradicted"), (("示范县社会保险中心", "社保中心"), "proven")])
def test_a_bureau_is_known_by_its_own_names(
    published_2019: Path, tmp_path: Path, names: tuple[str, ...], verdict: str
) -> None:
    """What it has left isn't taken for what the district has left."""
    path = tmp_path / "report.txt"
    path.write_text("结余资金53.994万元，其中乡镇结余37.21万元，社保中心结余16.784万元。", encoding="utf-8")
    *_, (figure, _, found_verdict, _) = found(check_report(path, published_2019, YEAR, names))
    assert (figure, found_verdict) == ("16.784", verdict)


def found(findings: list[Finding]) -> list[tuple[str, str, str, str | None]]:
    """Figure, unit, verdict and column of each finding."""
    return [(finding.figure, finding.unit, finding.verdict, finding.column) for finding in findings]


def test_the_figures_of_2019_are_proven(check: Check) -> None:
    """Each by the table and column that holds it, in reading order."""
    assert found(check(REPORT)) == [
        ("100", "元", "proven", "written_off_yuan"),
        ("80", "元", "proven", "used_yuan"),
        ("20", "元", "proven", "used_yuan"),
        ("100", "%", "proven", "participation_rate"),
        ("671.214", "万元", "proven", "budget_yuan"),
        ("523.544", "万元", "proven", "budget_municipal_yuan"),
        ("147.67", "万元", "proven", "budget_district_yuan"),
        ("654.43", "万元", "proven", "allocated_yuan"),
        ("65443", "人", "proven", "planned_count"),
        ("65443", "人", "proven", "planned_count"),
        ("100", "%", "proven", "participation_rate"),
        ("90", "%", "proven", "satisfaction_rate"),
        ("61722", "人", "proven", "covered_count"),
        ("617.22", "万元", "proven", "used_yuan"),
        ("493.776", "万元", "proven", "used_municipal_yuan"),
        ("123.444", "万元", "proven", "used_district_yuan"),
        ("53.994", "万元", "proven", "balance_yuan"),
        ("16.784", "万元", "proven", "bureau_balance_yuan"),
        ("37.21", "万元", "proven", "township_balance_yuan"),
        ("100", "%", "proven", "benefit_disbursement_rate"),
        ("100", "%", "proven", "participation_rate"),
        ("20", "份", "proven", "satisfaction_answers"),
        ("90", "%", "proven", "satisfaction_rate"),
        ("97", "分", "proven", "reported_score"),
    ]


def test_what_a_report_blurs_is_marked_for_what_it_is(check: Check) -> None:
    """Money transferred is not spent, 100 % has a denominator, 20 questionnaires have an interval, 97 is a judgement."""
    notes = {(finding.figure, finding.column): finding.note for finding in check(REPORT)}
    assert "不是支出" in notes["654.43", "allocated_yuan"] and "617.22" in notes["654.43", "allocated_yuan"]
    assert "61722÷61722" in notes["100", "participation_rate"] and "94.31%" in notes["100", "participation_rate"]
    assert "69.90% 至 97.21%" in notes["90", "satisfaction_rate"] and "20 份" in notes["90", "satisfaction_rate"]
    assert "88.06" in notes["97", "reported_score"]


@pytest.mark.parametrize(("old", "new", "column", "value"), ALTERED, ids=[new for _, new, _, _ in ALTERED])
def test_an_altered_figure_is_contradicted(check: Check, old: str, new: str, column: str, value: str) -> None:
    """That one figure alone, with the right value; also where it is another figure of the tables."""
    assert old in REPORT
    wrong = [finding for finding in check(REPORT.replace(old, new)) if finding.verdict == "contradicted"]
    assert [(finding.column, finding.value) for finding in wrong if finding.figure in new] == [(column, value)]
    assert len(wrong) == REPORT.count(old)


@pytest.mark.parametrize("text", [PLAIN_WORDS, BRIEF_WORDS], ids=["plain words", "brief words"])
def test_other_wording_is_understood(check: Check, text: str) -> None:
    """Rounded, in other units, with separators, in words, two subjects in one sentence, the word after the figure."""
    findings = check(text)
    assert len(findings) >= 13
    assert [finding for finding in findings if finding.verdict != "proven"] == []


@pytest.mark.parametrize(
    ("text", "old", "new", "column"),
    [
        (
            PLAIN_WORDS,
            "分别下达资金523.544万元、147.67万元",
            "分别下达资金147.67万元、523.544万元",
            "budget_municipal_yuan",
        ),
        (PLAIN_WORDS, "6.17万人", "6.18万人", "covered_count"),
        (PLAIN_WORDS, "剩余53.99万元", "剩余53.98万元", "balance_yuan"),
        (PLAIN_WORDS, "16.784万元留在", "37.21万元留在", "bureau_balance_yuan"),
        (PLAIN_WORDS, "百分之百", "百分之九十四点三一", "participation_rate"),
        (BRIEF_WORDS, "6712140元", "6712100元", "budget_yuan"),
        (BRIEF_WORDS, "结余约54万元", "结余约53万元", "balance_yuan"),
        (BRIEF_WORDS, "执行率92%", "执行率94%", "execution_rate"),
    ],
)
def test_other_wording_is_judged(check: Check, text: str, old: str, new: str, column: str) -> None:
    """Altered figures are caught there too."""
    assert old in text
    assert column in [finding.column for finding in check(text.replace(old, new)) if finding.verdict == "contradicted"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("铜都街道名单内60000人，参保率100%，使用资金380万元。", ["roll_count", "participation_rate", "used_yuan"]),
        ("汤丹镇拨付254.43万元，结余17.21万元。", ["allocated_yuan", "balance_yuan"]),
        ("未满16周岁的22000人，乡镇核定外出失联7460人。", ["person_count", "person_count"]),
        ("返还38577人，代缴23145人。", ["refunded_count", "paid_on_behalf_count"]),
        ("市级结余29.768万元，区级结余24.226万元。", ["balance_municipal_yuan", "balance_district_yuan"]),
        (
            "满意率为90%，95%置信区间为69.90%至97.21%。",
            ["satisfaction_rate", None, "satisfaction_low", "satisfaction_high"],
        ),
        ("6万余人已参保。", ["covered_count"]),
        (
            "未使用资金53.994万元，其中滞留乡镇37.21万元、留存局账户16.784万元。",
            ["balance_yuan", "township_balance_yuan", "bureau_balance_yuan"],
        ),
        (
            "核销617.22万元，市、区两级分担493.776万元和123.444万元。",
            ["used_yuan", "used_municipal_yuan", "used_district_yuan"],
        ),
        ("应参保61722人，较计划的65443人少3721人。", ["eligible_count", "planned_count", None]),
        ("2017年以来，按2018年出台的《2018年实施方案》，已覆盖61722人。", ["covered_count"]),
        ("核销61722人×100元，即617.22万元。", ["covered_count", "written_off_yuan", "used_yuan"]),
        ("按自评表的公式计得88.06分，自评97分。", ["score", "reported_score"]),
    ],
)
def test_figures_beyond_the_published_ones(check: Check, text: str, expected: list[str | None]) -> None:
    """Townships, reasons, channels, levels and intervals are proven by their own tables."""
    findings = check(text)
    assert [finding.column for finding in findings] == expected
    assert {finding.verdict for finding in findings if finding.column} == {"proven"}


def test_the_name_of_a_township_is_no_reason() -> None:
    """因 begins the name 因民镇, and a reason."""
    text = "因民镇未覆盖3人，其中因外出未覆盖2人。"
    facts = Facts(YEAR, {}, {"因民镇": "因民镇", "因民": "因民镇"}, frozenset())
    whole, part = read_figures(text, find_figures(text), "", facts)
    assert whole.claims[0] == Claim("persons", "uncovered", "因民镇") and not whole.is_other
    assert part.is_other


@pytest.mark.parametrize(
    "text",
    [
        "组织培训320人。",
        "支出培训费2.5万元。",
        "2018年完成61150人。",
        "随访时间5分钟，12月份召开。满分100分。",
        "同比提高3%。",
        "汤丹镇参保人数占全区的38.43%，占总人数的37%。",
        "已付资金超出拨付0.06万元，拨付资金较预算少1.5万元，参保人数超出计划12人。",
        "不符合的人员中，因病住院不符合的1234人，因外出失去联系未覆盖12人。",
    ],
)
def test_what_no_table_holds_is_not_derivable(check: Check, text: str) -> None:
    """Neither proven nor contradicted, without table, column and value."""
    for finding in check(text):
        assert (finding.verdict, finding.table, finding.column, finding.value) == ("not_derivable", None, None, None)


@pytest.mark.parametrize(
    ("stated", "actual", "agrees"),
    [
        ("100%", "99.9968", False),
        ("99.997%", "99.9968", True),
        ("0%", "0.004", False),
        ("671.21万元", "6712140", True),
        ("671.22万元", "6712140", False),
        ("671.215万元", "6712145", True),
        ("671.215万元", "6712144", False),
        ("617万元", "6172200", True),
        ("62000人", "61722", False),
        ("约62000人", "61722", True),
        ("6万余人", "61722", True),
        ("6万余人", "71722", False),
        ("-0.158万元", "-1580", True),
    ],
)
def test_rounding(stated: str, actual: str, agrees: bool) -> None:
    """Half up to the places that are stated; everybody and nobody are meant exactly."""
    [figure] = find_figures(stated)
    assert figure.agrees(Decimal(actual)) == agrees


def test_a_document_is_read_like_its_text(published_2019: Path, tmp_path: Path, check: Check) -> None:
    """Paragraphs of a .docx, and the cells of its tables with the unit of their column."""
    document = Document()
    for line in REPORT.splitlines():
        document.add_paragraph(line)
    table = document.add_table(rows=3, cols=3)
    cells = (("乡镇", "已覆盖(人)", "使用资金(万元)"), ("铜都街道", "38000", "380.00"), ("汤丹镇", "23722", "237.21"))
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    path = tmp_path / "report.docx"
    document.save(str(path))
    findings = check_report(path, published_2019, YEAR)
    assert found(findings)[:-4] == found(check(REPORT))
    assert found(findings)[-4:] == [
        ("38000", "人", "proven", "covered_count"),
        ("380.00", "万元", "proven", "used_yuan"),
        ("23722", "人", "proven", "covered_count"),
        ("237.21", "万元", "contradicted", "used_yuan"),
    ]
    assert findings[-1].value == "237.22" and findings[-1].place.startswith("表 1 第 3 行第 3 列")


def test_a_page_is_read_like_its_text(published_2019: Path, tmp_path: Path, check: Check) -> None:
    """Paragraphs of a .html and the cells of its tables; neither scripts nor what is drawn."""
    paragraphs = "".join(f"<p>{line}</p>" for line in REPORT.splitlines() if line)
    table = "<table><tr><th>乡镇</th><th>使用资金(万元)</th></tr><tr><td>汤丹镇</td><td>237.21</td></tr></table>"
    drawn = "<script>var x = '1人';</script><svg><text>7人</text></svg>"
    path = tmp_path / "report.html"
    path.write_text(f"<html><body>{paragraphs}{drawn}<div>{table}</div></body></html>", encoding="utf-8")
    findings = check_report(path, published_2019, YEAR)
    assert found(findings)[:-1] == found(check(REPORT))
    assert found(findings)[-1] == ("237.21", "万元", "contradicted", "used_yuan")


def test_a_pdf_is_read_like_its_text(published_2019: Path, tmp_path: Path, check: Check) -> None:
    """Line by line; the figures of a table's row stand for themselves and contradict nothing."""
    path = tmp_path / "report.pdf"
    text = "\n\n".join(f"#{json.dumps(line, ensure_ascii=False)}" for line in REPORT.splitlines() if line)
    row = '\n\n#"铜都街道 122 73 73 99.00%"'
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])
    page = '#set text(font: "Noto Sans CJK SC")\n'
    path.write_bytes(typst.compile((page + text + row).encode(), font_paths=fonts))
    findings = check_report(path, published_2019, YEAR)
    told = [finding for finding in found(findings) if finding[0] != "99.00"]
    assert told == found(check(REPORT))
    assert all(finding.place.startswith("第 1 页第 ") for finding in findings)
    assert not has_contradiction(findings)


def test_a_picture_of_a_report_is_refused(published_2019: Path, tmp_path: Path) -> None:
    """There is no text in it."""
    path = tmp_path / "scan.pdf"
    path.write_bytes(typst.compile(b"#rect(width: 2cm)"))
    with pytest.raises(UsageError, match="holds no text"):
        check_report(path, published_2019, YEAR)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_encodings_and_wrapped_lines_make_no_difference(check: Check, encoding: str) -> None:
    """A line broken within a sentence is one sentence."""
    wrapped = re.sub(r"(.{40})(?=.)", r"\1\n", REPORT)
    assert found(check(wrapped, encoding)) == found(check(REPORT))


def test_numbers_of_tables_and_meetings_are_no_figures(check: Check) -> None:
    """表2 人数 counts nobody; a questionnaire's 调查表20份 counts."""
    assert found(check("见表2 人数阶梯，图3 元，第15次会议，发放社会问卷调查表20份。")) == [
        ("20", "份", "proven", "satisfaction_answers")
    ]


def test_the_json_and_the_text(check: Check) -> None:
    """The fields that the contract names; the text ends with the counts."""
    findings = check("核销资金617.22万元，结余54万元，另有专人320人。")
    assert json.loads(as_json(findings))[0] == {
        "figure": "617.22",
        "unit": "万元",
        "verdict": "proven",
        "table": "mart.district_summary",
        "column": "used_yuan",
        "value": "617.22",
        "place": "第 1 行:…核销资金617.22万元",
    }
    assert as_text(findings).splitlines()[-1] == "共 3 个数字:相符 2,不符 0,无法核对 1"
    wrong = check("核销资金617.22万元，结余54.1万元。")
    assert [line[:4] for line in as_text(wrong).splitlines() if line.startswith("[")] == ["[不符]", "[相符]"]
    assert not has_contradiction(findings) and has_contradiction(check("核销资金618.22万元。"))


def test_what_can_t_be_checked_is_refused(published_2019: Path, tmp_path: Path) -> None:
    """Another form, a damaged document, no file, a year that isn't there."""
    damaged = tmp_path / "report.docx"
    damaged.write_bytes(b"PK\x03\x04 nothing")
    for path, words in ((tmp_path / "none.txt", "no file"), (published_2019, "neither"), (damaged, "can't be read")):
        with pytest.raises(UsageError, match=words):
            check_report(path, published_2019, YEAR)
    text = tmp_path / "report.txt"
    text.write_text("61722人", encoding="utf-8")
    with pytest.raises(UsageError, match="no figures of 2018"):
        check_report(text, published_2019, 2018)


@pytest.fixture
def several_grants(published_2019: Path, tmp_path: Path) -> Path:
    """The tables of 2019, the municipal grant in two documents: 500 and 23.544 万元."""
    path = tmp_path / "published.duckdb"
    shutil.copyfile(published_2019, path)
    with duckdb.connect(str(path)) as connection:
        for number, (document, amount) in enumerate(
            (("财〔2019〕27号", 5_000_000), ("补〔2019〕9号", 235_440)), start=2
        ):
            connection.execute(
                "insert into core.fund_posting by name select ? as policy_year, ? as posting_id, date '2019-03-01' as "
                "posted_date, 'grant' as from_account, 'level:municipal' as to_account, 'municipal' as fund_level, "
                "? as document_no, ? as amount_yuan, 'fund_documents/grants.xlsx' as source_file, ? as row_number",
                [YEAR, f"grant {number}", document, amount, number],
            )
    return path


def test_each_grant_of_a_level_is_held_against_its_document(several_grants: Path, tmp_path: Path) -> None:
    """The table of grants in the report: the level's sum is none of them, and one document's amount isn't the other's."""
    first = "财〔2019〕27号"
    document = Document()
    table = document.add_table(rows=5, cols=4)
    cells = (
        ("文号", "级次", "所列人数(人)", "下达金额(万元)"),
        (first, "市级", "62500", "500.000"),
        ("补〔2019〕9号", "市级", "2943", "23.544"),
        ("补〔2019〕9号", "市级", "2943", "500.000"),
        (first, "市级", "65000", "523.544"),
    )
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    path = tmp_path / "report.docx"
    document.save(str(path))
    findings = check_report(path, several_grants, YEAR)
    assert [(finding.figure, finding.verdict, finding.column) for finding in findings] == [
        ("62500", "not_derivable", None),
        ("500.000", "proven", "amount_yuan"),
        ("2943", "not_derivable", None),
        ("23.544", "proven", "amount_yuan"),
        ("2943", "not_derivable", None),
        ("500.000", "contradicted", "amount_yuan"),
        ("65000", "not_derivable", None),
        ("523.544", "contradicted", "amount_yuan"),
    ]


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("补〔2019〕9号下达市级资金23.544万元。", ["proven"]),
        ("补〔2019〕9号下达市级资金24万元。", ["proven"]),
        ("补〔2019〕9号下达市级资金25万元。", ["contradicted"]),
        ("按补〔2019〕9号等文件，下达市级资金523.544万元。", ["proven"]),
        ("按补〔2019〕9号等文件，下达市级资金524.544万元。", ["contradicted"]),
        ("下达市级资金523.544万元。", ["proven"]),
        ("下达市级资金23.544万元。", ["contradicted"]),
    ],
)
def test_a_sentence_about_a_document(several_grants: Path, tmp_path: Path, text: str, verdicts: list[str]) -> None:
    """What a document grants is not what its level has in all, unless the sentence goes on to that."""
    path = tmp_path / "report.txt"
    path.write_text(text, encoding="utf-8")
    assert [finding.verdict for finding in check_report(path, several_grants, YEAR)] == verdicts


# What is left of these still reads.
READABLE = ((".pdf", "broken inside"), (".html", "cut"))


@pytest.mark.parametrize("damage", ["empty", "no such form", "cut", "broken inside"])
@pytest.mark.parametrize("suffix", [".pdf", ".html"])
def test_a_damaged_page_or_pdf_is_one_sentence(published_2019: Path, tmp_path: Path, suffix: str, damage: str) -> None:
    """A report to be checked comes from elsewhere: it is read as far as it is whole, or refused in one sentence."""
    whole = (
        typst.compile(b"#set page(height: auto)\n" + b"100%\n\n" * 200)
        if suffix == ".pdf"
        else f"<html><body><p>{REPORT}</p></body></html>".encode()
    )
    broken = {
        "empty": b"",
        "no such form": bytes(range(256)) * 8,
        "cut": whole[: len(whole) // 3],
        "broken inside": whole[:200] + bytes(reversed(range(256))) + whole[200:],
    }[damage]
    path = tmp_path / f"report{suffix}"
    path.write_bytes(broken)
    is_readable = (suffix, damage) in READABLE
    with (
        nullcontext() if is_readable else pytest.raises(UsageError, match=rf"report\{suffix} (can't be read|holds no)")
    ):
        findings = check_report(path, published_2019, YEAR)
    assert not is_readable or findings
