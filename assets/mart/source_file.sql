-- One row a landed file: what it is, whether it was read and why not, and how its rows fared.
with fared as (
    select
        file_name,
        count(*) as rows_read,
        count(*) filter (where fate in ('accepted', 'later')) as rows_accepted,
        count(*) filter (where fate = 'quarantined') as rows_quarantined,
        count(*) filter (where fate = 'dropped') as rows_dropped
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
    coalesce(fared.rows_read, 0) as rows_read,
    coalesce(fared.rows_accepted, 0) as rows_accepted,
    coalesce(fared.rows_quarantined, 0) as rows_quarantined,
    coalesce(fared.rows_dropped, 0) as rows_dropped,
    landed_file.control_count,
    landed_file.control_yuan,
    file_status.file_date
from raw.landed_file
inner join core.file_status
    on landed_file.file_name = file_status.file_name
left join fared
    on landed_file.file_name = fared.file_name
