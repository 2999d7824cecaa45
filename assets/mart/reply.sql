-- One row a reply: what was answered to which mismatch, and whether it counts.
select
    -- What was typed over the number of a mismatch may be personal: only what could be such a number is published.
    case
        when regexp_matches(mismatch_id, '^[0-9a-f]{32}$') then mismatch_id
        when regexp_matches(mismatch_id, '^[0-9A-Za-z_-]{1,64}$') and not regexp_matches(mismatch_id, '^.*[0-9]{8}.*$')
            then mismatch_id
    end as mismatch_id,
    answer,
    status,
    reason,
    file_name as source_file,
    sheet,
    row_number
from core.reply
