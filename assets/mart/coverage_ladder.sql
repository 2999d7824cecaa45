-- One row a year, township, step and reason: from the roll to the covered, adding up to the person. Roll, eligible and covered
-- stand for every township; the other rungs only where there are persons.
with step_of_person as (
    select township_code, 1 as step, cast(null as varchar) as reason from core.person_year
    union all
    select township_code, 2 as step, state_reason as reason from core.person_year where state = 'excluded'
    union all
    select township_code, 3 as step, state_reason as reason from core.person_year where state = 'unconfirmed'
    union all
    select township_code, 4 as step, cast(null as varchar) as reason from core.person_year where state = 'eligible'
    union all
    select township_code, 5 as step, uncovered_reason as reason from core.person_year where uncovered_reason is not null
    union all
    select township_code, 6 as step, cast(null as varchar) as reason from core.person_year where written_off_yuan is not null
),

rung as (
    select
        township_code,
        step,
        reason,
        count(*) as person_count
    from step_of_person
    group by township_code, step, reason
),

standing_rung as (
    select
        township_of_year.township_code,
        step.step
    from core.township_of_year
    cross join (values (1), (4), (6)) as step (step)
)

select
    township_code,
    step,
    reason,
    person_count
from rung
union all
select
    standing_rung.township_code,
    standing_rung.step,
    cast(null as varchar) as reason,
    0 as person_count
from standing_rung
left join rung
    on standing_rung.township_code = rung.township_code and standing_rung.step = rung.step
where rung.township_code is null
