-- One row a success of a replaced list of whose ID and amount the standing lists of the batch have no line at all.
with replaced_success as (
    select
        landed_row.row_key,
        landed_row.batch_no,
        landed_row.place,
        landed_row.township_code,
        coalesce(landed_row.id_text, '') as id_key,
        landed_row.amount_yuan
    from core.batch_list
    inner join core.landed_row
        on
            batch_list.file_name = landed_row.file_name
            and batch_list.batch_no = landed_row.batch_no
            and batch_list.place = landed_row.place
    where
        not batch_list.is_standing
        and landed_row.outcome = 'success'
        and landed_row.quarantine_field is null
        and landed_row.dropped_reason is null
),

standing_line as (
    select distinct
        landed_row.batch_no,
        landed_row.place,
        coalesce(landed_row.id_text, '') as id_key,
        landed_row.amount_yuan
    from core.batch_list
    inner join core.landed_row
        on
            batch_list.file_name = landed_row.file_name
            and batch_list.batch_no = landed_row.batch_no
            and batch_list.place = landed_row.place
    where batch_list.is_standing
)

select
    replaced_success.row_key,
    bank_returns.file_name,
    bank_returns.sheet,
    bank_returns.row_number,
    replaced_success.township_code,
    bank_returns.batch_no as document_no,
    bank_returns.line_no,
    row_identity.id_text,
    row_identity.person_id,
    bank_returns.name,
    bank_returns.account,
    bank_returns.amount_yuan,
    bank_returns.paid_date
from replaced_success
inner join raw.bank_returns
    on replaced_success.row_key = bank_returns.row_key
inner join core.row_identity
    on replaced_success.row_key = row_identity.row_key
left join standing_line
    on
        replaced_success.batch_no = standing_line.batch_no
        and replaced_success.place = standing_line.place
        and replaced_success.id_key = standing_line.id_key
        and replaced_success.amount_yuan = standing_line.amount_yuan
where standing_line.id_key is null
