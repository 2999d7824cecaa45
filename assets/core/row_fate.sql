-- One row a data row of a file that is read: accepted, quarantined or dropped. The only place where a row can leave; so
-- rows read = accepted + quarantined + dropped holds for every file. An accepted row that is dated after the day looked back
-- from is not used (later): nothing is wrong with it, and no rule of the landing folder leaves it out.
with landed_row as (
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.poverty_roll
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.category_rolls
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.classification
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.pension_register
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.bank_returns
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.tax_returns
    union all
    -- The policy knows the words of the funding levels, so an unknown one is found here and not on reading.
    select
        fund_documents.row_key,
        fund_documents.file_name,
        fund_documents.dropped_reason,
        coalesce(
            fund_documents.quarantine_field, case when fund_level.word is null then 'fund_level' end
        ) as quarantine_field,
        coalesce(
            fund_documents.quarantine_reason,
            case when fund_level.word is null then 'unknown_word: 资金级次不在本年政策之列,请更正后重报。' end
        ) as quarantine_reason
    from raw.fund_documents
    left join policy.fund_level
        on fund_documents.fund_level = fund_level.word
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.allocations
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.benefit_payments
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.satisfaction_survey
    union all
    select row_key, file_name, dropped_reason, quarantine_field, quarantine_reason from raw.township_replies
),

-- In a file with several batches, the rows of a batch that a later file brings again are left out.
superseded_batch as (
    select
        row_content.batch_no,
        row_content.township_code,
        max(row_content.file_name) as standing_file_name
    from core.row_content
    inner join core.file_status
        on row_content.file_name = file_status.file_name
    where file_status.status = 'read' and row_content.batch_no is not null
    group by row_content.batch_no, row_content.township_code
),

judged as (
    select
        row_content.source,
        row_content.row_key,
        row_content.file_name,
        row_content.repeat_of,
        landed_row.quarantine_field,
        landed_row.quarantine_reason,
        case
            when landed_row.dropped_reason is not null then landed_row.dropped_reason
            when landed_row.quarantine_field is not null then null
            when superseded_batch.standing_file_name <> row_content.file_name then 'replaced: 同一批次由后一文件取代。'
        end as dropped_reason,
        coalesce(row_content.row_date > year.as_of, false) as is_later
    from core.row_content
    inner join landed_row
        on row_content.row_key = landed_row.row_key
    inner join core.file_status
        on row_content.file_name = file_status.file_name
    cross join policy.year
    left join superseded_batch
        on row_content.batch_no = superseded_batch.batch_no and row_content.township_code = superseded_batch.township_code
    where file_status.status = 'read'
),

-- A line that a later list repeats counts once, in the file whose path sorts first; equal lines of one file are two payments.
first_file_of_line as (
    select
        source,
        repeat_of,
        min(file_name) as first_file_name
    from judged
    where repeat_of is not null and dropped_reason is null and quarantine_field is null
    group by source, repeat_of
)

select
    judged.source,
    judged.row_key,
    judged.file_name,
    case
        when judged.dropped_reason is not null then 'dropped'
        when judged.quarantine_field is not null then 'quarantined'
        when judged.file_name > first_file_of_line.first_file_name then 'dropped'
        when judged.is_later then 'later'
        else 'accepted'
    end as fate,
    case
        when judged.dropped_reason is not null then judged.dropped_reason
        when judged.quarantine_field is not null then judged.quarantine_reason
        when judged.file_name > first_file_of_line.first_file_name
            then 'repeated_line: 该行已由文件“' || first_file_of_line.first_file_name || '”报送。'
        when judged.is_later then 'later: 日期晚于回溯日期,本次不计入。'
    end as reason,
    case when judged.dropped_reason is null then judged.quarantine_field end as quarantine_field
from judged
left join first_file_of_line
    on judged.source = first_file_of_line.source and judged.repeat_of = first_file_of_line.repeat_of
