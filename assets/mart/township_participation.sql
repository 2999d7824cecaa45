-- One row a year and township: persons from the roll to the covered. The township is the roll's.
with person as (
    select
        township_code,
        count(*) as roll_count,
        count(*) filter (where state = 'excluded') as excluded_count,
        count(*) filter (where state = 'unconfirmed') as unconfirmed_count,
        count(*) filter (where state = 'eligible') as eligible_count,
        count(*) filter (where channel = 'refund') as refunded_count,
        count(*) filter (where channel = 'collection') as paid_on_behalf_count,
        count(*) filter (where written_off_yuan is not null) as covered_count,
        count(*) filter (where uncovered_reason is not null) as uncovered_count
    from core.person_year
    group by township_code
),

-- Null where no transfer to the township states its persons.
planned as (
    select
        township_code,
        cast(sum(planned_count) as bigint) as planned_count
    from core.township_transfer
    group by township_code
)

select
    township_of_year.township_code,
    township_of_year.township_name,
    coalesce(person.roll_count, 0) as roll_count,
    planned.planned_count,
    coalesce(person.excluded_count, 0) as excluded_count,
    coalesce(person.unconfirmed_count, 0) as unconfirmed_count,
    coalesce(person.eligible_count, 0) as eligible_count,
    coalesce(person.refunded_count, 0) as refunded_count,
    coalesce(person.paid_on_behalf_count, 0) as paid_on_behalf_count,
    coalesce(person.covered_count, 0) as covered_count,
    coalesce(person.uncovered_count, 0) as uncovered_count,
    rate(person.covered_count, person.eligible_count) as participation_rate,
    rate(coalesce(person.covered_count, 0), planned.planned_count) as target_completion_rate
from core.township_of_year
left join person
    on township_of_year.township_code = person.township_code
left join planned
    on township_of_year.township_code = planned.township_code
