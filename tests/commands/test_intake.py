"""The intake statement and the tables at the end of a refresh: what is told, and that nothing is cut off at 80 columns."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from pipeline.commands import console
from pipeline.commands.intake import Line, intake_statement
from pipeline.commands.intake_facts import read_intake
from pipeline.commands.intake_summary import intake_summary
from pipeline.commands.language import Say
from pipeline.paper import folded, text_width
from tests.commands.published import YEAR, write_published

CHINESE, ENGLISH = Say("chinese"), Say("english")


def statement(path: Path, say: Say = CHINESE) -> str:
    """The whole statement as it stands in a pipe."""
    return printed(intake_statement(read_intake(path, YEAR), say))


def summary(path: Path, say: Say = CHINESE) -> str:
    """Its summary at the end of a refresh."""
    return printed(intake_summary(read_intake(path, YEAR), YEAR, say))


def printed(lines: list[Line]) -> str:
    """Lines as they stand in a pipe."""
    return "\n".join(2 * line.depth * " " + line.text for line in lines)


def a_file(
    name: str, status: str = "read", reason: str = "NULL", counts: str = "1, 1, 0, 0", layout: str = "NULL"
) -> str:
    """An insert of a file, by name `source/file`."""
    source = name.partition("/")[0]
    return (
        f"INSERT INTO mart.source_file VALUES ({YEAR}, '{source}', '{name}', {layout}, '{status}', {reason}, {counts})"
    )


def test_a_good_year_is_told_in_a_few_lines(tmp_path: Path) -> None:
    """Files, rows, layouts, money; nothing of what didn't happen."""
    path = write_published(
        tmp_path,
        a_file("bank_returns/a.txt", layout="'pipe'"),
        f"INSERT INTO core.return_line VALUES ({YEAR}, 'refund', 'success', 'written_off', 100.00)",
    )
    assert statement(path).splitlines() == [
        "文件 1 个:已读取 1",
        "数据 1 行:采用 1",
        "版式和单位",
        "  银行返还返盘名单 bank_returns:pipe 1 个文件",
        "返盘结果",
        "  返还:成功 1 行 100.00 元",
    ]


def test_what_was_not_read_is_told_by_name_and_reason(tmp_path: Path) -> None:
    """Every one of them, also of many equal ones."""
    path = write_published(
        tmp_path,
        a_file("pension_register/reg.csv", "refused", "'empty_file: 文件是空的(0 字节)。'", "0, 0, 0, 0"),
        a_file(
            "bank_returns/old.txt", "replaced", "'replaced: 由文件“bank_returns/new.txt”取代:新增 2 行。'", "0, 0, 0, 0"
        ),
        *(a_file(f"bank_returns/copy{number}.txt", "same_bytes", "NULL", "0, 0, 0, 0") for number in range(12)),
    )
    told = statement(path)
    assert "文件 14 个:拒收 1,被取代 1,内容相同 12" in told
    assert "拒收 pension_register/reg.csv:文件是空的(0 字节)。" in told
    assert "由文件“bank_returns/new.txt”取代:新增 2 行。" in told
    assert told.count("内容相同 bank_returns/copy") == 12


def test_the_summary_of_a_good_year_asks_for_nothing(tmp_path: Path) -> None:
    """Files, rows, units, money, and where the whole statement is."""
    path = write_published(
        tmp_path,
        a_file("bank_returns/a.txt", layout="'pipe'"),
        f"INSERT INTO core.return_line VALUES ({YEAR}, 'refund', 'success', 'written_off', 100.00)",
    )
    assert summary(path).splitlines() == [
        "文件 1 个:已读取 1",
        "数据 1 行:采用 1",
        "没有需要处理的。",
        "其余(无需处理)",
        "  读取的文件(金额单位):银行返还返盘名单 1",
        "返盘结果",
        "  返还:成功 1 行 100.00 元",
        "逐个文件、逐处写明的全文:daijiao intake --year 2019(其他选项与刷新时相同)",
    ]


