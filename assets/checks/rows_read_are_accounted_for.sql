-- judges: mart.source_file
-- Every row that was read is accepted, quarantined or dropped.
select
    source_file.file_name,
    source_file.rows_read,
    source_file.rows_accepted,
    source_file.rows_quarantined,
    source_file.rows_dropped
from mart.source_file
where source_file.rows_read <> source_file.rows_accepted + source_file.rows_quarantined + source_file.rows_dropped
