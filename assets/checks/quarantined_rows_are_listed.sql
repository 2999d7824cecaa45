-- judges: mart.quarantined_row
-- Every quarantined row is listed with its place and its reason, file by file.
with listed as (
    select
        source_file,
        count(*) as row_count
    from mart.quarantined_row
    group by source_file
)

select
    coalesce(source_file.file_name, listed.source_file) as file_name,
    source_file.rows_quarantined,
    listed.row_count as listed_count
from mart.source_file
full outer join listed
    on source_file.file_name = listed.source_file
where coalesce(source_file.rows_quarantined, -1) <> coalesce(listed.row_count, 0)
