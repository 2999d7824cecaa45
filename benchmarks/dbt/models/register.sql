-- One row an insured person.
select
    "身份证号" as id,
    "排除情形" as exclusion,
    "待遇状态" as benefit,
    cast("个人缴费金额" as decimal(18, 2)) as own_amount,
    cast("个人缴费日期" as date) as own_date
from read_csv('{{ env_var("BENCH_RAW") }}/pension_register/*.csv', all_varchar = true)
