-- One row a data row of a file that is read: accepted, quarantined, dropped or later. The only place where a row can leave; so
-- rows read = accepted + quarantined + dropped + later holds for every file. Of a file that states no date each row counts by
-- its own; a row of the register is never left out.
with judged as (
    select
        placed_row.source,
        placed_row.row_key,
        placed_row.file_name,
        placed_row.file_number,
        placed_row.repeat_of,
        placed_row.quarantine_reason,
        case
            when placed_row.dropped_reason is not null then placed_row.dropped_reason
            -- In a file with several batches, the rows of a batch that another file brings again are left out.
            when not batch_list.is_standing then 'replaced: 同一批次由文件“' || batch_list.replaced_by || '”取代。'
        end as dropped_reason,
        placed_row.quarantine_field,
        coalesce(
            file_status.stated_date is null
            and placed_row.source <> 'pension_register'
            and placed_row.row_date > year.as_of, false
        ) as is_later
    from core.placed_row
    inner join core.file_status
        on placed_row.file_name = file_status.file_name and file_status.status = 'read'
    left join core.batch_line
        on placed_row.row_key = batch_line.row_key
    left join core.batch_list
        on
            batch_line.file_name = batch_list.file_name
            and batch_line.batch_no = batch_list.batch_no
            and batch_line.place = batch_list.place
    cross join policy.year
),

-- A line that another list repeats, or a document that another file lists, counts once, in the file whose path sorts first;
-- equal lines of one file are two payments.
first_file_of_line as (
    select
        source,
        repeat_of,
        min(file_number) as file_number
    from judged
    where repeat_of is not null and dropped_reason is null and quarantine_field is null and not is_later
    group by source, repeat_of
),

repeated as (
    select
        judged.*,
        first_file.file_name as first_file_name
    from judged
    left join first_file_of_line
        on
            judged.source = first_file_of_line.source
            and judged.repeat_of = first_file_of_line.repeat_of
            and judged.file_number > first_file_of_line.file_number
    left join core.file_status as first_file
        on first_file_of_line.file_number = first_file.file_number
)

select
    source,
    row_key,
    file_name,
    case
        when dropped_reason is not null then 'dropped'
        when is_later then 'later'
        when quarantine_field is not null then 'quarantined'
        when first_file_name is not null then 'dropped'
        else 'accepted'
    end as fate,
    case
        when dropped_reason is not null then dropped_reason
        when is_later then 'later: 日期晚于回溯日期,本次不计入。'
        when quarantine_field is not null then quarantine_reason
        when first_file_name is not null then 'repeated_line: 该行已由文件“' || first_file_name || '”报送。'
    end as reason,
    case when dropped_reason is null and not is_later then quarantine_field end as quarantine_field
from repeated
