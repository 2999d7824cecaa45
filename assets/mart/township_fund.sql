-- One row a year and township: money transferred to it, paid out by it, written off, disputed and left. The township is the
-- one that paid. All figures are sums of postings.
with posted as (
    select
        township_code,
        sum(case when from_account = 'bureau' then amount_yuan else 0 end) as allocated_yuan,
        sum(case when to_account in ('person:written_off', 'tax:written_off') then amount_yuan else 0 end) as used_yuan,
        sum(case when to_account in ('person:disputed', 'tax:disputed') then amount_yuan else 0 end) as disputed_yuan
    from core.fund_posting
    where township_code is not null
    group by township_code
),

figure as (
    select
        township_of_year.township_code,
        township_of_year.township_name,
        cast(coalesce(posted.allocated_yuan, 0) as decimal(18, 2)) as allocated_yuan,
        cast(coalesce(posted.used_yuan, 0) as decimal(18, 2)) as used_yuan,
        cast(coalesce(posted.disputed_yuan, 0) as decimal(18, 2)) as disputed_yuan,
        level_column.used_municipal_yuan,
        level_column.used_district_yuan
    from core.township_of_year
    left join posted
        on township_of_year.township_code = posted.township_code
    left join mart.level_column
        on township_of_year.township_code = level_column.township_code
)

select
    township_code,
    township_name,
    allocated_yuan,
    cast(used_yuan + disputed_yuan as decimal(18, 2)) as paid_out_yuan,
    used_yuan,
    used_municipal_yuan,
    used_district_yuan,
    disputed_yuan,
    cast(allocated_yuan - used_yuan as decimal(18, 2)) as balance_yuan,
    cast(allocated_yuan - used_yuan - disputed_yuan as decimal(18, 2)) as cash_balance_yuan,
    rate(used_yuan, allocated_yuan) as utilisation_rate
from figure
