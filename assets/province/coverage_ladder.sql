-- One row a year, district, step and reason: the district's ladder from the roll to the covered; a larger area is the sum.
select
    policy_year,
    district_code,
    step,
    reason,
    cast(sum(person_count) as bigint) as person_count
from district.coverage_ladder
group by policy_year, district_code, step, reason
