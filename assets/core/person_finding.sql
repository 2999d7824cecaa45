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
    case about_person.kind
        when 'duplicate_on_roll' then '同一人在一期名单内只有一行'
        when 'on_two_township_rolls' then '同一人在一期名单内只属于一个乡镇'
        when 'id_with_two_names' then '同一证件号只有一个姓名'
        when 'unknown_township' then '本年有效的乡镇名称'
        when 'unclassified' then '返还、代缴或不符合'
        when 'classified_twice' then '同一核查日期只有一种分类'
        when 'exclusion_without_reason' then '不符合的原因'
        when 'classification_conflict' then '不符合(' || reason.chinese || ')'
        else '有效的18位身份证号'
    end as expected,
    case about_person.kind
        when 'duplicate_on_roll' then '同一期名单内有两行以上'
        when 'on_two_township_rolls' then '同一期名单内有两个乡镇'
        when 'id_with_two_names' then '同一期名单内有两个姓名'
        when 'unknown_township' then '乡镇名称不在本年区划之内'
        when 'unclassified' then '没有分类'
        when 'classified_twice' then '同一核查日期有两种分类'
        when 'exclusion_without_reason' then '没有原因'
        when 'classification_conflict' then about_person.class
        when 'id_precision_lost' then '证件号以数值存储,末位已丢失'
        else '证件号无效或为空'
    end as found,
    about_person.kind || '|' || about_person.person_no as fact
from about_person
left join policy.reason
    on about_person.evidence = reason.reason
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
    '本年名单内的人员' as expected,
    '本年各期名单均无此人' as found,
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
    '有效的18位身份证号' as expected,
    case when id_problem = 'id_precision_lost' then '证件号以数值存储,末位已丢失' else '证件号无效或为空' end as found,
    concat_ws(
        '|', id_problem, 'classification', township_code, coalesce(village, ''), coalesce(name_key, ''), coalesce(id_text, ''),
        class, cast(verified_date as varchar)
    ) as fact
from core.classification_row
where id_problem is not null
