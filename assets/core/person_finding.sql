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
        person_state.mismatch_kind as kind,
        person.person_no,
        person.row_key,
        person.file_name,
        person.sheet,
        person.row_number
    from stated.person_state
    inner join stated.person
        on person_state.person_no = person.person_no
    where person_state.mismatch_kind = 'unclassified'
),

-- The first row that shows something unreadable, by file, sheet and row.
unreadable_row as (
    select
        person.person_no,
        unreadable_evidence.row_key,
        unreadable_evidence.file_name,
        unreadable_evidence.file_number,
        unreadable_evidence.sheet,
        unreadable_evidence.row_number,
        unreadable_evidence.stated_in
    from core.unreadable_evidence
    inner join stated.person
        on unreadable_evidence.person_id = person.person_id
    union all
    select
        person_no,
        row_key,
        file_name,
        file_number,
        sheet,
        row_number,
        '建档立卡名单的在校生状况' as stated_in
    from stated.person
    where schooling_says = 'unknown'
),

first_unreadable as (
    select
        unreadable_row.*,
        row_number() over (
            partition by person_no order by file_number, coalesce(sheet, ''), row_number, row_key
        ) as position
    from unreadable_row
),

-- The register's row of the day on which the first evidence began to hold.
first_evidence as (
    select
        person.person_no,
        register_evidence.row_key,
        register_evidence.file_name,
        register_evidence.sheet,
        register_evidence.row_number,
        register_evidence.from_date,
        evidence.chinese,
        row_number() over (
            partition by person.person_no
            order by
                register_evidence.from_date,
                register_evidence.file_number,
                coalesce(register_evidence.sheet, ''),
                register_evidence.row_number,
                evidence.position
        ) as position
    from core.register_evidence
    inner join stated.person
        on register_evidence.person_id = person.person_id
    left join code.evidence
        on register_evidence.evidence = evidence.code
),

-- Two valid IDs under one number of a member, at its first row in the latest snapshot that has it.
member_twice as (
    select
        member_no,
        max(snapshot_date) as snapshot_date
    from core.roll_row
    where member_no is not null
    group by member_no
    having count(distinct person_id) > 1
),

member_row as (
    select
        roll_row.*,
        row_number() over (
            partition by roll_row.member_no
            order by
                case when roll_row.township_code = '000000000' then 1 else 0 end,
                roll_row.township_code,
                coalesce(roll_row.village, ''),
                coalesce(roll_row.name, ''),
                coalesce(roll_row.schooling, ''),
                coalesce(roll_row.household_no, ''),
                roll_row.file_number,
                coalesce(roll_row.sheet, ''),
                roll_row.row_number
        ) as position
    from core.roll_row
    inner join member_twice
        on roll_row.member_no = member_twice.member_no and roll_row.snapshot_date = member_twice.snapshot_date
),

-- The first row of the latest verification stands for what a township reported of a person.
latest_verification as (
    select
        classification_row.*,
        row_number() over (
            partition by classification_row.person_id
            order by
                classification_row.file_number,
                coalesce(classification_row.sheet, ''),
                classification_row.row_number
        ) as position
    from core.classification_row
    inner join core.classification_of_year
        on
            classification_row.person_id = classification_of_year.person_id
            and classification_row.verified_date = classification_of_year.verified_date
),

found_of_person as (
    select
        kind,
        person_no,
        cast(null as varchar) as expected_value,
        cast(null as varchar) as found_value,
        row_key,
        file_name,
        sheet,
        row_number
    from roll_finding
    union all
    select
        'evidence_unreadable' as kind,
        eligibility.person_no,
        cast(null as varchar) as expected_value,
        first_unreadable.stated_in || '中有不能识别的内容' as found_value,
        first_unreadable.row_key,
        first_unreadable.file_name,
        first_unreadable.sheet,
        first_unreadable.row_number
    from stated.eligibility
    inner join first_unreadable
        on eligibility.person_no = first_unreadable.person_no and first_unreadable.position = 1
    where eligibility.is_evidence_unreadable
    union all
    select
        'changed_after_payment' as kind,
        person_state.person_no,
        cast(null as varchar) as expected_value,
        cast(first_evidence.from_date as varchar) || ' 起' || first_evidence.chinese as found_value,
        first_evidence.row_key,
        first_evidence.file_name,
        first_evidence.sheet,
        first_evidence.row_number
    from stated.person_state
    inner join first_evidence
        on person_state.person_no = first_evidence.person_no and first_evidence.position = 1
    where person_state.is_paid_before_evidence
    union all
    select
        person_state.mismatch_kind as kind,
        person_state.person_no,
        evidence.chinese as expected_value,
        person_state.class as found_value,
        latest_verification.row_key,
        latest_verification.file_name,
        latest_verification.sheet,
        latest_verification.row_number
    from stated.person_state
    inner join stated.person
        on person_state.person_no = person.person_no
    inner join stated.eligibility
        on person_state.person_no = eligibility.person_no
    inner join latest_verification
        on person.person_id = latest_verification.person_id and latest_verification.position = 1
    left join code.evidence
        on eligibility.evidence = evidence.code
    where person_state.mismatch_kind <> 'unclassified'
)

select
    found_of_person.kind,
    'person' as subject,
    person.person_no,
    person.person_id,
    person.id_text,
    person.name,
    person.township_code,
    cast(null as varchar) as channel,
    cast(null as decimal(18, 2)) as amount_yuan,
    found_of_person.row_key,
    found_of_person.file_name,
    found_of_person.sheet,
    found_of_person.row_number,
    cast(null as varchar) as account,
    false as is_warning,
    found_of_person.expected_value,
    found_of_person.found_value,
    found_of_person.kind || '|' || found_of_person.person_no as fact
from found_of_person
inner join stated.person
    on found_of_person.person_no = person.person_no
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
    cast(null as varchar) as account,
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
    cast(null as varchar) as account,
    true as is_warning,
    cast(null as varchar) as expected_value,
    cast(null as varchar) as found_value,
    concat_ws(
        '|', id_problem, 'classification', township_code, coalesce(village, ''), coalesce(name_key, ''), coalesce(id_text, ''),
        class, cast(verified_date as varchar)
    ) as fact
from core.classification_row
where id_problem is not null
union all
select
    'member_with_two_ids' as kind,
    'person' as subject,
    person.person_no,
    member_row.person_id,
    member_row.id_text,
    member_row.name,
    member_row.township_code,
    cast(null as varchar) as channel,
    cast(null as decimal(18, 2)) as amount_yuan,
    member_row.row_key,
    member_row.file_name,
    member_row.sheet,
    member_row.row_number,
    cast(null as varchar) as account,
    true as is_warning,
    cast(null as varchar) as expected_value,
    cast(null as varchar) as found_value,
    'member_with_two_ids|' || member_row.member_no as fact
from member_row
left join stated.person
    on member_row.stated_person_no = person.person_no
where member_row.position = 1
