-- One row a landed file: what it is, whether it was read and why not, and how its rows fared.
with fared as (
    select
        file_name,
        count(*) filter (where fate = 'accepted') as rows_accepted,
        count(*) filter (where fate = 'quarantined') as rows_quarantined,
        count(*) filter (where fate = 'dropped') as rows_dropped,
        count(*) filter (where fate = 'later') as rows_later
    from core.row_fate
    group by file_name
)

select
    landed_file.source,
    landed_file.file_name,
    landed_file.sha256,
    landed_file.layout,
    file_status.status,
    file_status.reason,
    -- What the reader counted, apart from what was stored of it and how that fared.
    case when file_status.status = 'read' then landed_file.rows_read else 0 end as rows_read,
    coalesce(fared.rows_accepted, 0) as rows_accepted,
    coalesce(fared.rows_quarantined, 0) as rows_quarantined,
    coalesce(fared.rows_dropped, 0) as rows_dropped,
    coalesce(fared.rows_later, 0) as rows_later,
    landed_file.control_count,
    landed_file.control_yuan,
    file_status.file_date,
    landed_file.columns_unused,
    landed_file.fields_not_found,
    landed_file.unit,
    landed_file.hidden_rows
from raw.landed_file
inner join core.file_status
    on landed_file.file_name = file_status.file_name
left join fared
    on landed_file.file_name = fared.file_name
