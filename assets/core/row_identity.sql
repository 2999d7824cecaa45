-- One row an accepted row of a person: whose row is it? The ID is valid when it is well formed, no cell stored it as a number,
-- and its birth date is not after the date that the file states (else 31 December of the year). Never repaired by guess.
with stated as (
    select row_key, file_name, id_text, id_is_number from raw.poverty_roll
    union all
    select row_key, file_name, id_text, id_is_number from raw.category_rolls
    union all
    select row_key, file_name, id_text, id_is_number from raw.classification
    union all
    select row_key, file_name, id_text, id_is_number from raw.pension_register
    union all
    select row_key, file_name, id_text, id_is_number from raw.bank_returns
    union all
    select row_key, file_name, id_text, id_is_number from raw.tax_returns
    union all
    select row_key, file_name, id_text, id_is_number from raw.benefit_payments
),

judged as (
    select
        stated.row_key,
        stated.id_text,
        stated.id_is_number,
        coalesce(
            not stated.id_is_number
            and identity_number.has_right_check
            and identity_number.has_province
            and identity_number.birth_date <= coalesce(file_status.stated_date, year.year_last_date),
            false
        ) as is_valid,
        coalesce(
            stated.id_is_number
            or (
                length(stated.id_text) = 18
                and substr(stated.id_text, 16, 3) = '000'
                and not coalesce(identity_number.has_right_check, false)
            ),
            false
        ) as is_precision_lost
    from stated
    inner join core.row_fate
        on stated.row_key = row_fate.row_key and row_fate.fate = 'accepted'
    inner join core.file_status
        on stated.file_name = file_status.file_name
    left join core.identity_number
        on stated.id_text = identity_number.id_text
    cross join policy.year
)

select
    row_key,
    id_text,
    case when is_valid then id_text end as person_id,
    case when is_valid then null when is_precision_lost then 'id_precision_lost' else 'invalid_id' end as id_problem
from judged