def test_the_summary_begins_with_what_must_be_done(tmp_path: Path) -> None:
    """Refused files, quarantined rows, words, mismatches, what to look at; a line a kind, however often it repeats."""
    path = write_published(
        tmp_path,
        *(
            a_file(f"bank_returns/b{number:02}.txt", "refused", "'truncated: 缺少合计。请重新索取。'", "0, 0, 0, 0")
            for number in range(60)
        ),
        *(
            a_file(f"classification/c{number:02}.xlsx", reason="'skipped_sheets: 没有读取这些工作表:说明。'")
            for number in range(40)
        ),
        a_file("bank_returns/failed.xlsx", reason="'adds: 只有同一批次文件中未成功的行,两份一并读取。'"),
        *(a_file(f"bank_returns/copy{number}.txt", "same_bytes", "NULL", "0, 0, 0, 0") for number in range(12)),
        *(
            f"INSERT INTO mart.quarantined_row VALUES ({YEAR}, 'pension_register/reg.csv', NULL, {row}, 'exclusion', "
            "'unlisted_word: 内容不是规定的用语。')"
            for row in range(5, 105)
        ),
        "CREATE TABLE mart.unknown_word (policy_year INTEGER, source_file VARCHAR, vocabulary VARCHAR, word VARCHAR, "
        "row_count BIGINT, amount_yuan DECIMAL(18,2), first_row_number INTEGER)",
        f"INSERT INTO mart.unknown_word VALUES ({YEAR}, 'pension_register/reg.csv', 'exclusion', '死亡未销户', 2, NULL, 5), "
        f"({YEAR}, 'bank_returns/a.txt', 'outcome', '已代付完成', 3, 300.00, 2)",
        f"INSERT INTO mart.roster_mismatch VALUES ({YEAR}, 'error', 'not_on_roll', 'open'), "
        f"({YEAR}, 'error', 'not_on_roll', 'settled')",
    )
    told = summary(path).splitlines()
    begin, end = told.index("需要处理"), told.index("其余(无需处理)")
    assert begin == 2
    assert told[begin + 1 : end] == [
        "  拒收 60 个文件,请改正后重新报送",
        "    bank_returns/b00.txt:缺少合计。请重新索取。",
        "    同类:bank_returns/b01.txt、bank_returns/b02.txt、bank_returns/b03.txt 等 59 个文件",
        "  隔离 100 行,请改正后重新报送整个文件",
        "    100 行,如 pension_register/reg.csv 第 5 行 排除情形:内容不是规定的用语。",
        "  不认识的用语 2 个,请核实后写入政策文件夹的 words.yaml 再刷新",
        "    处理结果“已代付完成”3 行 300.00 元、排除情形“死亡未销户”2 行",
        "  差异 1 条待答复,各类条数见下表;逐条在各乡镇的差异清单中:daijiao report --year 2019",
        "  请核对 40 个文件",
        "    classification/c00.xlsx 等 40 个文件:没有读取这些工作表:说明。",
    ]
    assert "  内容相同 bank_returns/copy0.txt 等 12 个文件" in told[end:]
    assert len(told) < 30
    assert "To do" in summary(path, ENGLISH)


def test_the_summary_names_every_list_that_another_replaced(tmp_path: Path) -> None:
    """With the one that took its place: none is left out of many."""
    path = write_published(
        tmp_path,
        *(
            a_file(
                f"bank_returns/old{number}.txt",
                "replaced",
                f"'replaced: 由文件“bank_returns/new{number}.txt”取代:新增 {number} 行。'",
                "0, 0, 0, 0",
            )
            for number in range(5)
        ),
    )
    told = summary(path)
    for number in range(5):
        taken = f"由文件“bank_returns/new{number}.txt”取代:新增 {number} 行。"
        assert f"  被取代 bank_returns/old{number}.txt:{taken}" in told


