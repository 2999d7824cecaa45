-- One row a landed file: is it read, and if not, why? A file is replaced when each of its lists is; its reason counts the rows
-- that the replacing list added, removed and changed (the same ID and amount; another outcome, name, account or stated date).
with list_of_file as (
    select
        file_name,
        min(case when is_standing then 0 else 1 end) as is_replaced,
        max(replaced_by) as replaced_by,
        max(case when is_standing then adds_to end) as adds_to
    from core.batch_list
    group by file_name
),

-- Rows without a batch number or a township replace and join nothing.
without_batch as (
    select distinct placed_row.file_name
    from core.placed_row
    left join core.batch_line
        on placed_row.row_key = batch_line.row_key
    where placed_row.source = 'bank_returns' and coalesce(batch_line.place, '') = ''
),

compared_line as (
    select
        batch_list.file_name,
        batch_list.batch_no,
        batch_list.place,
        batch_line.id_key,
        batch_line.amount_key,
        batch_line.detail,
        case when batch_line.file_name = batch_list.file_name then 1 else 0 end as old_count,
        case when batch_line.file_name = batch_list.replaced_by then 1 else 0 end as new_count
    from core.batch_list
    inner join core.batch_line
        on
            batch_list.batch_no = batch_line.batch_no
            and batch_list.place = batch_line.place
            and batch_line.file_name in (batch_list.file_name, batch_list.replaced_by)
    where batch_list.replaced_by is not null
),

by_detail as (
    select
        file_name,
        batch_no,
        place,
        id_key,
        amount_key,
        sum(old_count) as old_count,
        sum(new_count) as new_count,
        least(sum(old_count), sum(new_count)) as same_count
    from compared_line
    group by file_name, batch_no, place, id_key, amount_key, detail
),

by_line as (
    select
        file_name,
        sum(old_count) as old_count,
        sum(new_count) as new_count,
        sum(same_count) as same_count
    from by_detail
    group by file_name, batch_no, place, id_key, amount_key
),

replacement as (
    select
        file_name,
        sum(greatest(new_count - old_count, 0)) as added_count,
        sum(greatest(old_count - new_count, 0)) as removed_count,
        sum(least(old_count, new_count) - same_count) as changed_count
    from by_line
    group by file_name
),

judged as (
    select
        file_content.*,
        coalesce(list_of_file.is_replaced = 1, false) and without_batch.file_name is null as is_replaced,
        list_of_file.replaced_by,
        list_of_file.adds_to
    from core.file_content
    left join list_of_file
        on file_content.file_name = list_of_file.file_name
    left join without_batch
        on file_content.file_name = without_batch.file_name
)

select
    judged.source,
    judged.file_name,
    judged.file_number,
    case when judged.is_replaced then 'replaced' else judged.status end as status,
    case
        when judged.is_replaced
            then
                'replaced: 同一批次由文件“' || judged.replaced_by || '”取代:新增 '
                || cast(replacement.added_count as varchar) || ' 行,减少 ' || cast(replacement.removed_count as varchar)
                || ' 行,变更 ' || cast(replacement.changed_count as varchar) || ' 行。'
        when judged.adds_to is not null
            then
                'adds: 只有同一批次文件“' || judged.adds_to || '”中未成功的行,两份一并读取。' || coalesce(judged.reason, '')
        else judged.reason
    end as reason,
    judged.file_date,
    judged.stated_date,
    judged.head_township
from judged
left join replacement
    on judged.file_name = replacement.file_name
