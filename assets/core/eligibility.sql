-- One row a person of the year's roll: who is insured by this fund? Bureau evidence and the township's class decide together;
-- what the roll itself contradicts is held until a reply settles it.
with evidence as (
    select
        person_no,
        'unidentified' as evidence
    from stage.person
    where person_id is null
    union all
    select
        person.person_no,
        'under_16' as evidence
    from stage.person
    cross join policy.year
    where person.entry_birthday_date > year.year_last_date
    union all
    select
        person.person_no,
        'aged_60_or_over' as evidence
    from stage.person
    cross join policy.year
    where person.end_birthday_date <= year.year_first_date
    union all
    select
        person_no,
        'in_school' as evidence
    from stage.person
    where schooling <> '非在校生'
    union all
    select
        person.person_no,
        register_evidence.evidence
    from stage.person
    inner join core.register_evidence
        on person.person_id = register_evidence.person_id
),

-- The first that fits is the reason. One that the vocabulary doesn't list comes before all others, and the store refuses it.
ranked_evidence as (
    select
        evidence.person_no,
        evidence.evidence,
        row_number() over (
            partition by evidence.person_no order by coalesce(listed.position, 0), evidence.evidence
        ) as position
    from evidence
    left join code.evidence as listed
        on evidence.evidence = listed.code
),

first_evidence as (
    select
        person_no,
        evidence
    from ranked_evidence
    where position = 1
),

-- A hold is lifted by the reply that settles it; confirming the state lifts every hold of the person.
settled_identity as (
    select distinct person_no
    from stage.applied_reply
    where answer = 'confirm_identity' and kind = 'id_with_two_names'
),

hold as (
    select
        roll_finding.person_id,
        max(case when roll_finding.kind = 'on_two_township_rolls' then 1 else 0 end) = 1 as is_on_two_rolls,
        max(
            case
                when roll_finding.kind = 'id_with_two_names' and settled_identity.person_no is null then 1
                else 0
            end
        ) = 1 as has_two_names
    from core.roll_finding
    left join settled_identity
        on roll_finding.person_id = settled_identity.person_no
    group by roll_finding.person_id
),

judged as (
    select
        person.person_no,
        first_evidence.evidence,
        classification_of_year.class,
        classification_of_year.class_reason,
        case
            when first_evidence.evidence is null and classification_of_year.class in ('返还', '代缴') then 'eligible'
            when classification_of_year.class in ('返还', '代缴') then 'unconfirmed'
            when first_evidence.evidence is not null or classification_of_year.class = '不符合' then 'excluded'
            else 'unconfirmed'
        end as state,
        case
            when first_evidence.evidence is null and classification_of_year.class in ('返还', '代缴') then null
            when classification_of_year.class in ('返还', '代缴') then 'classification_conflict'
            when first_evidence.evidence is not null then null
            when classification_of_year.class = '不符合' and classification_of_year.class_reason is null
                then 'exclusion_without_reason'
            when classification_of_year.class = '不符合' then null
            when classification_of_year.is_classified_twice then 'classified_twice'
            else 'unclassified'
        end as mismatch_kind,
        coalesce(hold.is_on_two_rolls, false) as is_on_two_rolls,
        coalesce(hold.has_two_names, false) as has_two_names
    from stage.person
    left join first_evidence
        on person.person_no = first_evidence.person_no
    left join core.classification_of_year
        on person.person_id = classification_of_year.person_id
    left join hold
        on person.person_id = hold.person_id
),

-- The township and the bureau have confirmed the person's state; the latest such reply counts.
confirmed as (
    select
        settled_person_no as person_no,
        answer,
        answer_value
    from stage.applied_reply
    where answer in ('confirm_eligible', 'confirm_excluded') and is_latest_of_person
)

select
    judged.person_no,
    judged.evidence,
    judged.class,
    judged.mismatch_kind,
    case
        when confirmed.answer = 'confirm_eligible' then 'eligible'
        when confirmed.answer = 'confirm_excluded' then 'excluded'
        when judged.is_on_two_rolls or judged.has_two_names then 'unconfirmed'
        else judged.state
    end as state,
    case
        when confirmed.answer = 'confirm_eligible' then null
        when confirmed.answer = 'confirm_excluded' then 'township:' || confirmed.answer_value
        when judged.is_on_two_rolls then 'on_two_township_rolls'
        when judged.has_two_names then 'id_with_two_names'
        when judged.state = 'unconfirmed' then judged.mismatch_kind
        when judged.state = 'eligible' then null
        when judged.evidence is not null then judged.evidence
        else 'township:' || coalesce(judged.class_reason, 'unstated')
    end as state_reason
from judged
left join confirmed
    on judged.person_no = confirmed.person_no
