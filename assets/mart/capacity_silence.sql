-- One row a year, township, village and age of the batch: eligible persons of whom no list says anything, by the days from the
-- verification with which their township reported them to the newest returned list. Only where there are such persons.
with newest_list as (
    select coalesce(max(year.as_of), max(file_status.file_date)) as list_date
    from policy.year
    left join core.file_status
        on file_status.source in ('bank_returns', 'tax_returns') and file_status.status = 'read'
),

silent as (
    select
        person.township_code,
        person.village_code,
        date_diff('day', classification_of_year.verified_date, newest_list.list_date) as day_count
    from core.uncovered_reason
    inner join core.person
        on uncovered_reason.person_no = person.person_no
    left join core.classification_of_year
        on person.person_id = classification_of_year.person_id
    cross join newest_list
    where uncovered_reason.uncovered_reason = 'silent'
),

aged as (
    select
        township_code,
        village_code,
        case
            when day_count is null then 'undated'
            when day_count <= 30 then '0-30'
            when day_count <= 90 then '31-90'
            when day_count <= 180 then '91-180'
            else 'over 180'
        end as batch_age
    from silent
)

select
    aged.township_code,
    township_of_year.township_name,
    aged.village_code,
    village.village_name,
    aged.batch_age,
    count(*) as person_count
from aged
inner join core.township_of_year
    on aged.township_code = township_of_year.township_code
left join policy.village
    on aged.village_code = village.village_code
group by aged.township_code, township_of_year.township_name, aged.village_code, village.village_name, aged.batch_age
