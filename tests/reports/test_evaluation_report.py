"""The evaluation report: one text in three forms, every figure from the tables, charts and PDF with a font of their own."""

import io
import re
import time
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from fontTools.ttLib import TTFont

from pipeline.build.indicators.rows import district_figures
from pipeline.contracts.codes import load_codes
from pipeline.errors import DaijiaoError, UsageError
from pipeline.paper import make_folder, on_paper, percent, put_in_place, wan_yuan
from pipeline.policy import Narrative, load_policy, policy_years
from pipeline.policy.narrative import PARTS
from pipeline.reports.archives import data_date
from pipeline.reports.check_report.check import NOT_DERIVABLE, PROVEN, check_report
from pipeline.reports.evaluation import figures as figures_module
from pipeline.reports.evaluation.charts import draw_charts
from pipeline.reports.evaluation.document import (
    FONT_FILE,
    TEMPLATE_NAME,
    TEMPLATES,
    Part,
    characters_outside_font,
    report_parts,
    typst_source,
    write_document,
    write_html,
    write_pdf,
)
from pipeline.reports.evaluation.figures import ReportFigures, report_figures
from pipeline.reports.evaluation.narrative import filled, narrative_texts
from pipeline.reports.evaluation.write import write_evaluation_report
from pipeline.reports.fonts import is_in_font
from pipeline.reports.self_evaluation.write import write_self_evaluation
from pipeline.reports.templates import make_evaluation_report
from pipeline.reports.workbooks.write import write_township_workbooks
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session
from tests.reports.figures_of_2019 import YEAR

HEADINGS = (
    ("h1", "摘要"),
    ("h2", "一、项目概况"),
    ("h2", "二、评价结论"),
    ("h2", "三、经验、问题和建议"),
    ("h1", "一、项目基本情况"),
    ("h2", "（一）项目概况"),
    ("h2", "（二）绩效目标"),
    ("h1", "二、绩效评价工作情况"),
    ("h2", "（一）绩效评价目的"),
    ("h2", "（二）绩效评价工作方案制定过程"),
    ("h2", "（三）绩效评价原则、评价方法"),
    ("h2", "（四）绩效评价实施过程"),
    ("h2", "（五）本次绩效评价的局限性"),
    ("h1", "三、评价结论和绩效分析"),
    ("h2", "（一）评价结论"),
    ("h2", "（二）具体绩效分析"),
    ("h1", "四、成本效益分析"),
    ("h1", "五、主要经验及做法、存在的问题和建议"),
    ("h2", "（一）主要经验及做法"),
    ("h2", "（二）存在的问题"),
    ("h2", "（三）建议和改进措施"),
)


@pytest.fixture(scope="module")
def figures(year_2019: tuple[Session, Run]) -> ReportFigures:
    """The figures of the report."""
    return report_figures(*year_2019)


@pytest.fixture(scope="module")
def written(year_2019: tuple[Session, Run], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The three files by their suffix."""
    paths = write_evaluation_report(*year_2019, tmp_path_factory.mktemp("written") / "report")
    return {path.suffix: path for path in paths}


def test_every_figure_of_the_report_stands_in_the_tables(written: dict[str, Path], published_2019: Path) -> None:
    """The prose check proves the report: what it can't derive are the level of confidence, points and a target."""
    findings = check_report(written[".docx"], published_2019, YEAR)
    assert {finding.verdict for finding in findings} == {PROVEN, NOT_DERIVABLE}
    rest = {f"{finding.figure}{finding.unit}" for finding in findings if finding.verdict == NOT_DERIVABLE}
    assert rest == {"95%", "90分", "88.06分", "10分", "1.00%", "0.00%", "100分"}
    assert sum(finding.verdict == PROVEN for finding in findings) > 80


def test_the_headings_are_those_of_the_published_report(figures: ReportFigures) -> None:
    """In their order and at their level."""
    parts = report_parts(TEMPLATES / TEMPLATE_NAME, figures.texts)
    assert tuple((part.kind, part.text) for part in parts if part.kind in ("h1", "h2")) == HEADINGS


def test_the_three_forms_say_the_same(written: dict[str, Path], figures: ReportFigures) -> None:
    """Each paragraph of the document stands in the page; the files are whole, in a folder closed to others."""
    page = written[".html"].read_text(encoding="utf-8")
    said = re.sub(r"<[^>]+>", "", page)
    paragraphs = [paragraph.text for paragraph in Document(str(written[".docx"])).paragraphs if paragraph.text]
    assert len(paragraphs) > 50
    assert [text for text in paragraphs if text not in said] == []
    assert written[".pdf"].read_bytes().startswith(b"%PDF-")
    folder = written[".pdf"].parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.suffix for path in folder.iterdir()) == [".docx", ".html", ".pdf"]


