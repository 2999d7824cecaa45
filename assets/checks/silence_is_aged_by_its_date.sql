-- judges: mart.capacity_silence
-- Silent persons stand under the age of their classification on the day of the newest list.
with newest as (
    select coalesce(min(year.as_of), max(source_file.file_date)) as list_date
    from policy.year
    left join mart.source_file
        on source_file.source in ('bank_returns', 'tax_returns') and source_file.status = 'read'
),

bound as (
    select
        age.batch_age,
        age.first_day,
        age.last_day
    from (
        values ('0-30', -100000, 30), ('31-90', 31, 90), ('91-180', 91, 180), ('over 180', 181, 100000)
    ) as age (batch_age, first_day, last_day)
),

expected as (
    select
        person_year.township_code,
        coalesce(bound.batch_age, 'undated') as batch_age,
        count(*) as person_count
    from core.person_year
    inner join core.person
        on person_year.person_key = person.person_key
    left join core.classification_of_year
        on person.person_id = classification_of_year.person_id
    cross join newest
    left join bound
        on
            date_diff('day', classification_of_year.verified_date, newest.list_date) between bound.first_day
            and bound.last_day
    where person_year.uncovered_reason = 'silent'
    group by person_year.township_code, coalesce(bound.batch_age, 'undated')
),

published as (
    select
        township_code,
        batch_age,
        sum(person_count) as person_count
    from mart.capacity_silence
    group by township_code, batch_age
)

select
    coalesce(published.township_code, expected.township_code) as township_code,
    coalesce(published.batch_age, expected.batch_age) as batch_age,
    published.person_count,
    expected.person_count as expected_count
from published
full outer join expected
    on published.township_code = expected.township_code and published.batch_age = expected.batch_age
where published.person_count is distinct from expected.person_count
