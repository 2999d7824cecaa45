-- judges: mart.township_fund
-- What each township's postings add up to is published of it: allocated, paid out, used, disputed, balance and cash balance.
with movement as (
    select
        township_code,
        sum(case when from_account = 'bureau' then amount_yuan else 0 end) as allocated_yuan,
        sum(case when to_account in ('person:written_off', 'tax:written_off') then amount_yuan else 0 end) as used_yuan,
        sum(case when to_account in ('person:disputed', 'tax:disputed') then amount_yuan else 0 end) as disputed_yuan,
        sum(case when to_account = 'township:' || township_code then amount_yuan else 0 end)
        - sum(case when from_account = 'township:' || township_code then amount_yuan else 0 end) as cash_balance_yuan
    from core.fund_posting
    where township_code is not null
    group by township_code
)

select
    coalesce(township_fund.township_code, movement.township_code) as township_code,
    township_fund.used_yuan as published_yuan,
    movement.used_yuan as posted_yuan
from mart.township_fund
full outer join movement
    on township_fund.township_code = movement.township_code
where
    township_fund.township_code is null
    or township_fund.allocated_yuan <> coalesce(movement.allocated_yuan, 0)
    or township_fund.used_yuan <> coalesce(movement.used_yuan, 0)
    or township_fund.disputed_yuan <> coalesce(movement.disputed_yuan, 0)
    or township_fund.paid_out_yuan <> coalesce(movement.used_yuan, 0) + coalesce(movement.disputed_yuan, 0)
    or township_fund.balance_yuan <> coalesce(movement.allocated_yuan, 0) - coalesce(movement.used_yuan, 0)
    or township_fund.cash_balance_yuan <> coalesce(movement.cash_balance_yuan, 0)
