-- One row a person of the year's roll: who is insured by this fund? Bureau evidence and the township's class decide together;
-- what the roll itself contradicts, and evidence that can't be read, is held until a reply settles it.
with stated_evidence as (
    select
        person_no,
        'unidentified' as evidence,
        cast(null as date) as from_date
    from stage.person
    where person_id is null
    union all
    select
        person.person_no,
        'under_16' as evidence,
        cast(null as date) as from_date
    from stage.person
    cross join policy.year
    where person.entry_birthday_date > year.year_last_date
    union all
    select
        person.person_no,
        'aged_60_or_over' as evidence,
        cast(null as date) as from_date
    from stage.person
    cross join policy.year
    where person.end_birthday_date <= year.year_first_date
    union all
    select
        person_no,
        'in_school' as evidence,
        cast(null as date) as from_date
    from stage.person
    where schooling_says = 'at_school'
    union all
    select
        person.person_no,
        register_evidence.evidence,
        register_evidence.from_date
    from stage.person
    inner join core.register_evidence
        on person.person_id = register_evidence.person_id
),

-- The first that fits is the reason. One that the vocabulary doesn't list comes before all others, and the store refuses it.
ranked_evidence as (
    select
        stated_evidence.person_no,
        stated_evidence.evidence,
        row_number() over (
            partition by stated_evidence.person_no order by coalesce(listed.position, 0), stated_evidence.evidence
        ) as position
    from stated_evidence
    left join code.evidence as listed
        on stated_evidence.evidence = listed.code
),

-- The day on which the first evidence begins to hold, where none holds all year.
first_day as (
    select
        person_no,
        min(from_date) as from_date
    from stated_evidence
    group by person_no
    having count(from_date) = count(*)
),

-- The latest verification before that day; where there is none, the latest of all counts.
latest_before as (
    select
        person.person_no,
        person.person_id,
        max(classification_row.verified_date) as verified_date
    from stage.person
    inner join first_day
        on person.person_no = first_day.person_no
    inner join core.classification_row
        on person.person_id = classification_row.person_id and classification_row.verified_date < first_day.from_date
    group by person.person_no, person.person_id
),

class_before as (
    select
        latest_before.person_no,
        case when min(classification_row.class) = max(classification_row.class) then min(classification_row.class) end as class
    from latest_before
    inner join core.classification_row
        on
            latest_before.person_id = classification_row.person_id
            and latest_before.verified_date = classification_row.verified_date
    group by latest_before.person_no
),

unreadable as (
    select person.person_no
    from stage.person
    inner join core.unreadable_evidence
        on person.person_id = unreadable_evidence.person_id
    union
    select person_no
    from stage.person
    where schooling_says = 'unknown'
),

known as (
    select
        person.person_no,
        person.person_id,
        ranked_evidence.evidence,
        first_day.from_date,
        classification_of_year.class,
        classification_of_year.class_reason,
        coalesce(classification_of_year.is_classified_twice, false) as is_classified_twice,
        latest_class.channel as class_channel,
        case when latest_before.person_no is null then latest_class.channel else earlier_class.channel end as channel_before,
        ranked_evidence.evidence is null and unreadable.person_no is not null as is_evidence_unreadable
    from stage.person
    left join ranked_evidence
        on person.person_no = ranked_evidence.person_no and ranked_evidence.position = 1
    left join first_day
        on person.person_no = first_day.person_no
    left join core.classification_of_year
        on person.person_id = classification_of_year.person_id
    left join code.class as latest_class
        on classification_of_year.class = latest_class.code
    left join latest_before
        on person.person_no = latest_before.person_no
    left join class_before
        on person.person_no = class_before.person_no
    left join code.class as earlier_class
        on class_before.class = earlier_class.code
    left join unreadable
        on person.person_no = unreadable.person_no
),

-- A class that pays has a channel.
judged as (
    select
        known.*,
        case
            when evidence is null and class_channel is not null then null
            when class_channel is not null then 'classification_conflict'
            when evidence is not null then null
            when class is not null and class_reason is null then 'exclusion_without_reason'
            when class is not null then null
            when is_classified_twice then 'classified_twice'
            else 'unclassified'
        end as mismatch_kind
    from known
),

-- A hold of the roll is lifted by the reply that settles it; confirming the state lifts every hold of the person.
settled_identity as (
    select distinct person_no
    from stage.applied_reply
    where answer = 'confirm_identity' and kind = 'id_with_two_names'
),

roll_hold as (
    select
        judged.person_no,
        roll_finding.kind as reason
    from judged
    inner join core.roll_finding
        on judged.person_id = roll_finding.person_id
    left join settled_identity
        on roll_finding.person_id = settled_identity.person_no and roll_finding.kind = 'id_with_two_names'
    where settled_identity.person_no is null
),

hold as (
    select
        person_no,
        reason
    from roll_hold
    union all
    select
        person_no,
        'evidence_unreadable' as reason
    from judged
    where is_evidence_unreadable
    union all
    select
        person_no,
        mismatch_kind as reason
    from judged
    where mismatch_kind is not null
),

-- Only what the vocabulary lists as a reason of the state holds; the first of them is the reason.
ranked_hold as (
    select
        hold.person_no,
        hold.reason,
        row_number() over (partition by hold.person_no order by state_reason.position, hold.reason) as position
    from hold
    inner join code.state_reason
        on hold.reason = state_reason.code and state_reason.state = 'unconfirmed'
),

held_by_roll as (
    select distinct roll_hold.person_no
    from roll_hold
    inner join code.state_reason
        on roll_hold.reason = state_reason.code and state_reason.state = 'unconfirmed'
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
    judged.is_evidence_unreadable,
    -- What is paid before this day is judged without the evidence; who is confirmed or held is so all year.
    case
        when confirmed.person_no is null and held_by_roll.person_no is null and judged.channel_before is not null
            then judged.from_date
    end as evidence_from_date,
    case
        when confirmed.answer = 'confirm_eligible' then 'eligible'
        when confirmed.answer = 'confirm_excluded' then 'excluded'
        when ranked_hold.reason is not null then 'unconfirmed'
        when judged.evidence is not null or judged.class_channel is null then 'excluded'
        else 'eligible'
    end as state,
    case
        when confirmed.answer = 'confirm_eligible' then null
        when confirmed.answer = 'confirm_excluded' then 'township:' || confirmed.answer_value
        when ranked_hold.reason is not null then ranked_hold.reason
        when judged.evidence is not null then judged.evidence
        when judged.class_channel is null then 'township:' || coalesce(judged.class_reason, 'unstated')
    end as state_reason
from judged
left join ranked_hold
    on judged.person_no = ranked_hold.person_no and ranked_hold.position = 1
left join held_by_roll
    on judged.person_no = held_by_roll.person_no
left join confirmed
    on judged.person_no = confirmed.person_no
