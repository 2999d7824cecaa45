"""The dashboard on the published tables, for whoever asks in the morning how a year stands: `daijiao notebook`.

Reads published.duckdb in the warehouse folder (DAIJIAO_WAREHOUSE, else the project's own), anew for every question, so the
page never holds a refresh up. Figures that no table holds don't belong here.
"""

import marimo

app = marimo.App(width="full", app_title="代缴资金与参保")

with app.setup:
    import marimo as mo
    import polars as pl
    from views import (
        AMBER,
        BLUE,
        CHOSEN,
        COLOURS,
        GREEN,
        GREY,
        IN_ORDER,
        PALE_GREEN,
        PAYMENT_STATUSES,
        RED,
        SETTINGS,
        STEPS,
        STYLE,
        bars,
        changes_in_words,
        find,
        find_where_there,
        first_year,
        note,
        published_years,
        rates,
        said,
        sentence,
        shown,
        tiles,
        unproven,
        waterfall,
        why_nothing,
    )


@app.cell
def _():
    mo.vstack([STYLE, mo.md("# 代缴资金与参保情况")])
    return


@app.cell
def _():
    years = published_years()
    mo.stop(
        not years,
        mo.callout(
            mo.md(why_nothing()),
            kind="warn",
        ),
    )
    year = mo.ui.dropdown({f"{value} 年": value for value in years}, value=f"{first_year(years)} 年", label="年度")
    return year, years


@app.cell
def _(year):
    _named = find(
        f"select township_name, township_code from mart.township_participation where policy_year = $year order by {IN_ORDER}",
        year=year.value,
    )
    _everywhere = "全区"
    township = mo.ui.dropdown({_everywhere: None, **dict(_named.iter_rows())}, value=_everywhere, label="乡镇")
    mo.hstack([year, township], justify="start", wrap=True)
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
def _(township, year):
    chosen = {"year": year.value, "township": township.value}
    if township.value is None:
        _row = find("select * from mart.district_summary where policy_year = $year", year=year.value).row(0, named=True)
    else:
        _row = find(
            "select * from mart.township_participation inner join mart.township_fund "
            f"using (policy_year, township_code, township_name) where {CHOSEN}",
            **chosen,
        ).row(0, named=True)
    figures = _row
    return chosen, figures


@app.cell
def _(chosen, figures, township, year):
    _as_of = find("select as_of from mart.refresh where policy_year = $year", year=year.value).item()
    _files = dict(
        find(
            "select status, count(*) as file_count from mart.source_file where policy_year = $year group by status",
            year=year.value,
        ).iter_rows()
    )
    _open = find(
        f"select severity, count(*) as mismatch_count from mart.roster_mismatch where {CHOSEN} and status = 'open' "
        "group by severity",
        **chosen,
    )
    _errors = sum(_open.filter(pl.col("severity") == "error")["mismatch_count"])
    _silent = find(
        f"select count(*) as person_count from core.person_year where {CHOSEN} and uncovered_reason = 'silent'",
        **chosen,
    ).item()
    _words = find_where_there(
        "mart.unknown_word",
        "select distinct vocabulary, word from mart.unknown_word where policy_year = $year",
        year=year.value,
    ).height
    _changes = find_where_there(
        "mart.change",
        "select subject, before, after from mart.change where policy_year = $year order by subject",
        year=year.value,
    )
    _places = "全区" if township.value is None else figures["township_name"]
    _main = {
        "名单人数": "roll_count",
        "符合条件人数": "eligible_count",
        "已覆盖人数": "covered_count",
        "参保率": "participation_rate",
        "拨付(元)": "allocated_yuan",
        "核销(元)": "used_yuan",
        "结余(元)": "balance_yuan",
        "资金使用率": "utilisation_rate",
    }
    _todo = {
        "拒收的文件": _files.get("refused", 0),
        "不认识的用语": _words,
        "待答复的差异(错误)": _errors,
        "没有付款记录的人": _silent,
    }
    today = mo.vstack(
        [
            STYLE,
            mo.md(f"## {year.value} 年概况:{_places}"),
            note(f"截至 {_as_of} 的数据。" if _as_of else "全部已到文件的数据。"),
            tiles({label: said(name, figures[name]) for label, name in _main.items()}),
            mo.md("### 待办"),
            tiles(
                {label: f"{count:,}" for label, count in _todo.items()},
                bad=[label for label, count in _todo.items() if count],
            ),
            note(
                f"收到文件 {sum(_files.values())} 个,已读取 {_files.get('read', 0)} 个。拒收的文件怎样处理、不认识的用语在哪里,"
                "见“文件”;差异见“差异”;没有付款记录的人见“参保”。"
            ),
            mo.md("### 与上次发布相比"),
            shown(changes_in_words(_changes), "变化", "没有需要注意的变化。"),
        ]
    )
    return (today,)


