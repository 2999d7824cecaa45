-- One row a person of the year's roll: has the premium been paid, and if not, where does it hang? The first status that
-- applies, so that the bureau and the townships see every morning who has paid and who hasn't.
with last_line as (
    select
        line_judgement.person_no,
        max(return_row.paid_date) as last_line_date
    from core.line_judgement
    inner join core.return_row
        on line_judgement.row_key = return_row.row_key
    where line_judgement.person_no is not null and not return_row.is_self_paid
    group by line_judgement.person_no
),

-- What was given back is no payment.
self_payment as (
    select
        person_id,
        min(self_paid_date) as self_paid_date
    from core.self_payment
    where given_back_date is null
    group by person_id
)

select
    person.person_key,
    person.id_masked,
    person.name_masked,
    person.township_code,
    person.village_code,
    case
        when write_off.person_no is not null then 'paid'
        when person_state.state = 'excluded' then 'not_due'
        when person_state.state = 'unconfirmed' then 'unconfirmed'
        when uncovered_reason.uncovered_reason like 'return_failed:%' then 'return_failed'
        when uncovered_reason.uncovered_reason <> 'silent' then uncovered_reason.uncovered_reason
        when self_payment.person_id is not null then 'self_paid'
        else 'silent'
    end as payment_status,
    person_state.state_reason,
    case
        when uncovered_reason.uncovered_reason like 'return_failed:%'
            then replace(uncovered_reason.uncovered_reason, 'return_failed:', '')
    end as failure_reason,
    person_state.class,
    write_off.channel,
    write_off.paid_date,
    self_payment.self_paid_date,
    last_line.last_line_date
from core.person
inner join core.person_state
    on person.person_no = person_state.person_no
left join core.write_off
    on person.person_no = write_off.person_no
left join core.uncovered_reason
    on person.person_no = uncovered_reason.person_no
left join self_payment
    on person.person_id = self_payment.person_id
left join last_line
    on person.person_no = last_line.person_no
