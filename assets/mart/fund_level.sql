-- One row a year, township (null: the district) and funding level: what the level gave, what was used of it, what is left.
with posted as (
    select
        township_code,
        fund_level,
        sum(case when from_account = 'bureau' then amount_yuan else 0 end) as allocated_yuan,
        sum(case when from_account = 'grant' then amount_yuan else 0 end) as granted_yuan,
        sum(case when to_account in ('person:written_off', 'tax:written_off') then amount_yuan else 0 end) as used_yuan
    from core.fund_posting
    group by township_code, fund_level
),

-- To a township its part of the transfers is granted.
of_township as (
    select
        township_of_year.township_code,
        fund_level.fund_level,
        coalesce(posted.allocated_yuan, 0) as granted_yuan,
        coalesce(posted.used_yuan, 0) as used_yuan
    from core.township_of_year
    cross join policy.fund_level
    left join posted
        on township_of_year.township_code = posted.township_code and fund_level.fund_level = posted.fund_level
),

of_district as (
    select
        cast(null as varchar) as township_code,
        fund_level.fund_level,
        coalesce(sum(posted.granted_yuan), 0) as granted_yuan,
        coalesce(sum(posted.used_yuan), 0) as used_yuan
    from policy.fund_level
    left join posted
        on fund_level.fund_level = posted.fund_level
    group by fund_level.fund_level
),

every_level as (
    select * from of_township
    union all
    select * from of_district
)

select
    township_code,
    fund_level,
    cast(granted_yuan as decimal(18, 2)) as granted_yuan,
    cast(used_yuan as decimal(18, 2)) as used_yuan,
    cast(granted_yuan - used_yuan as decimal(18, 2)) as balance_yuan
from every_level