@app.cell
def _(chosen):
    _townships = find(
        "select township_name, roll_count, planned_count, excluded_count, unconfirmed_count, eligible_count, refunded_count, "
        "paid_on_behalf_count, uncovered_count, participation_rate, target_completion_rate from mart.township_participation "
        f"where {CHOSEN} order by {IN_ORDER}",
        **chosen,
    )
    _ladder = find(
        "select step, reason, cast(sum(person_count) as bigint) as person_count from mart.coverage_ladder "
        f"where {CHOSEN} group by step, reason order by step, person_count desc, reason",
        **chosen,
    )
    _rungs = [
        (step, STEPS[step] if reason is None else f"{STEPS[step]}:{said('reason', reason)}", count)
        for step, reason, count in _ladder.iter_rows()
    ]
    _months = find(
        "select strftime(paid_date, '%Y-%m') as month, sum(count(*)) over (order by strftime(paid_date, '%Y-%m')) as covered "
        f"from core.person_year where {CHOSEN} and written_off_yuan is not null group by month order by month",
        **chosen,
    )
    _eligible = int(_townships["eligible_count"].sum())
    _statuses = find(
        f"select payment_status, count(*) as person_count from mart.payment_status where {CHOSEN} "
        "group by payment_status order by person_count desc, payment_status",
        **chosen,
    )
    _by_township: dict[str, dict[str, int]] = {}
    for _name, _status, _count in find(
        "select township_name, payment_status, count(*) as person_count from mart.payment_status "
        f"inner join mart.township_participation using (policy_year, township_code) where {CHOSEN} "
        f"group by township_code, township_name, payment_status order by {IN_ORDER}",
        **chosen,
    ).iter_rows():
        _by_township.setdefault(_name, {})[_status] = _count
    _unpaid = find(
        "select id_masked, name_masked, village_name, payment_status, 'return_failed:' || failure_reason as failure_reason, "
        "class, channel, self_paid_date, last_line_date from mart.payment_status "
        "left join (select distinct policy_year, village_code, village_name from mart.capacity_village) "
        f"using (policy_year, village_code) where {CHOSEN} and payment_status not in ('paid', 'not_due') "
        "order by payment_status, village_code, person_key",
        **chosen,
    ).with_columns(pl.col("payment_status").replace(PAYMENT_STATUSES))
    participation = mo.vstack(
        [
            STYLE,
            mo.md("## 参保率,按乡镇"),
            rates(list(_townships.select("township_name", "participation_rate").iter_rows())),
            mo.md("## 参保率,按月累计"),
            rates(
                [(month, covered / _eligible if _eligible else None) for month, covered in _months.iter_rows()], BLUE
            ),
            mo.md("## 从名单到覆盖"),
            waterfall(_rungs),
            mo.md("## 谁交了,谁没交"),
            bars(
                list(_by_township.items()),
                {status: (PAYMENT_STATUSES[status], COLOURS[status]) for status in _statuses["payment_status"]},
                "人",
            ),
            mo.md("### 还没有交的人"),
            shown(_unpaid, "还没有交的人", "没有。"),
            mo.md("## 各乡镇"),
            shown(_townships, "各乡镇参保"),
        ]
    )
    return (participation,)


