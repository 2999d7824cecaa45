-- One row a returned line: exactly one disposition, the first that fits, and the first test that a live success fails.
with line as (
    select
        return_row.*,
        line_person.person_id as meant_person_id,
        line_person.is_confirmed,
        line_pairing.other_row_key,
        person.person_no,
        person.township_code as roll_township_code,
        person.end_birthday_date,
        return_row.outcome = 'success' and not return_row.is_self_paid and line_pairing.row_key is null as is_live
    from core.return_row
    inner join stage.line_person
        on return_row.row_key = line_person.row_key
    left join stage.line_pairing
        on return_row.row_key = line_pairing.row_key
    left join stage.person
        on line_person.person_id = person.person_id
),

-- Every name that the latest snapshot has for the person.
roll_name as (
    select distinct
        person_row.person_id,
        person_row.name_key
    from stage.person_row
    inner join stage.person
        on person_row.person_no = person.person_no and person_row.snapshot_date = person.snapshot_date
    where person_row.person_id is not null
),

compared_name as (
    select
        line.row_key,
        max(case when line.name_key = roll_name.name_key and line.name_key not like '%?%' then 1 else 0 end) = 1 as is_same,
        max(case when unreadable_name.name_key is not null then 1 else 0 end) = 1 as is_unreadable
    from line
    inner join roll_name
        on line.meant_person_id = roll_name.person_id
    left join core.unreadable_name
        on line.name_key = unreadable_name.name_key and roll_name.name_key = unreadable_name.other_name_key
    where line.is_live
    group by line.row_key
),

-- On the channel the last line of a person that may have taken money back: in a word that nobody knows, or in a row that can't
-- be read. One without a date may be later than any.
unclear as (
    select
        channel,
        meant_person_id as person_id,
        paid_date
    from line
    where outcome = 'unrecognised' and not is_self_paid and meant_person_id is not null
    union all
    select
        channel,
        person_id,
        paid_date
    from core.quarantined_return
),

last_unclear as (
    select
        channel,
        person_id,
        max(coalesce(paid_date, cast('9999-12-31' as date))) as last_date
    from unclear
    group by channel, person_id
),

-- Refunds before which the person had paid himself, and had not been given it back.
self_paid_before as (
    select distinct line.row_key
    from line
    inner join stage.self_payment
        on line.meant_person_id = self_payment.person_id
    where
        line.channel = 'refund'
        and self_payment.self_paid_date <= line.paid_date
        and coalesce(self_payment.given_back_date > line.paid_date, true)
),

register_of_year as (
    select count(*) > 0 as is_there
    from core.file_status
    where source = 'pension_register' and status = 'read'
),

tested as (
    select
        line.row_key,
        line.channel,
        line.paid_date,
        line.line_order,
        line.person_no,
        compared_name.is_unreadable and not compared_name.is_same and not line.is_confirmed as is_name_unreadable,
        coalesce(line.paid_date < eligibility.evidence_from_date, false) as is_before_evidence,
        case
            when line.id_problem is not null and not line.is_confirmed then line.id_problem
            when line.person_no is null then 'not_on_roll'
            when not line.is_confirmed and not coalesce(compared_name.is_same or compared_name.is_unreadable, false)
                then 'name_mismatch'
        end as failed_identity,
        case
            when eligibility.state = 'excluded' then 'paid_ineligible'
            when eligibility.state = 'unconfirmed' then 'paid_unconfirmed'
        end as failed_state,
        case
            when line.amount_yuan <> year.premium_yuan then 'amount_mismatch'
            when
                line.paid_date < year.window_first_date
                or line.paid_date > year.window_last_date
                or line.period_from_date < year.year_first_date
                or line.period_from_date > year.year_last_date
                or line.period_to_date < year.year_first_date
                or line.period_to_date > year.year_last_date
                then 'outside_window'
            when line.paid_date >= line.end_birthday_date then 'paid_after_60'
            when line.channel = 'refund' and register_of_year.is_there and self_paid_before.row_key is null
                then 'refund_without_self_payment'
            when last_unclear.last_date >= line.paid_date then 'outcome_unclear'
        end as failed_payment
    from line
    left join compared_name
        on line.row_key = compared_name.row_key
    left join stage.eligibility
        on line.person_no = eligibility.person_no
    left join self_paid_before
        on line.row_key = self_paid_before.row_key
    left join last_unclear
        on line.channel = last_unclear.channel and line.meant_person_id = last_unclear.person_id
    cross join register_of_year
    cross join policy.year
    where line.is_live
),

-- Who has a line that passes every other test on a day when none of the evidence held yet: it is judged without the evidence.
paid_before as (
    select distinct person_no
    from tested
    where is_before_evidence and failed_identity is null and failed_payment is null
),

judged as (
    select
        tested.*,
        tested.is_before_evidence and paid_before.person_no is not null as is_without_evidence,
        coalesce(
            tested.failed_identity,
            case when not (tested.is_before_evidence and paid_before.person_no is not null) then tested.failed_state end,
            tested.failed_payment
        ) as failed_test
    from tested
    left join paid_before
        on tested.person_no = paid_before.person_no
),

-- Among the lines that passed, the earliest is written off (on one date a collection before a refund); every other is paid
-- twice, or in both channels.
ranked as (
    select
        row_key,
        row_number() over (
            partition by person_no
            order by paid_date, case when channel = 'collection' then 0 else 1 end, line_order
        ) as position,
        first_value(channel) over (
            partition by person_no
            order by paid_date, case when channel = 'collection' then 0 else 1 end, line_order
        ) as first_channel
    from judged
    where failed_test is null
)

select
    line.row_key,
    line.meant_person_id as person_id,
    line.person_no,
    case
        when line.is_self_paid then 'self_paid'
        when line.outcome in ('failed', 'unknown', 'unrecognised') then line.outcome
        when line.outcome = 'reversed' and line.other_row_key is not null then 'reversal'
        when line.outcome = 'success' and line.other_row_key is not null then 'reversed'
        when line.outcome = 'reversed' then 'disputed'
        when ranked.position = 1 then 'written_off'
        else 'disputed'
    end as disposition,
    case
        when line.is_self_paid or line.outcome in ('failed', 'unknown') or line.other_row_key is not null then null
        when line.outcome = 'unrecognised' then 'unknown_outcome'
        when line.outcome = 'reversed' then 'reversal_without_payment'
        when judged.failed_test is not null then judged.failed_test
        when ranked.position = 1 then null
        when ranked.first_channel = line.channel then 'paid_twice'
        else 'paid_in_both_channels'
    end as mismatch_kind,
    line.is_live,
    line.is_live and judged.failed_identity is null as is_identified,
    line.is_live and line.person_no is not null and (line.id_problem is null or line.is_confirmed) as is_on_roll,
    coalesce(judged.is_name_unreadable, false) as is_name_unreadable,
    coalesce(judged.is_without_evidence, false) as is_before_evidence,
    line.other_row_key
from line
left join judged
    on line.row_key = judged.row_key
left join ranked
    on line.row_key = ranked.row_key
