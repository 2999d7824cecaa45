-- judges: mart.district_summary
-- Every count and amount of the district is the sum of its townships'.
with participation as (
    select
        sum(roll_count) as roll_count,
        sum(planned_count) as planned_count,
        sum(excluded_count) as excluded_count,
        sum(unconfirmed_count) as unconfirmed_count,
        sum(eligible_count) as eligible_count,
        sum(refunded_count) as refunded_count,
        sum(paid_on_behalf_count) as paid_on_behalf_count,
        sum(covered_count) as covered_count,
        sum(uncovered_count) as uncovered_count
    from mart.township_participation
),

fund as (
    select
        sum(allocated_yuan) as allocated_yuan,
        sum(paid_out_yuan) as paid_out_yuan,
        sum(used_yuan) as used_yuan,
        sum(used_municipal_yuan) as used_municipal_yuan,
        sum(used_district_yuan) as used_district_yuan,
        sum(disputed_yuan) as disputed_yuan,
        sum(balance_yuan) as township_balance_yuan,
        sum(cash_balance_yuan) as cash_balance_yuan
    from mart.township_fund
)

select
    district_summary.roll_count,
    participation.roll_count as township_roll_count,
    district_summary.used_yuan,
    fund.used_yuan as township_used_yuan
from mart.district_summary
cross join participation
cross join fund
where
    district_summary.roll_count <> participation.roll_count
    or coalesce(district_summary.planned_count, -1) <> coalesce(participation.planned_count, -1)
    or district_summary.excluded_count <> participation.excluded_count
    or district_summary.unconfirmed_count <> participation.unconfirmed_count
    or district_summary.eligible_count <> participation.eligible_count
    or district_summary.refunded_count <> participation.refunded_count
    or district_summary.paid_on_behalf_count <> participation.paid_on_behalf_count
    or district_summary.covered_count <> participation.covered_count
    or district_summary.uncovered_count <> participation.uncovered_count
    or district_summary.allocated_yuan <> fund.allocated_yuan
    or district_summary.paid_out_yuan <> fund.paid_out_yuan
    or district_summary.used_yuan <> fund.used_yuan
    or coalesce(district_summary.used_municipal_yuan, -1) <> coalesce(fund.used_municipal_yuan, -1)
    or coalesce(district_summary.used_district_yuan, -1) <> coalesce(fund.used_district_yuan, -1)
    or district_summary.disputed_yuan <> fund.disputed_yuan
    or district_summary.township_balance_yuan <> fund.township_balance_yuan
    or district_summary.cash_balance_yuan <> fund.cash_balance_yuan
