-- judges: core.person_year
-- Of each person of the roll at most one line is written off, and it is that person's in core.person_year.
with written_off as (
    select
        person_no,
        count(*) as line_count
    from core.line_judgement
    where disposition = 'written_off'
    group by person_no
)

select
    coalesce(written_off.person_no, person.person_no) as person_no,
    coalesce(written_off.line_count, 0) as line_count
from written_off
full outer join (
    select
        person.person_no,
        person_year.written_off_yuan
    from core.person
    inner join core.person_year
        on person.person_key = person_year.person_key
) as person
    on written_off.person_no = person.person_no
where
    coalesce(written_off.line_count, 0)
    <> case when person.written_off_yuan is null then 0 else 1 end
