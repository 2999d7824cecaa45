-- judges: mart.payment_status
-- Everybody on the roll has one payment status, and it says what core.person_year says of him.
select
    coalesce(payment_status.person_key, person_year.person_key) as person_key,
    payment_status.payment_status,
    person_year.state,
    person_year.uncovered_reason
from mart.payment_status
full outer join core.person_year
    on payment_status.person_key = person_year.person_key
where
    payment_status.person_key is null
    or person_year.person_key is null
    or payment_status.township_code <> person_year.township_code
    or payment_status.name_masked is distinct from person_year.name_masked
    or payment_status.id_masked is distinct from person_year.id_masked
    or payment_status.channel is distinct from person_year.channel
    or payment_status.paid_date is distinct from person_year.paid_date
    or payment_status.state_reason is distinct from person_year.state_reason
    or payment_status.class is distinct from person_year.class
    or payment_status.payment_status is distinct from case
        when person_year.written_off_yuan is not null then 'paid'
        when person_year.state = 'excluded' then 'not_due'
        when person_year.state = 'unconfirmed' then 'unconfirmed'
        when person_year.uncovered_reason = 'silent' and payment_status.self_paid_date is not null then 'self_paid'
        when substr(person_year.uncovered_reason, 1, 14) = 'return_failed:' then 'return_failed'
        else person_year.uncovered_reason
    end
    or payment_status.failure_reason is distinct from case
        when substr(person_year.uncovered_reason, 1, 14) = 'return_failed:' then substr(person_year.uncovered_reason, 15)
    end