def test_the_page_needs_nothing_else(written: dict[str, Path]) -> None:
    """No link leads out of it; charts are drawn in it, and its font is in it."""
    page = written[".html"].read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert re.findall(r"""(?:src|href)=["'](?!data:)|url\("(?!data:)|https?://(?!www\.w3\.org/2000/svg)""", page) == []
    assert "font/otf;base64," in page


def test_the_pdf_has_the_shipped_font_alone(written: dict[str, Path]) -> None:
    """So it reads the same on a machine without fonts."""
    content = written[".pdf"].read_bytes()
    fonts = set(re.findall(rb"/FontName\s*/[A-Z]{6}\+([\w-]+)", content))
    assert fonts == {b"NotoSansCJKsc-Regular"}


def test_pdf_and_pictures_are_the_same_each_time(figures: ReportFigures, tmp_path: Path) -> None:
    """Same figures, same bytes: nothing in them tells when they were made."""
    charts = draw_charts(figures)
    template = TEMPLATES / TEMPLATE_NAME
    parts = report_parts(template, figures.texts)
    files = []
    for number in range(2):
        document = write_document(template, figures.texts, charts, tmp_path / f"{number}.docx")
        with ZipFile(document) as archive:
            pictures = sorted(archive.read(name) for name in archive.namelist() if name.startswith("word/media/"))
        pdf = write_pdf(parts, charts, tmp_path / f"{number}.pdf").read_bytes()
        files.append((pictures, pdf, write_html(parts, charts, tmp_path / f"{number}.html").read_bytes()))
    assert files[0] == files[1]
    assert len(files[0][0]) == 3


def test_the_same_tables_give_the_same_bytes(year_2019: tuple[Session, Run], tmp_path: Path) -> None:
    """Of every report; the document's own date is that of the data, and nobody's name stands in it."""
    written = []
    for name in ("first", "second"):
        for write in (write_evaluation_report, write_self_evaluation, write_township_workbooks):
            write(*year_2019, tmp_path / name)
        written.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
        time.sleep(2.1 if name == "first" else 0)
    assert written[0] == written[1]
    properties = Document(str(tmp_path / "first" / "2019年项目支出绩效评价报告.docx")).core_properties
    assert (properties.created.date(), properties.author) == (data_date(*year_2019), "")


def test_what_the_bureau_has_not_written_is_marked_with_who_writes_it(figures: ReportFigures) -> None:
    """Every heading of a policy without a narrative is filled or marked; figures in braces are those of the tables."""
    texts = {**figures.texts, **narrative_texts(Narrative(), {})}
    said = [part.text for part in report_parts(TEMPLATES / TEMPLATE_NAME, texts)]
    marked = [text for text in said if text.startswith("【待填写：")]
    assert "【待填写：立项背景，由业务科室撰写】" in marked and "【待填写：资金拨付流程，由财务科室撰写】" in marked
    assert len(set(marked)) >= 16
    assert set(PARTS) == set(Narrative.model_fields) - {
        "limitations",
        "notice_period",
        "notice_objections",
        "signed_on",
    }
    assert (
        filled("{covered_count} 人、{used_yuan} 万元", {"covered_count": 5, "used_yuan": Decimal("12345.00")})
        == "5 人、1.2345 万元"
    )
    with pytest.raises(UsageError, match="names no figure"):
        filled("{nothing_count}", {})


def test_a_chart_is_never_parted_from_its_caption() -> None:
    """Both stand in one block that no page end cuts; the caption of a table stays a block of its own."""
    parts = [
        Part("chart", "chart"),
        Part("caption", "图 1"),
        Part("caption", "表 1"),
        Part("table", rows=(("列",), ("值",))),
    ]
    source = typst_source(parts, {"chart": "<svg/>"})
    blocks = re.findall(r"#block\(breakable: false, width: 100%\)\[(.*?)\n\]", source, re.DOTALL)
    assert [("<svg/>" in block, "图 1" in block) for block in blocks] == [(True, True)]
    assert (source.count("图 1"), source.count("表 1")) == (1, 1)


