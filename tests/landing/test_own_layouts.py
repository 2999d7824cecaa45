"""A person's own layouts: the example of docs/layouts.md as it stands there, and errors that name file and key."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

import pytest

from pipeline.errors import UsageError
from pipeline.landing import load_layouts
from pipeline.landing.inspection import describe, inspect_file
from tests.landing.files import land, only_file, typed_rows

DOCUMENT = Path(__file__).parents[2] / "docs" / "layouts.md"


def example(language: str) -> str:
    """The block of the document in a language."""
    block = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    return dedent("   " + block.group(1).lstrip())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of own layouts that holds the example."""
    layouts = tmp_path / "policies" / "layouts"
    layouts.mkdir(parents=True)
    (layouts / "rural_bank.yaml").write_text(example("yaml"), encoding="utf-8")
    return layouts


def test_the_example_of_the_document_reads_the_file_of_the_document(folder: Path, tmp_path: Path) -> None:
    """Without it the file is refused, with it each value stands under its field."""
    files: dict[str, bytes | str] = {"bank_returns/农商行.txt": example("text")}
    assert only_file(land(tmp_path, files))["status"] == "refused"
    landing = land(tmp_path, files, layouts=load_layouts(folder))
    file, rows = only_file(landing), typed_rows(landing, "bank_returns").to_dicts()
    assert (file["layout"], file["control_count"], file["control_yuan"]) == ("rural_bank", 2, Decimal("200.00"))
    assert [(row["name"], row["amount_yuan"], row["outcome"], row["failure_reason"]) for row in rows] == [
        ("张三", Decimal("100.00"), "success", None),
        ("李四", Decimal("100.00"), "failed", "name_mismatch"),
    ]
    assert {(row["batch_no"], row["township"], row["paid_date"]) for row in rows} == {
        ("N201907-01", "汤丹镇", date(2019, 7, 15))
    }


def test_inspecting_the_file_leads_to_the_layout(folder: Path, tmp_path: Path) -> None:
    """What is missing before, the layout's name after."""
    path = tmp_path / "bank_returns" / "农商行.txt"
    path.parent.mkdir()
    path.write_text(example("text"), encoding="utf-8")
    before = describe(inspect_file(path, load_layouts()))
    assert "最接近的版式:bank_returns / sheet" in before and "缺少表头:金额" in before
    assert "版式:rural_bank" in describe(inspect_file(path, load_layouts(folder)))


def test_the_other_files_are_read_as_before(folder: Path, tmp_path: Path) -> None:
    """An own layout stands beside the shipped ones."""
    layouts = load_layouts(folder)
    assert [layout.name for layout in layouts.of("bank_returns")] == ["rural_bank", "padded", "pipe", "sheet"]
    assert layouts.of("allocations") == load_layouts().of("allocations")


def test_an_own_layout_takes_the_place_of_a_shipped_one(folder: Path) -> None:
    """Of the same source and name."""
    (folder / "sheet.yml").write_text(example("yaml").replace("rural_bank", "sheet"), encoding="utf-8")
    names = [(layout.name, layout.amount_unit) for layout in load_layouts(folder).of("bank_returns")]
    assert names == [("rural_bank", "分"), ("sheet", "分"), ("padded", "分"), ("pipe", "元")]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("amount_unit: 分", "amount_unit: 角", "amount_unit"),
        ("amount_unit", "amount_units", "amount_units"),
        ("source: bank_returns", "source: banks", "source"),
        ("required: [id_no", "required: [paid_date", "required"),
        ("outcome_text]", "outcome_text, 备注]", "备注"),
        ("  success: [已入账]\n", "", "outcome_words.success"),
        ("form: table", "form: lines", "delimiter, columns, first_line"),
        ("fields: [", "fields: ", "fields"),
        ("outcome_words", "failure_reasons: [{reason: other}]\noutcome_words", "failure_reasons.0.reason"),
        ("]\nrequired", "\nrequired", "ParserError in line 5"),
    ],
)
def test_a_mistake_names_the_file_and_the_key(old: str, new: str, key: str, folder: Path) -> None:
    """And says what to do."""
    path = folder / "rural_bank.yaml"
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        load_layouts(folder)
    message = str(raised.value)
    assert str(path) in message and message.endswith("again.")
    assert key in message


def test_a_missing_folder_holds_no_layouts(tmp_path: Path) -> None:
    """Most districts have none."""
    assert load_layouts(tmp_path / "none") == load_layouts()
