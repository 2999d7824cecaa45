-- One row an accepted returned line with its one disposition, masked.
select
    return_row.channel,
    return_row.person_key,
    return_row.township_code,
    case when return_row.channel = 'refund' then return_row.document_no end as batch_no,
    return_row.line_no,
    return_row.paid_date,
    return_row.amount_yuan,
    return_row.outcome,
    line_judgement.disposition,
    return_row.failure_reason,
    line_judgement.mismatch_kind,
    return_row.file_name as source_file,
    return_row.sheet,
    return_row.row_number
from core.return_row
inner join core.line_judgement
    on return_row.row_key = line_judgement.row_key
