"""The files of returned lines: the bank's batches in three layouts, the tax bureau's lists."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl

from pipeline.sample.changes import UNKNOWN_TOWNSHIP_CODE
from pipeline.sample.dealing import bank_layouts
from pipeline.sample.district import District
from pipeline.sample.files import (
    MARK,
    Cells,
    PlannedFile,
    Table,
    as_count,
    as_date,
    as_yuan,
    in_turn,
    renamed,
    text_file,
    workbook,
)
from pipeline.sample.payments import PENSION_ITEM
from pipeline.sample.scenarios import WITHDRAWN

CODES = {
    "no_such_account": ("3009", "账号不存在"),
    "name_mismatch": ("3031", "户名不符"),
    "account_closed": ("3018", "已销户"),
    "account_frozen": ("3020", "账户冻结"),
    "account_lost": ("3006", "卡已挂失"),
    "id_mismatch": ("3063", "证件号不符"),
    "amount_error": ("3014", "金额有误"),
    "duplicate": ("3051", "重复入账"),
    "other": ("9105", "渠道维护,交易失败"),
}
"""The bank's code and text of each failure."""

OUTCOME_CODES = {"success": "0000", "reversed": "3019", "unknown": "2000", "unrecognised": "8801"}
OUTCOME_WORDS: dict[str, tuple[str, ...]] = {
    "success": ("成功",) * 17 + ("交易成功", "返还成功", "代发成功"),
    "reversed": ("退票", "退汇", "已退票", "冲正成功"),
    "unknown": ("处理中", "待处理", "超时"),
    "failed": ("失败", "交易失败", "处理不成功"),
    "unrecognised": ("已受理", "等待回单"),
}
"""The bank's words of each outcome, dealt out in turn (in a clean sample the first); nobody knows the last ones."""

TAX_OUTCOMES: dict[str, tuple[str, ...]] = {
    "success": ("已入库",) * 17 + ("征收成功", "扣款成功", "全部成功"),
    "reversed": ("退库", "已退库", "退库成功", "退费"),
    "unknown": ("处理中", "待核实"),
    "failed": ("失败", "扣款失败"),
    "unrecognised": ("已申报", "等待回执"),
}
PAYER_WORDS: dict[str, tuple[str, ...]] = {
    "财政代缴": ("财政代缴",) * 17 + ("政府代缴", "代缴", "财政补助"),
    "个人缴费": ("个人缴费",) * 7 + ("自缴", "个人自缴", "本人缴费"),
}
PENSION_ITEMS = (PENSION_ITEM,) * 17 + ("10210", "城乡居民养老保险", "城乡居保费")


def bank_files(district: District) -> list[PlannedFile]:
    """A file a batch, in the layout of the township's bank; a list that withdraws a success beside the one it replaces.

    One list of one township came cut off and never whole.
    """
    layouts = bank_layouts(district.policy)
    files = []
    batches = district.bank.partition_by("township_code", "batch_no", as_dict=True, maintain_order=True)
    for (township_code, _), rows in batches.items():
        in_layout = BANK_LAYOUT_FILES[layouts.get(str(township_code), "pipe")]
        worded = _with_bank_words(rows, is_clean=district.is_clean)
        planned = in_layout(worded.filter(pl.col("disposition") != WITHDRAWN))
        if planned.rows_read < rows.height:
            files.append(replace(in_layout(worded), status="replaced"))
            planned = replace(planned, name=renamed(planned, "(1)"))
        files.append(planned)
    return [*files, *_lost_list(district.lost)]


def tax_files(district: District) -> list[PlannedFile]:
    """Two lists a township, of the first half of the year and of the rest: workbooks for every other township."""
    policy = district.policy
    is_unknown = pl.col("township_code") == UNKNOWN_TOWNSHIP_CODE
    home = pl.when(is_unknown).then("roll_township_code").otherwise("township_code")
    rows = district.tax.with_columns(file_township=home, is_first=pl.col("paid_date") < date(policy.policy_year, 7, 1))
    files = []
    for position, township in enumerate(policy.townships):
        for is_first, half in ((True, "上半年"), (False, "下半年")):
            chosen = rows.filter((pl.col("file_township") == township.code) & (pl.col("is_first") == is_first))
            if chosen.is_empty():
                continue
            cells = _tax_cells(chosen, is_clean=district.is_clean)
            table = Table(cells, number_columns=frozenset({"序号", "应缴金额", "实缴金额"}))
            name = f"{township.name}/{MARK}_税务征收返盘_{half}"
            planned = (
                workbook("tax_returns", f"{name}.xlsx", table)
                if position % 2 == 0
                else text_file("tax_returns", f"{name}.csv", table)
            )
            dropped = chosen.filter(pl.col("disposition") == "dropped").height
            files.append(replace(planned, rows_dropped=dropped))
    return files


