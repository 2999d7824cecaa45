"""The published tables on one page, for whoever asks how a year stands: `marimo run notebooks/daijiao.py`.

Reads published.duckdb in the warehouse folder (DAIJIAO_WAREHOUSE, else the project's own), anew for every question, so the
page never holds a refresh up. Figures that no table holds don't belong here.
"""

import marimo

app = marimo.App(width="medium", app_title="代缴资金与参保")

with app.setup:
    import marimo as mo
    import polars as pl
    from views import (
        BATCH_AGES,
        CHINESE,
        CHOSEN,
        IN_ORDER,
        PAYMENT_STATUSES,
        PUBLISHED,
        STEPS,
        WORDS,
        bars,
        find,
        parts,
        percent,
        shown,
        unproven,
        with_rounded_days,
    )

    from pipeline.errors import DaijiaoError


@app.cell
def _():
    mo.md("# 代缴资金与参保情况")
    return


@app.cell
def _():
    try:
        years = find("select distinct policy_year from mart.refresh order by policy_year desc")["policy_year"].to_list()
    except DaijiaoError:
        years = []
    mo.stop(
        not years,
        mo.callout(
            mo.md(
                f"还没有已发布的数据。请先运行 `daijiao refresh --year 2019`(没有数据时可先运行 `daijiao sample`),"
                f"再刷新本页。本页读取的文件是 `{PUBLISHED}`;数据放在别处时,请设置环境变量 `DAIJIAO_WAREHOUSE`。"
            ),
            kind="warn",
        ),
    )
    year = mo.ui.dropdown({f"{value} 年": value for value in years}, value=f"{years[0]} 年", label="年度")
    return year, years


@app.cell
def _(year):
    _named = find(
        "select township_name, township_code from mart.township_participation where policy_year = $year "
        f"order by {IN_ORDER}",
        year=year.value,
    )
    _everywhere = "全区"
    township = mo.ui.dropdown(
        {_everywhere: None, **dict(_named.iter_rows())}, value=_everywhere, label="乡镇(阶梯、差异、付款、经办能力)"
    )
    mo.hstack([year, township], justify="start")
    return (township,)


@app.cell
def _(year):
    _problems = unproven(year.value)
    mo.callout(
        mo.md(f"以下内容与发布时不同,请勿使用,并重新运行 `daijiao refresh --year {year.value}`:{';'.join(_problems)}"),
        kind="danger",
    ) if _problems else None
    return


@app.cell
def _(year):
    _row = find("select * from mart.district_summary where policy_year = $year", year=year.value).row(0, named=True)
    _as_of = find("select as_of from mart.refresh where policy_year = $year", year=year.value).item()

    def _plain(name: str) -> str:
        if name.endswith("_rate"):
            return percent(_row[name])
        return "无数据来源" if _row[name] is None else f"{_row[name]:,}"

    _tiles = [
        mo.stat(_plain(name), label=CHINESE[name], bordered=True)
        for name in ("roll_count", "eligible_count", "covered_count", "participation_rate")
    ]
    _money = [
        mo.stat(_plain(name), label=CHINESE[name], bordered=True)
        for name in ("budget_yuan", "allocated_yuan", "used_yuan", "balance_yuan")
    ]
    _day = f"截至 {_as_of} 的数据。" if _as_of else "全部已到文件的数据。"
    mo.vstack(
        [
            mo.md(f"## {year.value} 年概况\n\n{_day}"),
            mo.hstack(_tiles, widths="equal"),
            mo.hstack(_money, widths="equal"),
        ]
    )
    return