@app.cell
def _(chosen, figures, township, year):
    _funds = find(
        "select township_name, allocated_yuan, paid_out_yuan, used_yuan, disputed_yuan, balance_yuan, cash_balance_yuan, "
        f"utilisation_rate from mart.township_fund where {CHOSEN} order by {IN_ORDER}",
        **chosen,
    )
    _months = find(
        "select strftime(paid_date, '%Y-%m') as month, sum(sum(written_off_yuan)) over (order by strftime(paid_date, '%Y-%m')) "
        f"as used from core.person_year where {CHOSEN} and written_off_yuan is not null group by month order by month",
        **chosen,
    )
    _allocated = figures["allocated_yuan"]
    _levels = find(
        "select fund_level, granted_yuan, used_yuan, balance_yuan from mart.fund_level where policy_year = $year "
        "and township_code is not distinct from $township order by granted_yuan desc, fund_level",
        **chosen,
    )
    _lines = find(
        "select channel, disposition, coalesce(mismatch_kind, 'return_failed:' || failure_reason) as reason, "
        f"count(*) as line_count, sum(amount_yuan) as amount_yuan from core.return_line where {CHOSEN} "
        "group by channel, disposition, reason order by line_count desc, channel, disposition, reason",
        **chosen,
    )
    _capacity = find(
        "select township_name, line_count, failed_count, failure_rate, written_off_count, average_write_off_days, "
        f"longest_write_off_days, silent_count from mart.capacity_township where {CHOSEN} order by {IN_ORDER}",
        **chosen,
    )
    _villages = find(
        "select township_name, village_name, roll_count, line_count, failed_count, mismatch_count, average_write_off_days, "
        f"silent_count from mart.capacity_village where {CHOSEN} "
        "order by silent_count desc, failed_count desc, township_code, village_code",
        **chosen,
    )
    _parts = {"used_yuan": ("核销", GREEN), "disputed_yuan": ("存疑", RED), "cash_balance_yuan": ("现金结余", GREY)}
    money = mo.vstack(
        [
            STYLE,
            mo.md("## 拨付的资金"),
            bars([(row["township_name"], row) for row in _funds.iter_rows(named=True)], _parts, "元"),
            mo.md("## 资金使用率,按乡镇"),
            rates(list(_funds.select("township_name", "utilisation_rate").iter_rows())),
            mo.md("## 资金使用率,按月累计"),
            rates([(month, used / _allocated if _allocated else None) for month, used in _months.iter_rows()], BLUE),
            note(
                "按核销的付款日期累计,分母是全年拨付的资金;按名单乡镇统计。"
                if township.value
                else "按核销的付款日期累计,分母是全年拨付的资金。"
            ),
            shown(_funds, f"{year.value}年各乡镇资金"),
            mo.md("## 分级资金"),
            shown(_levels, "分级资金"),
            mo.md("## 付款情况"),
            shown(_lines, "付款情况"),
            mo.md("## 经办能力"),
            shown(_capacity, "经办能力"),
            mo.md("### 各村"),
            shown(_villages, "各村"),
        ]
    )
    return (money,)


