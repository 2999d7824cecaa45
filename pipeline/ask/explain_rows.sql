-- One row a row of a file that is used and speaks of a person, under the person's key: what a change can come from. A line without
-- a valid ID stands under its own place, as in explain_figures.sql.
with settling as (
    select
        *,
        answer = 'confirm_identity' and subject = 'person' and kind in ('invalid_id', 'id_precision_lost') as gives_id
    from core.reply
    where status = 'applied'
),

spoken_of as (
    select person_key, person_row.row_key
    from core.person_row
    inner join core.person
        on person_row.person_no = person.person_no
    union
    select person.person_key, row_identity.row_key
    from core.row_identity
    inner join core.person
        on row_identity.person_id = person.person_id and row_identity.fate in ('accepted', 'quarantined')
    union
    select person_key, row_key
    from core.return_row
    where person_key is not null
    union
    select person.person_key, line_judgement.row_key
    from core.line_judgement
    inner join core.person
        on line_judgement.person_no = person.person_no
    union
    select person.person_key, settling.row_key
    from settling
    inner join core.person
        on settling.person_no = person.person_no
    union
    select person.person_key, settling.row_key
    from settling
    inner join core.person
        on settling.answer_person_id = person.person_no
    union
    -- As the roll states him, too: he leaves it when he is given his ID.
    select person.person_key, settling.row_key
    from settling
    inner join stated.person
        on settling.person_no = person.person_no and settling.gives_id
    union
    select return_row.file_name || ' 第' || cast(return_row.row_number as varchar) || '行' as person_key, settling.row_key
    from settling
    inner join core.return_row
        on settling.mismatch_row_key = return_row.row_key and return_row.person_key is null
)

select
    spoken_of.person_key as subject,
    landed_row.file_name,
    landed_row.sheet,
    landed_row.row_number,
    coalesce(settling.gives_id, false) as gives_id
from spoken_of
inner join raw.landed_row
    on spoken_of.row_key = landed_row.row_key
inner join core.row_fate
    on spoken_of.row_key = row_fate.row_key and row_fate.fate = 'accepted'
left join settling
    on spoken_of.row_key = settling.row_key
