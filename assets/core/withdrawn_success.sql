-- One row a success of a replaced list of whose ID and amount the standing lists of the batch have no line at all.
with replaced_success as (
    select
        batch_line.row_key,
        batch_line.batch_no,
        batch_line.place,
        batch_line.township_code,
        batch_line.id_key,
        batch_line.amount_key
    from core.batch_list
    inner join core.batch_line
        on
            batch_list.file_name = batch_line.file_name
            and batch_list.batch_no = batch_line.batch_no
            and batch_list.place = batch_line.place
    where
        not batch_list.is_standing
        and batch_line.outcome = 'success'
        and batch_line.quarantine_field is null
        and batch_line.dropped_reason is null
),

standing_line as (
    select distinct
        batch_line.batch_no,
        batch_line.place,
        batch_line.id_key,
        batch_line.amount_key
    from core.batch_list
    inner join core.batch_line
        on
            batch_list.file_name = batch_line.file_name
            and batch_list.batch_no = batch_line.batch_no
            and batch_list.place = batch_line.place
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
        and replaced_success.amount_key = standing_line.amount_key
where standing_line.id_key is null