@app.cell
def _(chosen):
    _kinds: dict[str, dict[str, int]] = {}
    for _kind, _status, _count in find(
        f"select kind, status, count(*) as mismatch_count from mart.roster_mismatch where {CHOSEN} "
        "group by kind, status order by sum(count(*)) over (partition by kind) desc, kind, status",
        **chosen,
    ).iter_rows():
        _kinds.setdefault(said("kind", _kind), {})[_status] = _count
    _rows = find(
        "select kind, severity, status, id_masked, name_masked, channel, amount_yuan, expected, found, action, "
        f"suggestion_reason, source_file, sheet, row_number from mart.roster_mismatch where {CHOSEN} "
        "order by severity, kind, source_file, row_number, mismatch_id",
        **chosen,
    )
    _parts = {"open": ("待答复", AMBER), "answered": ("待复核", BLUE), "settled": ("已办结", GREEN)}
    mismatches = mo.vstack(
        [
            STYLE,
            mo.md("## 差异,按种类"),
            bars(list(_kinds.items()), _parts, "条"),
            mo.md("## 差异清单"),
            shown(_rows, "差异清单"),
        ]
    )
    return (mismatches,)


@app.cell
def _(year):
    _files = find(
        "select * from mart.source_file where policy_year = $year order by source, file_name", year=year.value
    )
    _told = [name for name in ("columns_unused", "fields_not_found", "unit", "hidden_rows") if name in _files.columns]
    _counts = dict.fromkeys(("read", "refused", "replaced", "same_bytes", "same_rows", "skipped", "later"), 0)
    _counts |= dict(_files["status"].value_counts().iter_rows())
    # Whoever sent a refused file has something to do; the others are for looking up.
    _others = (
        _files.filter(pl.col("status") != "read")
        .sort(pl.col("status") != "refused", maintain_order=True)
        .select("status", "file_name", pl.col("reason").map_elements(sentence, return_dtype=pl.String))
    )
    _quarantined = find(
        "select source_file, sheet, row_number, field, reason from mart.quarantined_row where policy_year = $year "
        "order by source_file, row_number, field",
        year=year.value,
    ).with_columns(pl.col("reason").map_elements(sentence, return_dtype=pl.String))
    _words = find_where_there(
        "mart.unknown_word",
        "select vocabulary, word, row_count, amount_yuan, source_file, first_row_number from mart.unknown_word "
        "where policy_year = $year order by row_count desc, vocabulary, word, source_file",
        year=year.value,
    )
    _read = _files.filter(pl.col("status") == "read").select(
        "source",
        "file_name",
        "layout",
        "file_date",
        "rows_read",
        "rows_accepted",
        "rows_quarantined",
        "rows_dropped",
        *_told,
    )
    _folder = SETTINGS.reports / str(year.value)
    _books = sorted(_folder.glob("*.xlsx")) + sorted(_folder.glob("*.docx")) if _folder.is_dir() else []
    _downloads = [
        mo.download(data=lambda path=path: path.read_bytes(), filename=path.name, label=path.name) for path in _books
    ]
    files = mo.vstack(
        [
            STYLE,
            mo.md("## 收到的文件"),
            tiles({said("status", status): f"{count:,}" for status, count in _counts.items() if count}, bad=["拒收"]),
            mo.md("## 没有采用的文件和处理办法"),
            shown(_others, "没有采用的文件", "全部采用。"),
            mo.md("## 隔离的行"),
            shown(_quarantined, "隔离的行"),
            mo.md("## 不认识的用语"),
            note("核实后写入政策文件夹的 words.yaml,再刷新一次。"),
            shown(_words, "不认识的用语"),
            mo.md("## 已读取的文件"),
            shown(_read, "已读取的文件"),
            mo.md("## 台账、清单和报告"),
            note(
                "台账和差异清单含完整证件号,只发给本乡镇。"
                if _books
                else f"还没有生成,请运行 daijiao report --year {year.value}。"
            ),
            mo.hstack(_downloads, justify="start", wrap=True) if _downloads else note(""),
        ]
    )
    return (files,)


@app.cell
def _():
    person = mo.ui.text(label="人员代号或脱敏证件号", placeholder="530113********1234", full_width=True)
    return (person,)


