-- One row a landed file: is it read, and if not, why? The tests in their order: the same bytes, refused, dated after the
-- day looked back from, the same rows, replaced by a later list of the same batch.
with file_rows as (
    select
        file_name,
        max(row_date) as latest_row_date,
        count(*) as row_count,
        -- The multiset of the file's rows: equal sums mean equal rows, in whatever order.
        sum(cast(md5_number_lower(content) as decimal(38, 0))) as lower_digest,
        sum(cast(md5_number_upper(content) as decimal(38, 0))) as upper_digest
    from core.row_content
    group by file_name
),

dated as (
    select
        landed_file.source,
        landed_file.file_name,
        landed_file.status,
        landed_file.reason,
        landed_file.head_township,
        coalesce(landed_file.stated_date, landed_file.name_date, file_rows.latest_row_date) as file_date,
        coalesce(landed_file.stated_date, landed_file.name_date) as stated_date,
        coalesce(file_rows.row_count, 0) as row_count,
        coalesce(file_rows.lower_digest, 0) as lower_digest,
        coalesce(file_rows.upper_digest, 0) as upper_digest
    from raw.landed_file
    left join file_rows
        on landed_file.file_name = file_rows.file_name and landed_file.status = 'read'
),

in_time as (
    select
        dated.*,
        coalesce(dated.status = 'read' and dated.file_date > year.as_of, false) as is_later
    from dated
    cross join policy.year
),

-- Of files with the same rows the one whose path sorts first is read.
same_rows as (
    select
        source,
        file_name,
        first_value(file_name) over (
            partition by
                source, row_count, lower_digest, upper_digest,
                case when row_count = 0 then coalesce(head_township, '') || coalesce(cast(stated_date as varchar), '') end
            order by file_name
        ) as first_file_name
    from in_time
    where status = 'read' and not is_later
),

kept as (
    select file_name from same_rows where file_name = first_file_name
),

-- A batch is one list of one township: the list whose path sorts last stands for it.
batch_of_file as (
    select distinct
        row_content.file_name,
        row_content.batch_no,
        row_content.township_code
    from core.row_content
    inner join kept
        on row_content.file_name = kept.file_name
    where row_content.batch_no is not null
),

standing_batch as (
    select
        file_name,
        batch_no,
        township_code,
        max(file_name) over (partition by batch_no, township_code) as standing_file_name
    from batch_of_file
),

replaced as (
    select
        file_name,
        max(standing_file_name) as standing_file_name
    from standing_batch
    group by file_name
    having min(case when standing_file_name <> file_name then 1 else 0 end) = 1
),

-- What the replacing list changed, line by line; a line without a number is known by its content alone.
replaced_line as (
    select
        replaced.file_name,
        row_content.batch_no,
        row_content.township_code,
        coalesce(row_content.line_no, row_content.content) as line,
        min(row_content.content) as content
    from replaced
    inner join core.row_content
        on replaced.file_name = row_content.file_name
    group by
        replaced.file_name, row_content.batch_no, row_content.township_code,
        coalesce(row_content.line_no, row_content.content)
),

replacing_line as (
    select
        replaced.file_name,
        row_content.batch_no,
        row_content.township_code,
        coalesce(row_content.line_no, row_content.content) as line,
        min(row_content.content) as content
    from replaced
    inner join standing_batch
        on replaced.file_name = standing_batch.file_name
    inner join core.row_content
        on
            standing_batch.standing_file_name = row_content.file_name
            and standing_batch.batch_no = row_content.batch_no
            and standing_batch.township_code = row_content.township_code
    group by
        replaced.file_name, row_content.batch_no, row_content.township_code,
        coalesce(row_content.line_no, row_content.content)
),

replacement as (
    select
        coalesce(replaced_line.file_name, replacing_line.file_name) as file_name,
        sum(case when replaced_line.line is null then 1 else 0 end) as added_count,
        sum(case when replacing_line.line is null then 1 else 0 end) as removed_count,
        sum(case when replaced_line.content <> replacing_line.content then 1 else 0 end) as changed_count
    from replaced_line
    full outer join replacing_line
        on
            replaced_line.file_name = replacing_line.file_name
            and replaced_line.batch_no = replacing_line.batch_no
            and replaced_line.township_code = replacing_line.township_code
            and replaced_line.line = replacing_line.line
    group by coalesce(replaced_line.file_name, replacing_line.file_name)
)

select
    in_time.source,
    in_time.file_name,
    case
        when in_time.status <> 'read' then in_time.status
        when in_time.is_later then 'later'
        when same_rows.first_file_name <> in_time.file_name then 'same_rows'
        when replaced.file_name is not null then 'replaced'
        else 'read'
    end as status,
    case
        when in_time.status <> 'read' then in_time.reason
        when in_time.is_later then 'later: 文件日期晚于回溯日期,本次不计入。'
        when same_rows.first_file_name <> in_time.file_name
            then 'same_rows: 与文件“' || same_rows.first_file_name || '”的各行相同,不重复读取。'
        when replaced.file_name is not null
            then
                'replaced: 同一批次由文件“' || replaced.standing_file_name || '”取代:新增 '
                || cast(replacement.added_count as varchar) || ' 行,减少 ' || cast(replacement.removed_count as varchar)
                || ' 行,变更 ' || cast(replacement.changed_count as varchar) || ' 行。'
        else in_time.reason
    end as reason,
    in_time.file_date,
    in_time.stated_date,
    in_time.head_township
from in_time
left join same_rows
    on in_time.source = same_rows.source and in_time.file_name = same_rows.file_name
left join replaced
    on in_time.file_name = replaced.file_name
left join replacement
    on in_time.file_name = replacement.file_name
