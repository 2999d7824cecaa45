-- One row a row that could not be read: where it stands and which field is at fault, never what it says.
select
    landed_row.file_name as source_file,
    landed_row.sheet,
    landed_row.row_number,
    row_fate.quarantine_field as field,
    row_fate.reason
from core.row_fate
inner join raw.landed_row
    on row_fate.row_key = landed_row.row_key
where row_fate.fate = 'quarantined'
