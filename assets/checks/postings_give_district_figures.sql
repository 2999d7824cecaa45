-- judges: mart.district_summary
-- What the postings add up to is published of the district: budget, allocated, used and the bureau's balance.
with movement as (
    select
        coalesce(sum(case when from_account = 'grant' then amount_yuan else 0 end), 0) as budget_yuan,
        coalesce(sum(case when from_account = 'bureau' then amount_yuan else 0 end), 0) as allocated_yuan,
        coalesce(
            sum(case when to_account in ('person:written_off', 'tax:written_off') then amount_yuan else 0 end), 0
        ) as used_yuan,
        coalesce(
            sum(case when to_account in ('person:disputed', 'tax:disputed') then amount_yuan else 0 end), 0
        ) as disputed_yuan,
        coalesce(
            sum(case when to_account = 'bureau' then amount_yuan when from_account = 'bureau' then -amount_yuan else 0 end), 0
        ) as bureau_balance_yuan
    from core.fund_posting
)

select
    district_summary.budget_yuan,
    movement.budget_yuan as posted_yuan
from mart.district_summary
cross join movement
where
    district_summary.budget_yuan <> movement.budget_yuan
    or district_summary.allocated_yuan <> movement.allocated_yuan
    or district_summary.used_yuan <> movement.used_yuan
    or district_summary.disputed_yuan <> movement.disputed_yuan
    or district_summary.paid_out_yuan <> movement.used_yuan + movement.disputed_yuan
    or district_summary.bureau_balance_yuan <> movement.bureau_balance_yuan
    or district_summary.balance_yuan <> movement.budget_yuan - movement.used_yuan
