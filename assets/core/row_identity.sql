-- One row a row of a person, whatever became of it (its fate is null where its file isn't read): whose row is it? The ID is valid
-- when it is well formed, no cell stored it as a number, and its birth date is not after the date that the file states (else 31
-- December of the year). Never repaired by guess.
with judged as (
    select
        landed_row.row_key,
        file_status.file_number,
        landed_row.id_text,
        row_fate.fate,
        coalesce(
            not landed_row.id_is_number
            and identity_number.has_right_check
            and identity_number.has_province
            and identity_number.birth_date <= coalesce(file_status.stated_date, year.year_last_date),
            false
        ) as is_valid,
        coalesce(
            landed_row.id_is_number
            or (
                length(landed_row.id_text) = 18
                and substr(landed_row.id_text, 16, 3) = '000'
                and not coalesce(identity_number.has_right_check, false)
            ),
            false
        ) as is_precision_lost
    from raw.landed_row
    inner join core.file_status
        on landed_row.file_name = file_status.file_name
    left join core.row_fate
        on landed_row.row_key = row_fate.row_key
    left join core.identity_number
        on landed_row.id_text = identity_number.id_text
    cross join policy.year
    where landed_row.id_is_number is not null
)

select
    row_key,
    file_number,
    fate,
    id_text,
    case when is_valid then id_text end as person_id,
    case when is_valid then null when is_precision_lost then 'id_precision_lost' else 'invalid_id' end as id_problem
from judged
