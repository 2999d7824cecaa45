-- One row a landed file: what it states of itself, whether it can be used, and whether another file has the same rows. The tests
-- in their order: the same bytes, refused, dated after the day looked back from, the same rows.
with placed_rows as (
    select
        file_name,
        place,
        snapshot_date,
        max(row_date) as latest_row_date,
        count(*) as row_count,
        -- The multiset of the rows of one place and day: equal sums of both halves mean equal rows, in whatever order.
        sum(cast(content_upper as decimal(38, 0))) as upper_sum,
        sum(cast(content_lower as decimal(38, 0))) as lower_sum
    from core.placed_row
    group by file_name, place, snapshot_date
),

file_rows as (
    select
        file_name,
        max(latest_row_date) as latest_row_date,
        sum(row_count) as row_count,
        string_agg(
            concat_ws(
                '|', place, coalesce(cast(snapshot_date as varchar), ''), cast(row_count as varchar),
                cast(upper_sum as varchar), cast(lower_sum as varchar)
            ), '|'
            order by place, snapshot_date nulls first
        ) as digest
    from placed_rows
    group by file_name
),

with_batch as (
    select distinct file_name
    from core.batch_line
),

dated as (
    select
        landed_file.source,
        landed_file.file_name,
        landed_file.file_number,
        landed_file.head_township,
        landed_file.made_at,
        landed_file.made_at_has_hour,
        case
            when landed_file.status = 'read' and summary_sheet.file_name is not null then 'refused'
            else landed_file.status
        end as status,
        case
            when landed_file.status = 'read' and summary_sheet.file_name is not null
                then
                    'summary_beside_details: 工作表“' || summary_sheet.summary_sheet || '”是工作表“' || summary_sheet.detail_sheets
                    || '”的汇总,同一笔资金会计算两次。请删去其中之一后重新报送。'
            else landed_file.reason
        end as reason,
        coalesce(landed_file.stated_date, landed_file.name_date) as stated_date,
        coalesce(landed_file.stated_date, landed_file.name_date, file_rows.latest_row_date) as file_date,
        with_batch.file_name is not null as has_batch,
        -- Files without rows are the same when their heads are.
        case
            when file_rows.row_count > 0 then cast(file_rows.row_count as varchar) || '|' || file_rows.digest
            else
                '0|' || coalesce(landed_file.head_township, '') || '|'
                || coalesce(cast(coalesce(landed_file.stated_date, landed_file.name_date) as varchar), '')
        end as digest
    from raw.landed_file
    left join core.summary_sheet
        on landed_file.file_name = summary_sheet.file_name
    left join with_batch
        on landed_file.file_name = with_batch.file_name
    left join file_rows
        on landed_file.file_name = file_rows.file_name and landed_file.status = 'read'
),

in_time as (
    select
        dated.*,
        coalesce(dated.status = 'read' and dated.stated_date > year.as_of, false) as is_later
    from dated
    cross join policy.year
),

-- Of a batch's lists with the same rows the one that was made earlier is read, where each states when it was; of other files
-- the one whose path sorts first.
twin as (
    select
        file_name,
        file_number,
        source,
        digest,
        cast(made_at as date) as made_date,
        case when made_at_has_hour then made_at end as made_hour,
        has_batch and count(made_at) over (partition by source, digest) = count(*) over (partition by source, digest)
            as have_dates,
        count(case when made_at_has_hour then made_at end) over (partition by source, digest)
        = count(*) over (partition by source, digest) as have_hours
    from in_time
    where status = 'read' and not is_later
),

first_of_twins as (
    select
        file_name,
        first_value(file_name) over (
            partition by source, digest
            order by
                case when have_dates then made_date end nulls last,
                case when have_dates and have_hours then made_hour end nulls last,
                file_number
        ) as first_file_name
    from twin
)

select
    in_time.source,
    in_time.file_name,
    in_time.file_number,
    case
        when in_time.status <> 'read' then in_time.status
        when in_time.is_later then 'later'
        when first_of_twins.first_file_name <> in_time.file_name then 'same_rows'
        else 'read'
    end as status,
    case
        when in_time.status <> 'read' then in_time.reason
        when in_time.is_later then 'later: 文件日期晚于回溯日期,本次不计入。'
        when first_of_twins.first_file_name <> in_time.file_name
            then 'same_rows: 与文件“' || first_of_twins.first_file_name || '”的各行相同,不重复读取。'
        else in_time.reason
    end as reason,
    in_time.stated_date,
    in_time.file_date,
    in_time.head_township,
    in_time.made_at,
    in_time.made_at_has_hour
from in_time
left join first_of_twins
    on in_time.file_name = first_of_twins.file_name