def test_the_summary_tells_columns_and_hidden_rows_and_lists_without_a_row(tmp_path: Path) -> None:
    """By source, in the words of a clerk; of many columns the first."""
    path = write_published(
        tmp_path,
        "ALTER TABLE mart.source_file ADD COLUMN unit VARCHAR",
        "ALTER TABLE mart.source_file ADD COLUMN columns_unused VARCHAR",
        "ALTER TABLE mart.source_file ADD COLUMN fields_not_found VARCHAR",
        "ALTER TABLE mart.source_file ADD COLUMN hidden_rows INTEGER",
        *(
            f"INSERT INTO mart.source_file VALUES ({YEAR}, 'pension_register', 'pension_register/{name}.csv', "
            f"'pension_register', 'read', NULL, 9, 8, 0, 1, '{unit}', '是否死亡、电话、民族、备注', 'exclusion(是否死亡)', 3)"
            for name, unit in (("a", "分"), ("b", "元"), ("c", "元"))
        ),
        f"INSERT INTO mart.source_file VALUES ({YEAR}, 'tax_returns', 'tax_returns/医疗.csv', 'tax_returns', 'read', NULL, 4, 0, "
        "0, 4, '元', NULL, NULL, 0)",
    )
    told = summary(path)
    assert "  读取的文件(金额单位):参保登记 3(分 1、元 2),税务征收返盘名单 1(元)" in told
    assert "  没有使用的列:参保登记:是否死亡、电话、民族 等 4 列" in told
    assert "  没有找到的字段:参保登记:排除情形(是否死亡)" in told
    assert "  没有一行可用的税务名单:tax_returns/医疗.csv" in told
    assert "  隐藏或划线的行 9 行:pension_register/a.csv、pension_register/b.csv、pension_register/c.csv" in told


def test_rows_columns_words_and_changes_are_told(tmp_path: Path) -> None:
    """Each in the words of the published tables, wherever these have them."""
    path = write_published(
        tmp_path,
        "ALTER TABLE mart.source_file ADD COLUMN unit VARCHAR",
        "ALTER TABLE mart.source_file ADD COLUMN columns_unused VARCHAR",
        "ALTER TABLE mart.source_file ADD COLUMN fields_not_found VARCHAR",
        "ALTER TABLE mart.source_file ADD COLUMN hidden_rows INTEGER",
        f"INSERT INTO mart.source_file VALUES ({YEAR}, 'pension_register', 'pension_register/reg.csv', 'pension_register', "
        "'read', NULL, 9, 6, 2, 1, '分', '是否死亡、电话', 'exclusion(是否死亡)', 3)",
        f"INSERT INTO mart.source_file VALUES ({YEAR}, 'tax_returns', 'tax_returns/医疗.csv', 'tax_returns', 'read', NULL, 4, 0, "
        "0, 4, '元', NULL, NULL, 0)",
        f"INSERT INTO mart.quarantined_row VALUES ({YEAR}, 'pension_register/reg.csv', NULL, 7, 'exclusion', "
        "'unlisted_word: 内容不是规定的用语。'), "
        f"({YEAR}, 'pension_register/reg.csv', NULL, 5, 'exclusion', 'unlisted_word: 内容不是规定的用语。')",
        "CREATE TABLE mart.unknown_word (policy_year INTEGER, source_file VARCHAR, vocabulary VARCHAR, word VARCHAR, "
        "row_count BIGINT, amount_yuan DECIMAL(18,2), first_row_number INTEGER)",
        f"INSERT INTO mart.unknown_word VALUES ({YEAR}, 'pension_register/reg.csv', 'exclusion', '死亡未销户', 2, NULL, 5), "
        f"({YEAR}, 'bank_returns/a.txt', 'outcome', '已代付完成', 3, 300.00, 2)",
        "CREATE TABLE mart.change (policy_year INTEGER, subject VARCHAR, before VARCHAR, after VARCHAR)",
        f"INSERT INTO mart.change VALUES ({YEAR}, '已覆盖人数', '100', '60')",
    )
    told = statement(path)
    assert "隔离 2 行 pension_register/reg.csv 第 5、7 行 排除情形 exclusion:内容不是规定的用语。" in told
    assert "参保登记 pension_register:1 个文件(金额单位 分)" in told
    assert "pension_register/reg.csv:是否死亡、电话" in told
    assert "排除情形 exclusion(是否死亡)" in told
    assert "没有一行可用的税务名单(征收项目)\n  tax_returns/医疗.csv" in told
    assert "剔除 4 行 tax_returns/医疗.csv" in told
    assert "pension_register/reg.csv:3 行" in told
    assert "“死亡未销户”:2 行,首见 pension_register/reg.csv 第 5 行" in told
    assert "“已代付完成”:3 行,300.00 元" in told
    assert "已覆盖人数:100 → 60" in told
    assert "Words that nobody knows" in statement(path, ENGLISH)


