-- One row a row of a file that is used and speaks of a person, under the person's key: what a change can come from.
with spoken_of as (
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
    select person.person_key, reply.row_key
    from core.reply
    inner join core.person
        on reply.person_no = person.person_no
    where reply.status = 'applied'
    union
    select person.person_key, reply.row_key
    from core.reply
    inner join core.person
        on reply.answer_person_id = person.person_no
    where reply.status = 'applied'
)

select
    spoken_of.person_key as subject,
    landed_row.file_name,
    landed_row.sheet,
    landed_row.row_number
from spoken_of
inner join raw.landed_row
    on spoken_of.row_key = landed_row.row_key
inner join core.row_fate
    on spoken_of.row_key = row_fate.row_key and row_fate.fate = 'accepted'
