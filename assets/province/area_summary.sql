-- One row a year and area of the levels district, prefecture and province: counts and money are the sums of the districts, each
-- rate is that of the sums. The first four digits of a district's code are its prefecture's, the first two the province's.
with area as (
    select
        district_code,
        'district' as level,
        district_code as area_code,
        district_name as area_name
    from district.district
    union all
    select
        district_code,
        'prefecture' as level,
        substr(district_code, 1, 4) || '00' as area_code,
        city_name as area_name
    from district.district
    union all
    select
        district_code,
        'province' as level,
        substr(district_code, 1, 2) || '0000' as area_code,
        cast(null as varchar) as area_name
    from district.district
),

summed as (
    select
        district_summary.policy_year,
        area.level,
        area.area_code,
        min(area.area_name) as area_name,
        count(*) as district_count,
        cast(sum(district_summary.roll_count) as bigint) as roll_count,
        cast(sum(district_summary.planned_count) as bigint) as planned_count,
        cast(sum(district_summary.excluded_count) as bigint) as excluded_count,
        cast(sum(district_summary.unconfirmed_count) as bigint) as unconfirmed_count,
        cast(sum(district_summary.eligible_count) as bigint) as eligible_count,
        cast(sum(district_summary.refunded_count) as bigint) as refunded_count,
        cast(sum(district_summary.paid_on_behalf_count) as bigint) as paid_on_behalf_count,
        cast(sum(district_summary.covered_count) as bigint) as covered_count,
        cast(sum(district_summary.uncovered_count) as bigint) as uncovered_count,
        cast(sum(district_summary.budget_yuan) as decimal(18, 2)) as budget_yuan,
        cast(sum(district_summary.allocated_yuan) as decimal(18, 2)) as allocated_yuan,
        cast(sum(district_summary.paid_out_yuan) as decimal(18, 2)) as paid_out_yuan,
        cast(sum(district_summary.used_yuan) as decimal(18, 2)) as used_yuan,
        cast(sum(district_summary.disputed_yuan) as decimal(18, 2)) as disputed_yuan,
        cast(sum(district_summary.balance_yuan) as decimal(18, 2)) as balance_yuan
    from area
    inner join district.district_summary
        on area.district_code = district_summary.district_code
    group by district_summary.policy_year, area.level, area.area_code
)

select
    policy_year,
    level,
    area_code,
    area_name,
    district_count,
    roll_count,
    planned_count,
    excluded_count,
    unconfirmed_count,
    eligible_count,
    refunded_count,
    paid_on_behalf_count,
    covered_count,
    uncovered_count,
    rate(covered_count, eligible_count) as participation_rate,
    rate(covered_count, planned_count) as target_completion_rate,
    budget_yuan,
    allocated_yuan,
    paid_out_yuan,
    used_yuan,
    disputed_yuan,
    balance_yuan,
    rate(used_yuan, allocated_yuan) as utilisation_rate,
    rate(used_yuan, budget_yuan) as execution_rate
from summed
