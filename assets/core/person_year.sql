-- One row a person of the year's roll: who he is (masked), what he is entitled to, and what was paid for him.
with category_of_person as (
    select
        row_identity.person_id,
        min(category.position) as position
    from raw.category_rolls
    inner join core.row_identity
        on category_rolls.row_key = row_identity.row_key and row_identity.fate in ('accepted', 'quarantined')
    inner join policy.category
        on category_rolls.category = category.category
    cross join policy.year
    where category_rolls.snapshot_date between year.year_first_date and year.year_last_date
    group by row_identity.person_id
),

-- Everybody on the roll has the fund's own category, unless one that comes before it applies.
own_category as (
    select min(position) as position
    from policy.category
    where is_paid
)

select
    person.person_key,
    person.id_masked,
    person.name_masked,
    person.township_code,
    person.village_code,
    category.category,
    person.birth_year,
    person_state.state,
    person_state.state_reason,
    person_state.class,
    write_off.channel,
    write_off.paid_date,
    write_off.amount_yuan as written_off_yuan,
    uncovered_reason.uncovered_reason
from core.person
inner join core.person_state
    on person.person_no = person_state.person_no
left join core.write_off
    on person.person_no = write_off.person_no
left join core.uncovered_reason
    on person.person_no = uncovered_reason.person_no
left join category_of_person
    on person.person_id = category_of_person.person_id
cross join own_category
inner join policy.category
    on category.position = least(own_category.position, coalesce(category_of_person.position, own_category.position))
