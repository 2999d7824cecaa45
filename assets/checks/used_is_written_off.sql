-- judges: mart.township_fund
-- What the townships used is what was written off for persons, each with the premium of the year and no other amount.
with person as (
    select
        coalesce(sum(written_off_yuan), 0) as written_off_yuan,
        count(written_off_yuan) as covered_count
    from core.person_year
),

fund as (
    select coalesce(sum(used_yuan), 0) as used_yuan
    from mart.township_fund
)

select
    fund.used_yuan,
    person.written_off_yuan
from fund
cross join person
cross join policy.year
where
    fund.used_yuan <> person.written_off_yuan
    or fund.used_yuan <> person.covered_count * year.premium_yuan
