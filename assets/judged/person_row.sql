-- One row a row of the year's roll, with its person. A settled reply may give a roll row without a valid ID the right one.
with repair as (
    select
        person_no,
        confirmed_person_id
    from stage.applied_reply
    where answer = 'confirm_identity' and kind in ('invalid_id', 'id_precision_lost') and subject = 'person'
)

select
    roll_row.row_key,
    roll_row.file_name,
    roll_row.file_number,
    roll_row.sheet,
    roll_row.row_number,
    roll_row.snapshot_date,
    roll_row.township_code,
    roll_row.village,
    roll_row.household_no,
    roll_row.name,
    roll_row.name_key,
    roll_row.schooling,
    roll_row.schooling_says,
    roll_row.id_text,
    roll_row.id_problem,
    coalesce(repair.confirmed_person_id, roll_row.person_id) as person_id,
    coalesce(repair.confirmed_person_id, roll_row.stated_person_no) as person_no
from core.roll_row
left join repair
    on roll_row.stated_person_no = repair.person_no