def test_charts_draw_what_the_tables_say(figures: ReportFigures) -> None:
    """A bar a rung, township or place, its length in proportion from 0, its number beside it."""
    charts = draw_charts(figures)
    assert characters_outside_font("".join(charts.values())) == set()
    balance = ET.fromstring(charts["balance_chart"])
    texts = [element.text for element in balance.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["铜都街道", "20.000", "汤丹镇", "17.210", "居保局", "16.784"]
    widths = [float(element.get("width", "0")) for element in balance.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[1] / widths[0] == pytest.approx(17.21 / 20, abs=0.001)
    ladder = ET.fromstring(charts["ladder_chart"])
    rungs = [element.text for element in ladder.iter("{http://www.w3.org/2000/svg}text")]
    names = ["名单", "未满16周岁", "已满60周岁", "乡镇核定：外出失联", "符合条件", "已覆盖"]
    assert rungs[::2] == names
    assert rungs[1::2] == ["103600", "22000", "12418", "7460", "61722", "61722"]


def test_bars_below_0_and_above_100_percent(figures: ReportFigures) -> None:
    """A township that used more than it got: its balance to the left of 0, its rate in another colour."""
    over = {**figures.townships[0], "balance_yuan": Decimal(-200000), "utilisation_rate": Decimal("1.05")}
    charts = draw_charts(ReportFigures(figures.texts, figures.ladder, [over, figures.townships[1]], Decimal(0)))
    svg = "{http://www.w3.org/2000/svg}"
    below, above, nothing = ET.fromstring(charts["balance_chart"]).iter(f"{svg}rect")
    assert float(below.get("x", "")) + float(below.get("width", "")) == pytest.approx(
        float(above.get("x", "")), abs=0.2
    )
    assert float(nothing.get("width", "")) == 0
    assert "105.00%" in charts["utilisation_chart"]
    colours = [element.get("fill") for element in ET.fromstring(charts["utilisation_chart"]).iter(f"{svg}rect")]
    assert colours[0] != colours[1]


def write_half(path: Path, error: BaseException) -> None:
    """Begin to write a file, and fail."""
    with put_in_place(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise error


def test_a_file_is_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    """A write that fails leaves the earlier file and nothing else; a full disk is said in a sentence."""
    path = tmp_path / "report.txt"
    path.write_text("earlier", encoding="utf-8")
    for error, seen in (
        (OSError(28, "No space left on device"), DaijiaoError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):
        with pytest.raises(seen):
            write_half(path, error)
    assert [each.name for each in tmp_path.iterdir()] == ["report.txt"]
    assert path.read_text(encoding="utf-8") == "earlier"
    with put_in_place(path) as temporary:
        temporary.write_text("whole", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "whole"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_is_closed_to_others_but_never_one_that_all_share(tmp_path: Path) -> None:
    """0700, also where it stood there open; a folder like /tmp is refused."""
    (tmp_path / "open").mkdir(mode=0o755)
    for name in ("new", "open"):
        make_folder(tmp_path / name)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(DaijiaoError, match="shared by all users"):
        make_folder(shared)
    assert shared.stat().st_mode & 0o7777 == 0o1777


def test_amounts_keep_their_sum_and_rates_are_rounded_half_up() -> None:
    """As many places as the finest amount needs; a rate over 0 is a dash, and what has no source is said so."""
    assert wan_yuan(Decimal("5235440"), Decimal("1476700"), Decimal("6712140")) == ["523.544", "147.670", "671.214"]
    assert wan_yuan(Decimal("6544300.00")) == ["654.43"]
    assert wan_yuan(Decimal("0.01"), Decimal("-1580")) == ["0.000", "-0.158"]
    assert [percent(Decimal(rate)) for rate in ("0.943141", "0.00005", "0.999949", "1", "0")] == [
        "94.31%",
        "0.01%",
        "99.99%",
        "100.00%",
        "0.00%",
    ]
    # Somebody is left, or somebody is there, and is seen.
    assert [percent(Decimal(rate)) for rate in ("0.999971", "0.999950", "0.000029", "1.000049")] == [
        "99.9971%",
        "99.9950%",
        "0.0029%",
        "100.0049%",
    ]
    assert percent(None) == "—"
    assert on_paper("planned_count", None) == "无数据来源"


@pytest.mark.parametrize("year", policy_years())
def test_no_township_s_name_is_outside_the_font(year: int) -> None:
    """Names of townships and villages, the reasons and the template's words: the charts and the PDF can show each character."""
    policy = load_policy(year)
    names = "".join(division.name for division in (*policy.townships, *policy.villages))
    words = "".join(code.chinese for vocabulary in load_codes().values() for code in vocabulary.codes) + "".join(
        policy.exclusion_reasons
    )
    template = make_evaluation_report.TEXT.read_text(encoding="utf-8")
    assert characters_outside_font(names + words + template + policy.bureau_name) == set()


def test_the_font_has_all_of_gb2312() -> None:
    """What counts as inside the font is in it, and a rare character is not."""
    covered = set(TTFont(FONT_FILE).getBestCmap())
    common = {code for code in range(0x20, 0x10000) if is_in_font(chr(code))}
    assert len(common) > 7500
    assert common - covered == set()
    assert characters_outside_font("汤丹镇㙟—·") == {"㙟"}


def test_the_template_is_made_from_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document that ships is what its text gives."""
    monkeypatch.setattr(make_evaluation_report, "RESULT", tmp_path / "made.docx")
    make_evaluation_report.make_template()
    made, shipped = (document_xml(path) for path in (tmp_path / "made.docx", TEMPLATES / TEMPLATE_NAME))
    assert made == shipped


def test_what_has_no_source_is_said_so(figures: ReportFigures) -> None:
    """A year without survey, benefits, planned headcount and reported score says it, and shows no figure instead."""
    nothing = "无数据来源"
    texts = {
        **figures.texts,
        "has_benefit": False,
        "has_satisfaction": False,
        "has_planned": False,
        "has_reported": False,
        "benefit": nothing,
        "satisfaction": nothing,
        "planned": nothing,
        "target_completion": nothing,
    }
    said = [part.text for part in report_parts(TEMPLATES / TEMPLATE_NAME, texts)]
    assert "未收到待遇发放表，待遇发放率无数据来源。" in said
    assert "未收到满意度问卷，服务对象的满意率无数据来源。" in said
    assert any("目标完成率为无数据来源，待遇发放率为无数据来源，满意率为无数据来源。" in text for text in said)
    assert not any("置信区间" in text or "97分" in text or "代缴保费。" in text for text in said)


def test_more_than_all_that_was_allocated_is_no_best_township(
    year_2019: tuple[Session, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A utilisation above 100 % is a fault to be explained, in the summary, below the table and among the problems."""
    townships = figures_module._townships(year_2019[0])
    over = [
        {
            **townships[0],
            "used_yuan": Decimal("2010.60"),
            "allocated_yuan": Decimal(2000),
            "utilisation_rate": Decimal("1.0053"),
        }
    ]
    monkeypatch.setattr(figures_module, "_townships", lambda _session: [*over, *townships[1:]])
    district = {
        **district_figures(year_2019[0]),
        "utilisation_rate": Decimal("1.0053"),
        "execution_rate": Decimal("0.98"),
    }
    monkeypatch.setattr(figures_module, "district_figures", lambda _session: district)
    said = "".join(part.text for part in report_parts(TEMPLATES / TEMPLATE_NAME, report_figures(*year_2019).texts))
    name = townships[0]["township_name"]
    assert f"资金使用率最高的是{name}" not in said and "（核销多于拨付的不参与比较）" in said
    assert f"核销多于拨付的有{name}（资金使用率100.53%），不是执行得好，须查明原因。" in said
    assert "资金使用率为100.53%。核销多于拨付，须查明原因。" in said
    assert f"{name}（资金使用率100.53%）的核销金额超过拨付金额，须核对拨付与核销，说明多出的部分从何而来。" in said


def document_xml(path: Path) -> bytes:
    """The body of a document."""
    with ZipFile(path) as archive:
        return archive.read("word/document.xml")


def edited(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the template in which staff changed a text."""
    document = Document(str(TEMPLATES / TEMPLATE_NAME))
    [paragraph] = [each for each in document.paragraphs if old in each.text]
    paragraph.text = paragraph.text.replace(old, new)
    path = tmp_path / TEMPLATE_NAME
    document.save(str(path))
    return path


def test_staff_can_edit_the_template(figures: ReportFigures, tmp_path: Path) -> None:
    """Their words and their figures are in all forms."""
    template = edited(tmp_path, "二是请银行、税务部门", "二是请农信社（乡镇{{ township_balance }}万元）和税务部门")
    parts = report_parts(template, figures.texts)
    assert any(part.text.startswith("二是请农信社（乡镇37.21万元）和税务部门") for part in parts)


def test_a_template_with_an_unknown_name_is_refused(figures: ReportFigures, tmp_path: Path) -> None:
    """The error names the file and the name."""
    template = edited(tmp_path, "{{ execution }}", "{{ excution }}")
    with pytest.raises(UsageError, match=rf"{TEMPLATE_NAME} can't be filled \('excution' is undefined\)"):
        report_parts(template, figures.texts)
    with pytest.raises(UsageError, match="no report template"):
        report_parts(tmp_path / "none.docx", figures.texts)


CODE = [
    "{{ ().__class__.__base__.__subclasses__() }}",
    "{{ execution.__class__ }}",
    "{{ execution.format() }}",
    "{{ grants.append(1) }}",
    "{{ ladder_chart.tpl }}",
    "{{ ladder_chart.tpl.save('written.docx') }}",
    "{{ execution|attr('__class__') }}",
    "{{ execution|map('upper')|list }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('touch written') }}",
    "{{ range(1000000000)|length }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ '%1000000000d' % 1 }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% for a in (1).__class__.__mro__ %}{% endfor %}",
    "{% set x = execution.__class__ %}{{ x }}",
    "{{ dict(a=1) }}",
    "{{ execution",
]


@pytest.mark.parametrize("code", CODE)
def test_a_template_that_tries_code_is_one_sentence(
    figures: ReportFigures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """Whoever sends a folder of policies sends data: nothing in it runs."""
    monkeypatch.chdir(tmp_path)
    template = edited(tmp_path, "{{ execution }}", code)
    charts = {"ladder_chart": draw_charts(figures)["ladder_chart"]}
    for fill in (
        lambda: report_parts(template, figures.texts),
        lambda: write_document(template, figures.texts, charts, tmp_path / "out.docx"),
    ):
        with pytest.raises(
            UsageError, match=rf"{TEMPLATE_NAME} (can't be filled|tries what no template may)"
        ) as refused:
            fill()
        assert len(str(refused.value)) < 600
    assert [path.name for path in tmp_path.iterdir()] == [TEMPLATE_NAME]


@pytest.mark.parametrize("damage", ["empty", "no archive", "cut", "no document", "bad markup"])
def test_a_damaged_template_is_one_sentence(figures: ReportFigures, tmp_path: Path, damage: str) -> None:
    """Whatever is wrong with the file."""
    template = damaged(TEMPLATES / TEMPLATE_NAME, tmp_path / TEMPLATE_NAME, damage)
    with pytest.raises(UsageError, match=r"can't be filled .* save the document anew"):
        report_parts(template, figures.texts)


@pytest.mark.parametrize("damage", ["empty", "no archive", "cut", "no document", "bad markup"])
def test_a_damaged_report_is_one_sentence(tmp_path: Path, damage: str) -> None:
    """A report to be checked comes from elsewhere."""
    report = damaged(TEMPLATES / TEMPLATE_NAME, tmp_path / "report.docx", damage)
    with pytest.raises(UsageError, match=r"report.docx can't be read: it is damaged"):
        check_report(report, tmp_path / "published.duckdb", YEAR)


def damaged(document: Path, path: Path, damage: str) -> Path:
    """A copy of a document that was damaged on its way."""
    content = document.read_bytes()
    path.write_bytes({"empty": b"", "no archive": b"a text", "cut": content[: len(content) // 2]}.get(damage, b""))
    if damage in ("no document", "bad markup"):
        with ZipFile(document) as whole, ZipFile(path, "w") as copy:
            for name in whole.namelist():
                if name != "word/document.xml":
                    copy.writestr(name, whole.read(name))
                elif damage == "bad markup":
                    copy.writestr(name, b"<w:document><w:body>")
    return path


def test_a_text_from_a_file_can_t_become_markup(figures: ReportFigures, tmp_path: Path) -> None:
    """A township, a document number or a reason that holds signs of a markup language stands there as it is."""
    odd = '<b>#{}"\\$_*&'
    texts = {**figures.texts, "grants": [{"document_no": odd, "word": "市级", "planned": "1", "amount": "1.00"}]}
    parts = report_parts(TEMPLATES / TEMPLATE_NAME, texts)
    assert any(odd in cell for part in parts for row in part.rows for cell in row)
    charts = draw_charts(figures)
    page = write_html(parts, charts, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<b>#" not in page and "&lt;b&gt;#" in page
    assert write_pdf(parts, charts, tmp_path / "report.pdf").stat().st_size > 10_000
    document = write_document(TEMPLATES / TEMPLATE_NAME, texts, charts, tmp_path / "report.docx")
    cells = [cell.text for cell in Document(io.BytesIO(document.read_bytes())).tables[1].rows[1].cells]
    assert cells[0] == odd
