-- One row a list of a batch: the rows of one file, batch number and township. Of several lists of a batch the later one replaces
-- all that stand, unless it holds only lines (by ID and amount) that are there and no success there: then it adds to them. A
-- list without a batch number or without any township stands alone. Later is what was made later, where both say when; else
-- what sorts later. Where that is no order, since some say nothing, a list stands behind as many as it is later than.
with recursive list as (
    select distinct
        file_content.file_name,
        file_content.file_number,
        file_content.made_at,
        file_content.made_at_has_hour,
        batch_line.batch_no,
        batch_line.place
    from core.batch_line
    inner join core.file_content
        on batch_line.file_name = file_content.file_name and file_content.status = 'read'
    where batch_line.place <> ''
),

compared as (
    select
        one.*,
        other.file_name as other_file_name,
        case
            when cast(one.made_at as date) <> cast(other.made_at as date) then one.made_at > other.made_at
            when one.made_at_has_hour and other.made_at_has_hour and one.made_at <> other.made_at
                then one.made_at > other.made_at
            else one.file_number > other.file_number
        end as is_after
    from list as one
    inner join list as other
        on one.batch_no = other.batch_no and one.place = other.place
),

counted as (
    select
        file_name,
        file_number,
        batch_no,
        place,
        sum(case when is_after then 1 else 0 end) as earlier_count
    from compared
    group by file_name, file_number, batch_no, place
),

ordered as (
    select
        file_name,
        batch_no,
        place,
        cast(
            row_number() over (partition by batch_no, place order by earlier_count, file_number) as integer
        ) as position
    from counted
),

-- The lines of the batches that came again, by ID and amount.
line as (
    select
        ordered.batch_no,
        ordered.place,
        ordered.position,
        batch_line.id_key,
        batch_line.amount_key,
        max(case when batch_line.outcome = 'success' then 1 else 0 end) as is_success
    from ordered
    inner join core.batch_line
        on
            ordered.file_name = batch_line.file_name
            and ordered.batch_no = batch_line.batch_no
            and ordered.place = batch_line.place
    where
        exists (
            select 1
            from ordered as second
            where second.position = 2 and ordered.batch_no = second.batch_no and ordered.place = second.place
        )
    group by ordered.batch_no, ordered.place, ordered.position, batch_line.id_key, batch_line.amount_key
),

-- Where a line of a list was last found before it, and where it last was a success.
line_before as (
    select
        line.batch_no,
        line.place,
        line.position,
        line.id_key,
        line.amount_key,
        max(coalesce(earlier.position, 0)) as last_position,
        max(case when earlier.is_success = 1 then earlier.position else 0 end) as last_success_position
    from line
    left join line as earlier
        on
            line.batch_no = earlier.batch_no
            and line.place = earlier.place
            and line.id_key = earlier.id_key
            and line.amount_key = earlier.amount_key
            and line.position > earlier.position
            -- A line without an ID or an amount is no other line.
            and line.id_key <> ''
            and line.amount_key <> ''
    group by line.batch_no, line.place, line.position, line.id_key, line.amount_key
),

-- A list adds to standing lists that begin behind the last success of its lines, and not behind any of its lines.
bound as (
    select
        batch_no,
        place,
        position,
        min(last_position) as latest_start,
        max(last_success_position) as success_position
    from line_before
    group by batch_no, place, position
),

standing as (
    select
        batch_no,
        place,
        position,
        position as start_position
    from bound
    where position = 1
    union all
    select
        bound.batch_no,
        bound.place,
        bound.position,
        case
            when standing.start_position > bound.success_position and standing.start_position <= bound.latest_start
                then standing.start_position
            else bound.position
        end as start_position
    from standing
    inner join bound
        on
            standing.batch_no = bound.batch_no
            and standing.place = bound.place
            and standing.position + 1 = bound.position
),

last_start as (
    select
        batch_no,
        place,
        max(start_position) as start_position
    from standing
    group by batch_no, place
),

-- Who replaced a list is the first that began anew after it.
next_start as (
    select
        ordered.file_name,
        ordered.batch_no,
        ordered.place,
        min(standing.start_position) as start_position
    from ordered
    inner join standing
        on
            ordered.batch_no = standing.batch_no
            and ordered.place = standing.place
            and ordered.position < standing.start_position
    group by ordered.file_name, ordered.batch_no, ordered.place
)

select
    ordered.file_name,
    ordered.batch_no,
    ordered.place,
    ordered.position,
    coalesce(ordered.position >= last_start.start_position, true) as is_standing,
    replacing.file_name as replaced_by,
    added_to.file_name as adds_to
from ordered
left join last_start
    on ordered.batch_no = last_start.batch_no and ordered.place = last_start.place
left join next_start
    on
        ordered.file_name = next_start.file_name
        and ordered.batch_no = next_start.batch_no
        and ordered.place = next_start.place
left join ordered as replacing
    on
        next_start.batch_no = replacing.batch_no
        and next_start.place = replacing.place
        and next_start.start_position = replacing.position
left join standing
    on
        ordered.batch_no = standing.batch_no
        and ordered.place = standing.place
        and ordered.position = standing.position
        and ordered.position > standing.start_position
left join ordered as added_to
    on
        standing.batch_no = added_to.batch_no
        and standing.place = added_to.place
        and standing.start_position = added_to.position
