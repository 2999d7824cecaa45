-- One row a person and kind of finding within a snapshot of the roll, at the row that shows it: the same ID twice, in two
-- townships, or with two names. Only rows with a valid ID of their own are compared: the others are matched to nothing.
-- All of them show in persons who stand several times in one snapshot, who are few.
with several as (
    select
        person_id,
        snapshot_date
    from core.roll_row
    where person_id is not null
    group by person_id, snapshot_date
    having count(*) > 1
),

identified as (
    select roll_row.*
    from core.roll_row
    inner join several
        on roll_row.person_id = several.person_id and roll_row.snapshot_date = several.snapshot_date
),

two_townships as (
    select
        person_id,
        snapshot_date
    from identified
    group by person_id, snapshot_date
    having min(township_code) <> max(township_code)
),

spelling as (
    select distinct
        person_id,
        snapshot_date,
        name_key
    from identified
),

-- Two names that differ in a character that both give; a character that can't be read (?) agrees with any other.
two_names as (
    select distinct
        one.person_id,
        one.snapshot_date,
        one.name_key
    from spelling as one
    inner join spelling as other
        on
            one.person_id = other.person_id
            and one.snapshot_date = other.snapshot_date
            and one.name_key <> other.name_key
    left join core.unreadable_name as agreeing
        on one.name_key = agreeing.name_key and other.name_key = agreeing.other_name_key
    where agreeing.name_key is null
),

showing as (
    -- The same ID twice with the same name and township.
    select distinct
        'duplicate_on_roll' as kind,
        identified.*
    from identified
    inner join identified as other
        on
            identified.person_id = other.person_id
            and identified.snapshot_date = other.snapshot_date
            and identified.township_code = other.township_code
            and identified.row_key <> other.row_key
    left join core.unreadable_name as agreeing
        on identified.name_key = agreeing.name_key and other.name_key = agreeing.other_name_key
    where identified.name_key = other.name_key or agreeing.name_key is not null
    union all
    select
        'on_two_township_rolls' as kind,
        identified.*
    from identified
    inner join two_townships
        on identified.person_id = two_townships.person_id and identified.snapshot_date = two_townships.snapshot_date
    union all
    select
        'id_with_two_names' as kind,
        identified.*
    from identified
    inner join two_names
        on
            identified.person_id = two_names.person_id
            and identified.snapshot_date = two_names.snapshot_date
            and identified.name_key = two_names.name_key
),

-- The row of the latest snapshot that shows it; of several the first in the order of the roll.
ranked as (
    select
        showing.*,
        row_number() over (
            partition by kind, person_id
            order by
                snapshot_date desc,
                case when township_code = '000000000' then 1 else 0 end,
                township_code,
                coalesce(village, ''),
                coalesce(name, ''),
                coalesce(schooling, ''),
                coalesce(household_no, ''),
                file_number,
                coalesce(sheet, ''),
                row_number
        ) as position
    from showing
)

select
    kind,
    person_id,
    row_key,
    file_name,
    sheet,
    row_number
from ranked
where position = 1
