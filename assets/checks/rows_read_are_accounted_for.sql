-- judges: mart.source_file
-- Every row that the reader counted is stored, and of a file that is read it is accepted, quarantined, dropped or later.
with stored as (
    select
        file_name,
        count(*) as row_count
    from raw.landed_row
    group by file_name
)

select
    landed_file.file_name,
    landed_file.rows_read,
    stored.row_count as rows_stored,
    source_file.rows_accepted,
    source_file.rows_quarantined,
    source_file.rows_dropped,
    source_file.rows_later
from raw.landed_file
left join stored
    on landed_file.file_name = stored.file_name
left join mart.source_file
    on landed_file.file_name = source_file.file_name
where
    source_file.file_name is null
    or landed_file.rows_read <> coalesce(stored.row_count, 0)
    or source_file.rows_read
    <> source_file.rows_accepted + source_file.rows_quarantined + source_file.rows_dropped + source_file.rows_later
    or (source_file.status = 'read' and source_file.rows_read <> landed_file.rows_read)
