-- judges: mart.township_participation
-- The persons of each township in core.person_year are those of its ladder and of its row of participation.
with person as (
    select
        township_code,
        count(*) as roll_count,
        sum(case when written_off_yuan is not null then 1 else 0 end) as covered_count
    from core.person_year
    group by township_code
),

ladder as (
    select
        township_code,
        sum(case when step = 1 then person_count else 0 end) as roll_count,
        sum(case when step = 6 then person_count else 0 end) as covered_count
    from mart.coverage_ladder
    group by township_code
),

place as (
    select township_code from person
    union
    select township_code from ladder
    union
    select township_code from mart.township_participation
)

select
    place.township_code,
    person.roll_count as person_count,
    ladder.roll_count as ladder_count,
    township_participation.roll_count as published_count
from place
left join person
    on place.township_code = person.township_code
left join ladder
    on place.township_code = ladder.township_code
left join mart.township_participation
    on place.township_code = township_participation.township_code
where
    coalesce(person.roll_count, 0) <> coalesce(ladder.roll_count, -1)
    or coalesce(person.roll_count, 0) <> coalesce(township_participation.roll_count, -1)
    or coalesce(person.covered_count, 0) <> coalesce(ladder.covered_count, -1)
    or coalesce(person.covered_count, 0) <> coalesce(township_participation.covered_count, -1)
