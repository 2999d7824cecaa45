-- One row a mismatch of the roll, the classification or the bureau's evidence, before any reply. One per person and kind; for
-- classification rows without a valid ID one per row.
with roll_finding as (
    select
        roll_finding.kind,
        person.person_no,
        roll_finding.row_key,
        roll_finding.file_name,
        roll_finding.sheet,
        roll_finding.row_number
    from core.roll_finding
    inner join stated.person
        on roll_finding.person_id = person.person_id
    union all
    select
        id_problem as kind,
        person_no,
        row_key,
        file_name,
        sheet,
        row_number
    from stated.person
    where person_id is null
    union all
    select
        'unknown_township' as kind,
        person_no,
        row_key,
        file_name,
        sheet,
        row_number
    from stated.person
    where township_code = '000000000'
    union all
    select
        eligibility.mismatch_kind as kind,
        person.person_no,
        person.row_key,
        person.file_name,
        person.sheet,
        person.row_number
    from stated.eligibility
    inner join stated.person
        on eligibility.person_no = person.person_no
    where eligibility.mismatch_kind = 'unclassified'
),

-- The first row of the latest verification stands for what a township reported of a person.
latest_verification as (
    select
        classification_row.*,
        row_number() over (
            partition by classification_row.person_id
            order by
                classification_row.file_name,
                coalesce(classification_row.sheet, ''),
                classification_row.row_number
        ) as position
    from core.classification_row
    inner join core.classification_of_year
        on
            classification_row.person_id = classification_of_year.person_id
            and classification_row.verified_date = classification_of_year.verified_date
),

about_person as (
    select
        roll_finding.kind,
        person.person_no,
        person.person_id,
        person.id_text,
        person.name,
        person.township_code,
        eligibility.evidence,
        eligibility.class,
        roll_finding.row_key,
        roll_finding.file_name,
        roll_finding.sheet,
        roll_finding.row_number
    from roll_finding
    inner join stated.person
        on roll_finding.person_no = person.person_no
    inner join stated.eligibility
        on roll_finding.person_no = eligibility.person_no
    union all
    select
        eligibility.mismatch_kind as kind,
        person.person_no,
        person.person_id,
        person.id_text,
        person.name,
        person.township_code,
        eligibility.evidence,
        eligibility.class,
        latest_verification.row_key,
        latest_verification.file_name,
        latest_verification.sheet,
        latest_verification.row_number
    from stated.eligibility
    inner join stated.person
        on eligibility.person_no = person.person_no
    inner join latest_verification
        on person.person_id = latest_verification.person_id and latest_verification.position = 1
    where eligibility.mismatch_kind in ('classification_conflict', 'classified_twice', 'exclusion_without_reason')
)

select
    about_person.kind,
    'person' as subject,
    about_person.person_no,
    about_person.person_id,
    about_person.id_text,
    about_person.name,
    about_person.township_code,
    cast(null as varchar) as channel,
    cast(null as decimal(18, 2)) as amount_yuan,
    about_person.row_key,
    about_person.file_name,
    about_person.sheet,
    about_person.row_number,
    false as is_warning,
    evidence.chinese as expected_value,
    about_person.class as found_value,
    about_person.kind || '|' || about_person.person_no as fact
from about_person
left join code.evidence
    on about_person.evidence = evidence.code
union all
select
    'classified_not_on_roll' as kind,
    'classification' as subject,
    cast(null as varchar) as person_no,
    latest_verification.person_id,
    latest_verification.id_text,
    latest_verification.name,
    latest_verification.township_code,
    cast(null as varchar) as channel,
    cast(null as decimal(18, 2)) as amount_yuan,
    latest_verification.row_key,
    latest_verification.file_name,
    latest_verification.sheet,
    latest_verification.row_number,
    true as is_warning,
    cast(null as varchar) as expected_value,
    cast(null as varchar) as found_value,
    'classified_not_on_roll|' || latest_verification.person_id as fact
from latest_verification
left join stated.person
    on latest_verification.person_id = person.person_id
where latest_verification.position = 1 and person.person_id is null
union all
select
    id_problem as kind,
    'classification' as subject,
    cast(null as varchar) as person_no,
    cast(null as varchar) as person_id,
    id_text,
    name,
    township_code,
    cast(null as varchar) as channel,
    cast(null as decimal(18, 2)) as amount_yuan,
    row_key,
    file_name,
    sheet,
    row_number,
    true as is_warning,
    cast(null as varchar) as expected_value,
    cast(null as varchar) as found_value,
    concat_ws(
        '|', id_problem, 'classification', township_code, coalesce(village, ''), coalesce(name_key, ''), coalesce(id_text, ''),
        class, cast(verified_date as varchar)
    ) as fact
from core.classification_row
where id_problem is not null