@app.cell
def _(years):
    _years = find(
        "select policy_year, roll_count, eligible_count, covered_count, uncovered_count, participation_rate, "
        "target_completion_rate, budget_yuan, allocated_yuan, used_yuan, disputed_yuan, balance_yuan, utilisation_rate, "
        "execution_rate from mart.district_summary where policy_year = any($years) order by policy_year",
        years=years,
    )
    _labelled = _years.with_columns(pl.format("{} 年", "policy_year").alias("label"))
    mo.vstack(
        [
            mo.md("## 各年比较"),
            bars(_labelled, "label", {"covered_count": "已覆盖", "uncovered_count": "未覆盖"}, "符合条件人数"),
            shown(_years),
        ]
    )
    return


@app.cell
def _(year):
    _townships = find(
        "select township_name, roll_count, planned_count, excluded_count, unconfirmed_count, eligible_count, refunded_count, "
        "paid_on_behalf_count, uncovered_count, participation_rate, target_completion_rate from mart.township_participation "
        f"where policy_year = $year order by {IN_ORDER}",
        year=year.value,
    )
    _parts = {"refunded_count": "返还", "paid_on_behalf_count": "代缴", "uncovered_count": "未覆盖"}
    mo.vstack([mo.md("## 各乡镇参保"), bars(_townships, "township_name", _parts, "符合条件人数"), shown(_townships)])
    return


@app.cell
def _(township, year):
    _ladder = find(
        "select step, reason, cast(sum(person_count) as bigint) as person_count from mart.coverage_ladder "
        f"{CHOSEN} "
        "group by step, reason order by step, person_count desc, reason",
        year=year.value,
        township=township.value,
    ).with_columns(pl.col("step").replace_strict(STEPS, return_dtype=pl.String))
    _reason = pl.col("reason").replace(WORDS).str.replace("^township:", "乡镇核定:")
    _labelled = _ladder.with_columns(pl.concat_str("step", _reason, separator=" · ", ignore_nulls=True).alias("label"))
    mo.vstack([mo.md("## 从名单到覆盖"), bars(_labelled, "label", {"person_count": "人数"}, "人数"), shown(_ladder)])
    return


@app.cell
def _(year):
    _funds = find(
        "select township_name, allocated_yuan, paid_out_yuan, used_yuan, disputed_yuan, balance_yuan, cash_balance_yuan, "
        f"utilisation_rate from mart.township_fund where policy_year = $year order by {IN_ORDER}",
        year=year.value,
    )
    _levels = find(
        "select fund_level, granted_yuan, used_yuan, balance_yuan from mart.fund_level "
        "where policy_year = $year and township_code is null order by granted_yuan desc, fund_level",
        year=year.value,
    )
    _parts = {"used_yuan": "核销", "disputed_yuan": "存疑", "cash_balance_yuan": "现金结余"}
    mo.vstack(
        [
            mo.md("## 资金"),
            bars(_funds, "township_name", _parts, "拨付金额(元)"),
            shown(_funds),
            mo.md("### 分级资金"),
            shown(_levels),
        ]
    )
    return


@app.cell
def _(township, year):
    _kinds = find(
        f"select kind, severity, status, count(*) as mismatch_count from mart.roster_mismatch {CHOSEN} "
        "group by kind, severity, status order by mismatch_count desc, kind, status",
        year=year.value,
        township=township.value,
    )
    _rows = find(
        "select kind, severity, status, id_masked, name_masked, channel, amount_yuan, expected, found, action, "
        f"suggestion_reason, source_file, sheet, row_number from mart.roster_mismatch {CHOSEN} "
        "order by severity, kind, source_file, row_number, mismatch_id",
        year=year.value,
        township=township.value,
    )
    _by_status = (
        _kinds.with_columns(pl.col("kind").replace(WORDS))
        .pivot("status", index="kind", values="mismatch_count", aggregate_function="sum")
        .with_columns(pl.lit(0).alias(name) for name in ("open", "answered", "settled") if name not in _kinds["status"])
        .fill_null(0)
        .sort(pl.sum_horizontal("open", "answered", "settled"), "kind", descending=[True, False])
    )
    _parts = {"open": "待核实", "answered": "已答复", "settled": "已办结"}
    mo.vstack([mo.md("## 差异"), bars(_by_status, "kind", _parts, "差异数"), shown(_rows)])
    return


