-- judges: mart.fund_level
-- By funding level too the postings add up to what is published: granted, used and balance of the district and each township.
with of_district as (
    select
        fund_level,
        sum(case when from_account = 'grant' then amount_yuan else 0 end) as granted_yuan,
        sum(case when to_account in ('person:written_off', 'tax:written_off') then amount_yuan else 0 end) as used_yuan
    from core.fund_posting
    group by fund_level
),

of_township as (
    select
        township_code,
        fund_level,
        sum(case when from_account = 'bureau' then amount_yuan else 0 end) as granted_yuan,
        sum(case when to_account in ('person:written_off', 'tax:written_off') then amount_yuan else 0 end) as used_yuan
    from core.fund_posting
    where township_code is not null
    group by township_code, fund_level
),

posted as (
    select
        'district' as place,
        fund_level,
        granted_yuan,
        used_yuan
    from of_district
    union all
    select
        township_code as place,
        fund_level,
        granted_yuan,
        used_yuan
    from of_township
),

published as (
    select
        coalesce(township_code, 'district') as place,
        fund_level,
        granted_yuan,
        used_yuan,
        balance_yuan
    from mart.fund_level
)

select
    coalesce(published.place, posted.place) as place,
    coalesce(published.fund_level, posted.fund_level) as fund_level,
    published.granted_yuan,
    posted.granted_yuan as posted_yuan
from published
full outer join posted
    on published.place = posted.place and published.fund_level = posted.fund_level
where
    published.place is null
    or published.granted_yuan <> coalesce(posted.granted_yuan, 0)
    or published.used_yuan <> coalesce(posted.used_yuan, 0)
    or published.balance_yuan <> coalesce(posted.granted_yuan, 0) - coalesce(posted.used_yuan, 0)
