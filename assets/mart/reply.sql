-- One row a reply: what was answered to which mismatch, and whether it counts.
select
    mismatch_id,
    answer,
    status,
    reason,
    file_name as source_file,
    sheet,
    row_number
from core.reply
