-- The townships' counts and money add up to every district, and the districts to every larger area.
with township as (
    select
        township_participation.district_code,
        sum(township_participation.roll_count) as roll_count,
        sum(township_participation.eligible_count) as eligible_count,
        sum(township_participation.covered_count) as covered_count
    from province.township_participation
    group by township_participation.district_code
),

money as (
    select
        township_fund.district_code,
        sum(township_fund.allocated_yuan) as allocated_yuan,
        sum(township_fund.used_yuan) as used_yuan
    from province.township_fund
    group by township_fund.district_code
),

ladder as (
    select
        coverage_ladder.district_code,
        sum(case when coverage_ladder.step = 1 then coverage_ladder.person_count else 0 end) as roll_count,
        sum(case when coverage_ladder.step in (2, 3) then coverage_ladder.person_count else 0 end) as left_count,
        sum(case when coverage_ladder.step = 6 then coverage_ladder.person_count else 0 end) as covered_count
    from province.coverage_ladder
    group by coverage_ladder.district_code
),

total as (
    select
        sum(township.roll_count) as roll_count,
        sum(township.eligible_count) as eligible_count,
        sum(township.covered_count) as covered_count,
        sum(money.allocated_yuan) as allocated_yuan,
        sum(money.used_yuan) as used_yuan
    from township
    inner join money
        on township.district_code = money.district_code
)

-- A district without townships, money or ladder differs too.
select area_summary.area_code
from province.area_summary
left join township
    on area_summary.area_code = township.district_code
left join money
    on area_summary.area_code = money.district_code
left join ladder
    on area_summary.area_code = ladder.district_code
where
    area_summary.level = 'district'
    and (
        area_summary.roll_count is distinct from township.roll_count
        or area_summary.eligible_count is distinct from township.eligible_count
        or area_summary.covered_count is distinct from township.covered_count
        or area_summary.allocated_yuan is distinct from money.allocated_yuan
        or area_summary.used_yuan is distinct from money.used_yuan
        or area_summary.roll_count is distinct from ladder.roll_count
        or area_summary.eligible_count is distinct from ladder.roll_count - ladder.left_count
        or area_summary.covered_count is distinct from ladder.covered_count
    )
union all
select 'level ' || area_summary.level as area_code
from province.area_summary
cross join total
group by area_summary.level
having
    sum(area_summary.roll_count) <> max(total.roll_count)
    or sum(area_summary.eligible_count) <> max(total.eligible_count)
    or sum(area_summary.covered_count) <> max(total.covered_count)
    or sum(area_summary.allocated_yuan) <> max(total.allocated_yuan)
    or sum(area_summary.used_yuan) <> max(total.used_yuan)