def _lost_list(rows: pl.DataFrame) -> list[PlannedFile]:
    """A list that was cut off on the way and never came whole; a clean sample has none."""
    if rows.is_empty():
        return []
    whole = _pipe(_with_bank_words(rows, is_clean=False))
    half = replace(whole.table, rows=whole.table.rows.head(rows.height // 2))
    name = renamed(whole, "_传输中断")
    return [replace(whole.with_table(half), name=name, status="refused", has_final_newline=False)]


def _pipe(rows: pl.DataFrame) -> PlannedFile:
    cells = rows.select(
        as_count("line_no").alias("序号"),
        pl.col("name").alias("姓名"),
        pl.col("account").alias("账号"),
        as_yuan("amount_yuan").alias("金额"),
        pl.col("id_no").alias("身份证号"),
        pl.col("code").alias("返回码"),
        pl.col("text").alias("返回信息"),
        pl.lit(None, pl.String).alias("末尾"),
    )
    day, count, total = rows["paid_date"][0], str(rows.height), _total(rows)
    head = [rows["batch_no"][0], f"{day:%Y%m%d}", rows["township"][0], count, f"{total:.2f}", ""]
    table = Table(cells, preamble=[head], header=[])
    return text_file("bank_returns", _batch_name(rows, "txt"), table, delimiter="|", quote_style="never")


def _sheet(rows: pl.DataFrame) -> PlannedFile:
    cells = rows.select(
        as_count("line_no").alias("序号"),
        pl.col("name").alias("户名"),
        pl.col("id_no").alias("身份证号"),
        pl.col("account").alias("账号"),
        as_yuan("amount_yuan").alias("金额"),
        pl.col("word").alias("处理标志"),
        pl.col("text").alias("返回信息"),
    )
    batch, day, township = rows["batch_no"][0], rows["paid_date"][0], rows["township"][0]
    return workbook(
        "bank_returns",
        _batch_name(rows, "xlsx"),
        Table(
            cells,
            preamble=[
                [f"{MARK} 城乡居民基本养老保险费返还返盘名单"],
                [f"制表时间:{day:%Y-%m-%d} 批次号:{batch} 乡镇:{township}"],
            ],
            footer=[["合计", f"{rows.height}笔", None, None, f"{_total(rows):.2f}"], ["制表人:", None, "审核人:"]],
            number_columns=frozenset({"序号", "金额"}),
            merges=((0, 0, 0, cells.width - 1),),
        ),
    )


def _padded(rows: pl.DataFrame) -> PlannedFile:
    cells = rows.select(
        as_count("line_no").alias("序号"),
        pl.col("id_no").alias("身份证号"),
        pl.col("account").alias("账号"),
        (pl.col("amount_yuan") * 100).cast(pl.Int64).cast(pl.String).alias("金额(分)"),
        pl.col("word").alias("状态"),
        pl.col("text").fill_null("-").alias("返回信息"),
        pl.col("name").alias("姓名"),
    )
    head = [rows["batch_no"][0], f"{rows['paid_date'][0]:%Y%m%d}", rows["township"][0]]
    foot: Cells = ["合计", str(rows.height), str(int(_total(rows) * 100))]
    table = Table(cells, preamble=[head], header=[], footer=[foot])
    return text_file("bank_returns", _batch_name(rows, "txt"), table, delimiter=" ", quote_style="never")


BANK_LAYOUT_FILES = {"pipe": _pipe, "sheet": _sheet, "padded": _padded}


def _with_bank_words(rows: pl.DataFrame, *, is_clean: bool) -> pl.DataFrame:
    reason = pl.col("failure_reason")
    code = reason.replace_strict({each: code for each, (code, _) in CODES.items()}, default=None)
    return rows.with_columns(
        code=pl.coalesce(code, pl.col("outcome").replace_strict(OUTCOME_CODES, default=None)),
        word=in_turn("outcome", OUTCOME_WORDS, is_clean=is_clean),
        text=reason.replace_strict({each: text for each, (_, text) in CODES.items()}, default=None),
    )


def _batch_name(rows: pl.DataFrame, suffix: str) -> str:
    return f"{rows['township'][0]}/{MARK}_{rows['batch_no'][0]}.{suffix}"


def _total(rows: pl.DataFrame) -> Decimal:
    return Decimal(rows["amount_yuan"].sum())


def _tax_cells(rows: pl.DataFrame, *, is_clean: bool) -> pl.DataFrame:
    is_reversed = pl.col("outcome") == "reversed"
    texts = {each: text for each, (_, text) in CODES.items()}
    return rows.select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("序号"),
        pl.col("township").alias("乡镇"),
        pl.col("name").alias("姓名"),
        pl.col("id_no").alias("证件号码"),
        pl.when(pl.col("levy_item") == PENSION_ITEM)
        .then(in_turn("levy_item", {PENSION_ITEM: PENSION_ITEMS}, is_clean=is_clean))
        .otherwise("levy_item")
        .alias("征收项目"),
        pl.lit("城乡居民").alias("征收品目"),
        (pl.col("period_year").cast(pl.String) + "-01-01").alias("费款所属期起"),
        (pl.col("period_year").cast(pl.String) + "-12-31").alias("费款所属期止"),
        as_yuan("amount_yuan").alias("应缴金额"),
        (pl.when(is_reversed).then(-pl.col("amount_yuan")).otherwise("amount_yuan"))
        .cast(pl.Decimal(18, 2))
        .cast(pl.String)
        .alias("实缴金额"),
        as_date("paid_date").alias("入库日期"),
        pl.col("voucher_no").alias("电子税票号码"),
        in_turn("outcome", TAX_OUTCOMES, is_clean=is_clean).alias("征收结果"),
        pl.col("failure_reason").replace_strict(texts, default=None).alias("失败原因"),
        in_turn("payer_kind", PAYER_WORDS, is_clean=is_clean).alias("缴费方式"),
    )
