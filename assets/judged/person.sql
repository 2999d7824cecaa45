-- One row a person of the year's roll: everybody who is in at least one snapshot of the year. Township, village, household,
-- name and schooling come from the latest snapshot that has the person.
with latest as (
    select
        person_no,
        max(snapshot_date) as snapshot_date
    from stage.person_row
    group by person_no
),

latest_row as (
    select person_row.*
    from stage.person_row
    inner join latest
        on person_row.person_no = latest.person_no and person_row.snapshot_date = latest.snapshot_date
),

-- Nearly everybody has one row there.
several as (
    select person_no
    from latest_row
    group by person_no
    having count(*) > 1
),

-- Of several rows the first by township (a known one before an unknown), village, name, schooling, household as text.
ranked as (
    select
        latest_row.*,
        1 as position
    from latest_row
    left join several
        on latest_row.person_no = several.person_no
    where several.person_no is null
    union all
    select
        latest_row.*,
        row_number() over (
            partition by latest_row.person_no
            order by
                case when latest_row.township_code = '000000000' then 1 else 0 end,
                latest_row.township_code,
                coalesce(latest_row.village, ''),
                coalesce(latest_row.name, ''),
                coalesce(latest_row.schooling, ''),
                coalesce(latest_row.household_no, ''),
                latest_row.file_number,
                coalesce(latest_row.sheet, ''),
                latest_row.row_number
        ) as position
    from latest_row
    inner join several
        on latest_row.person_no = several.person_no
),

chosen as (
    select
        ranked.*,
        identity_number.birth_date,
        cast(extract(year from identity_number.birth_date) as integer) as birth_year
    from ranked
    left join core.identity_number
        on ranked.person_id = identity_number.id_text
    where ranked.position = 1
),

-- Who was born on 29 February has his birthday on 1 March in other years: the date that doesn't exist gives way to it.
birthday as (
    select
        chosen.*,
        substr(cast(chosen.birth_date as varchar), 5) as birth_month_and_day,
        chosen.birth_year + year.age_from as entry_year,
        chosen.birth_year + year.age_below as end_year
    from chosen
    cross join policy.year
),

aged as (
    select
        birthday.*,
        coalesce(
            try_cast(cast(entry_year as varchar) || birth_month_and_day as date), make_date(entry_year, 3, 1)
        ) as entry_birthday_date,
        coalesce(
            try_cast(cast(end_year as varchar) || birth_month_and_day as date), make_date(end_year, 3, 1)
        ) as end_birthday_date
    from birthday
)

select
    aged.person_no,
    aged.person_id,
    keyed_hash(year.secret, aged.person_no) as person_key,
    masked_id(coalesce(aged.person_id, aged.id_text)) as id_masked,
    masked_name(aged.name) as name_masked,
    aged.id_text,
    aged.id_problem,
    aged.name,
    aged.name_key,
    aged.township_code,
    village_alias.village_code,
    aged.village,
    aged.household_no,
    aged.schooling,
    aged.schooling_says,
    aged.birth_date,
    aged.birth_year,
    aged.entry_birthday_date,
    aged.end_birthday_date,
    aged.snapshot_date,
    aged.row_key,
    aged.file_name,
    aged.file_number,
    aged.sheet,
    aged.row_number
from aged
left join policy.village_alias
    on
        aged.township_code = village_alias.township_code
        and spelling(aged.village) = village_alias.alias
cross join policy.year
