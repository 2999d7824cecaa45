-- One row a line of a batch: of a list of the bank that states a batch number. Lines of a batch's lists are compared by ID and
-- amount; what may change in a later list is outcome, name, account and stated date. The day on which a list was made is none.
select
    bank_returns.row_key,
    placed_row.file_name,
    placed_row.file_number,
    bank_returns.batch_no,
    placed_row.place,
    placed_row.township_code,
    coalesce(bank_returns.id_text, '') as id_key,
    coalesce(cast(bank_returns.amount_yuan as varchar), '') as amount_key,
    bank_returns.outcome,
    concat_ws(
        '|', coalesce(bank_returns.outcome, ''), coalesce(bank_returns.name_key, ''), coalesce(bank_returns.account, ''),
        case when bank_returns.is_dated_by_making then '' else coalesce(cast(bank_returns.paid_date as varchar), '') end
    ) as detail,
    placed_row.quarantine_field,
    placed_row.dropped_reason
from raw.bank_returns
inner join core.placed_row
    on bank_returns.row_key = placed_row.row_key
where bank_returns.batch_no is not null