@app.cell
def _(person, year):
    _asked = person.value.strip().upper()
    _found = pl.DataFrame()
    _parts = []
    if len(_asked) in (15, 18) and "*" not in _asked:
        _parts = [note("请不要输入完整证件号:用前 6 位、8 个星号和后 4 位,例如 530113********1234。")]
    elif _asked:
        _found = find(
            "select person_key, id_masked, name_masked, township_name, category, birth_year, class, state, state_reason, "
            "channel, paid_date, written_off_yuan, uncovered_reason from core.person_year "
            "left join mart.township_participation using (policy_year, township_code) where policy_year = $year "
            "and (upper(person_key) = $asked or upper(id_masked) = $asked) order by person_key",
            year=year.value,
            asked=_asked,
        )
        _parts = [shown(_found.drop("person_key"), "人员", "没有这个代号或脱敏证件号的人。")]
        if _found.height > 1:
            _parts.append(note(f"有 {_found.height} 人的脱敏证件号相同;下面列出他们的全部记录。"))
    if not _found.is_empty():
        _keys = _found["person_key"].to_list()
        _lines = find(
            "select name_masked, return_line.channel, return_line.paid_date, batch_no, line_no, amount_yuan, outcome, "
            "disposition, mismatch_kind, source_file, sheet, row_number from core.return_line inner join core.person_year "
            "using (policy_year, person_key) where policy_year = $year and list_contains($keys, person_key) "
            "order by return_line.paid_date nulls first, source_file, row_number",
            year=year.value,
            keys=_keys,
        )
        _mismatches = find(
            "select name_masked, kind, severity, status, expected, found, action, source_file, sheet, row_number "
            "from mart.roster_mismatch where policy_year = $year and list_contains($keys, person_key) "
            "order by kind, source_file, row_number",
            year=year.value,
            keys=_keys,
        )
        _parts += [mo.md("### 返盘记录"), shown(_lines, "返盘记录"), mo.md("### 差异"), shown(_mismatches, "差异")]
    search = mo.vstack(
        [
            STYLE,
            mo.md("## 人员查询"),
            note("输入人员代号,或脱敏证件号(前 6 位、8 个星号、后 4 位)后按回车。名单和差异清单中都有。"),
            person,
            *_parts,
        ]
    )
    return (search,)


@app.cell
def _(years):
    _years = find(
        "select policy_year, roll_count, eligible_count, covered_count, uncovered_count, participation_rate, "
        "target_completion_rate, budget_yuan, allocated_yuan, used_yuan, disputed_yuan, balance_yuan, utilisation_rate, "
        "execution_rate from mart.district_summary where policy_year = any($years) order by policy_year",
        years=years,
    )
    _named = [(f"{row['policy_year']} 年", row) for row in _years.iter_rows(named=True)]
    history = mo.vstack(
        [
            STYLE,
            mo.md("## 各年比较"),
            mo.md("### 符合条件的人"),
            bars(_named, {"covered_count": ("已覆盖", GREEN), "uncovered_count": ("未覆盖", AMBER)}, "人"),
            mo.md("### 参保率"),
            rates([(name, row["participation_rate"]) for name, row in _named]),
            mo.md("### 资金使用率"),
            rates([(name, row["utilisation_rate"]) for name, row in _named], BLUE),
            mo.md("### 资金(元)"),
            bars(_named, {"used_yuan": ("核销", GREEN), "balance_yuan": ("结余", PALE_GREEN)}, "元"),
            shown(_years, "各年比较"),
        ]
    )
    return (history,)


@app.cell
def _():
    # What is chosen stays when the year or township changes.
    get_tab, set_tab = mo.state("今日")
    return get_tab, set_tab


@app.cell
def _(files, get_tab, history, mismatches, money, participation, search, set_tab, today):
    mo.ui.tabs(
        {
            "今日": today,
            "参保": participation,
            "资金": money,
            "差异": mismatches,
            "文件": files,
            "人员查询": search,
            "历年": history,
        },
        value=get_tab(),
        on_change=set_tab,
    )
    return


if __name__ == "__main__":
    app.run()
