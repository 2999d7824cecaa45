-- One row a row that could not be read: where it stands and which field is at fault, never what it says.
with located as (
    select row_key, sheet, row_number from raw.poverty_roll
    union all
    select row_key, sheet, row_number from raw.category_rolls
    union all
    select row_key, sheet, row_number from raw.classification
    union all
    select row_key, sheet, row_number from raw.pension_register
    union all
    select row_key, sheet, row_number from raw.bank_returns
    union all
    select row_key, sheet, row_number from raw.tax_returns
    union all
    select row_key, sheet, row_number from raw.fund_documents
    union all
    select row_key, sheet, row_number from raw.allocations
    union all
    select row_key, sheet, row_number from raw.benefit_payments
    union all
    select row_key, sheet, row_number from raw.satisfaction_survey
    union all
    select row_key, sheet, row_number from raw.township_replies
)

select
    row_fate.file_name as source_file,
    located.sheet,
    located.row_number,
    row_fate.quarantine_field as field,
    row_fate.reason
from core.row_fate
inner join located
    on row_fate.row_key = located.row_key
where row_fate.fate = 'quarantined'