@app.cell
def _(township, year):
    _lines = find(
        "select channel, disposition, coalesce(mismatch_kind, 'return_failed:' || failure_reason) as reason, "
        "count(*) as line_count, sum(amount_yuan) as amount_yuan from core.return_line "
        f"{CHOSEN} "
        "group by channel, disposition, reason order by line_count desc, channel, disposition, reason",
        year=year.value,
        township=township.value,
    ).rename({"line_count": "行数"})
    _months = find(
        "select strftime(paid_date, '%Y-%m') as month, sum(case when channel = 'refund' then written_off_yuan else 0 end) "
        "as refund_yuan, sum(case when channel = 'collection' then written_off_yuan else 0 end) as collection_yuan "
        "from core.person_year where policy_year = $year and written_off_yuan is not null "
        "and ($township is null or township_code = $township) group by month order by month",
        year=year.value,
        township=township.value,
    )
    mo.vstack(
        [
            mo.md("## 付款情况"),
            bars(_months, "month", {"refund_yuan": "返还", "collection_yuan": "代缴"}, "核销金额(元)"),
            shown(_lines),
        ]
    )
    return


@app.cell
def _(township, year):
    _counted = find(
        "select township_name, payment_status, count(*) as person_count from mart.payment_status "
        f"inner join mart.township_participation using (policy_year, township_code) {CHOSEN} "
        f"group by township_code, township_name, payment_status order by {IN_ORDER}",
        year=year.value,
        township=township.value,
    )
    _unpaid = find(
        "select id_masked, name_masked, village_name, payment_status, 'return_failed:' || failure_reason as failure_reason, "
        "class, channel, self_paid_date, last_line_date from mart.payment_status "
        "left join (select distinct policy_year, village_code, village_name from mart.capacity_village) "
        f"using (policy_year, village_code) {CHOSEN} and payment_status not in ('paid', 'not_due') "
        "order by payment_status, village_code, person_key",
        year=year.value,
        township=township.value,
    ).with_columns(pl.col("payment_status").replace(PAYMENT_STATUSES))
    mo.vstack(
        [
            mo.md("## 谁交了,谁没交"),
            parts(_counted, "township_name", "payment_status", PAYMENT_STATUSES, "名单人数"),
            mo.md("### 还没有交的人"),
            shown(_unpaid),
        ]
    )
    return


@app.cell
def _(township, year):
    _figures = (
        "roll_count, line_count, failed_count, failure_rate, mismatch_count, open_mismatch_count, mismatch_rate, "
        "written_off_count, average_write_off_days, longest_write_off_days, silent_count"
    )
    _townships = find(
        f"select township_name, {_figures} from mart.capacity_township {CHOSEN} order by {IN_ORDER}",
        year=year.value,
        township=township.value,
    )
    _villages = find(
        f"select township_name, village_name, {_figures} from mart.capacity_village {CHOSEN} "
        "order by silent_count desc, failed_count desc, township_code, village_code",
        year=year.value,
        township=township.value,
    )
    _silence = find(
        f"select township_name, batch_age, cast(sum(person_count) as bigint) as person_count from mart.capacity_silence "
        f"{CHOSEN} group by township_code, township_name, batch_age order by {IN_ORDER}",
        year=year.value,
        township=township.value,
    )
    _silent = mo.md("没有一个人是没有付款记录的。")
    if not _silence.is_empty():
        _silent = parts(_silence, "township_name", "batch_age", BATCH_AGES, "没有付款记录的人数")
    mo.vstack(
        [
            mo.md("## 经办能力"),
            shown(with_rounded_days(_townships)),
            mo.md("### 没有付款记录的人,按上报批次至今的天数"),
            _silent,
            mo.md("### 各村"),
            shown(with_rounded_days(_villages)),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
