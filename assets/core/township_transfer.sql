-- One row an accepted transfer of money to a township, by code. What a township gave back is negative, and so are its persons.
select
    allocations.row_key,
    allocations.file_name,
    allocations.sheet,
    allocations.row_number,
    allocations.document_no,
    coalesce(township_alias.township_code, '000000000') as township_code,
    allocations.amount_yuan,
    case when allocations.amount_yuan < 0 then -abs(allocations.persons) else allocations.persons end as planned_count,
    -- Of another row's date nothing follows for a transfer that states none.
    coalesce(allocations.document_date, file_status.stated_date) as document_date
from raw.allocations
inner join core.row_fate
    on allocations.row_key = row_fate.row_key and row_fate.fate = 'accepted'
inner join core.file_status
    on allocations.file_name = file_status.file_name
left join policy.township_alias
    on spelling(allocations.township) = township_alias.alias