def test_what_changed_is_told_without_digests(tmp_path: Path) -> None:
    """Files, rows, figures and the policy by what they are; rules by how many there are."""
    path = write_published(
        tmp_path,
        "CREATE TABLE mart.change (policy_year INTEGER, subject VARCHAR, before VARCHAR, after VARCHAR)",
        f"INSERT INTO mart.change VALUES ({YEAR}, 'covered_count', '100', '60'), "
        f"({YEAR}, 'file:bank_returns/a.txt', '13f716', NULL), ({YEAR}, 'file:bank_returns/b.txt', '13f716', '4af67a'), "
        f"({YEAR}, 'macros', '1a', '2b'), ({YEAR}, 'policy', '1a', '2b'), ({YEAR}, 'roll:2019-11-30', '90', '10'), "
        f"({YEAR}, 'rule:core.person', '1a', '2b'), ({YEAR}, 'source:bank_returns', '9', '1')",
    )
    told = statement(path)
    assert told.split("与上次发布相比\n")[1].splitlines() == [
        "  已覆盖人数:100 → 60",
        "  bank_returns/a.txt:已撤走",
        "  bank_returns/b.txt:内容已改",
        "  2019-11-30 名单采用的行:90 → 10",
        "  银行返还返盘名单 bank_returns 采用的行:9 → 1",
        "  政策已修改",
        "  系统已更新:规则、用语或读取程序 2 处不同",
    ]
    assert "    bank_returns/a.txt:已撤走" in summary(path)


def test_control_characters_of_a_name_are_escaped(tmp_path: Path) -> None:
    """A file's name can't move the cursor or turn the direction of a line."""
    path = write_published(tmp_path, a_file("bank_returns/\x1b[2J\u202e.pdf", "skipped", "NULL", "0, 0, 0, 0"))
    assert "bank_returns/\\x1b[2J\\u202e.pdf" in statement(path)


@pytest.mark.parametrize("say", [CHINESE, ENGLISH])
def test_the_tables_fit_80_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str], say: Say) -> None:
    """Money in 万元 and rates in per cent, the largest district's too."""
    path = write_published(
        tmp_path, f"INSERT INTO mart.roster_mismatch VALUES ({YEAR}, 'error', 'not_on_roll', 'open')"
    )
    console.show_published(path, YEAR, say)
    printed = capsys.readouterr().out
    assert max(cell_len(line) for line in printed.splitlines()) <= 80
    assert "…" not in printed
    assert "65,443" in printed
    assert "100.00%" in printed
    assert "654.43" in printed


def test_a_table_that_is_too_wide_is_stacked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a narrow terminal the figures stand below one another, each whole."""
    monkeypatch.setattr(console, "WIDTH", 40)
    console.show_published(write_published(tmp_path), YEAR, CHINESE)
    printed = capsys.readouterr().out
    assert printed.count("铜都街道") > 2
    assert "100.00%" in printed
    assert "…" not in printed


def test_a_line_is_folded_without_loss() -> None:
    """Chinese characters take two places."""
    text = "拒收 bank_returns/汤丹/返盘.txt:文件是空的"
    parts = folded(text, 20)
    assert "".join(parts) == text
    assert max(text_width(part) for part in parts) <= 20


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("第 1 行“total_count”是 7729", ["第 1 行", "“total_count”", "是 7729"]),
        ("重新报送整份文件。请核对", ["重新报送整份", "文件。请核对"]),
        ("bank_returns/汤丹镇/返盘.txt", ["bank_returns/", "汤丹镇/返盘", ".txt"]),
        ("0123456789abcdefgh", ["0123456789ab", "cdefgh"]),
        ("请向银行重新。", ["请向银行重", "新。"]),
    ],
)
def test_a_line_is_folded_between_words(text: str, parts: list[str]) -> None:
    """A word stays whole where it can, and no line begins with a full stop."""
    assert folded(text, 15 if "“" in text else 13 if "/" in text else 12) == parts


def test_progress_says_what_is_left_in_the_readers_language(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe the steps, as plain lines."""
    with console.progress(CHINESE):
        console.LOGGER.info("Reading the landed files of %s", 2019)
        console.PROGRESS.info("Read %s of %s landed files", 3, 104)
    assert capsys.readouterr().err == "第 1 / 5 步:正在读取 2019 年的文件\n"
    with console.progress(ENGLISH):
        console.LOGGER.info("Reading the landed files of %s", 2019)
    assert capsys.readouterr().err == "Step 1 of 5: Reading the landed files of 2019\n"
