-- One row a year, township and village: where staff need help. Persons stand under the roll's township and village; a returned
-- line and a write-off under the township that paid, and under the person's village where that is the roll's township too; a
-- mismatch under the township that has to answer it. What has no known village there stands in a row without one.
--
-- The money of a township is spent in the order in which it came, first in first out: a payment is paid by the transfer with which
-- the sum of the transfers reaches the sum of the payments up to it. Money that was given back (a negative transfer) had not been
-- spent. A payment that no transfer covers, or that was made before the one that covers it, has no days.
with payment as (
    select
        return_row.row_key,
        return_row.township_code,
        sum(return_row.amount_yuan) over (
            partition by return_row.township_code
            order by return_row.paid_date nulls last, return_row.line_order nulls last, return_row.row_key
            rows between unbounded preceding and current row
        ) as spent_yuan
    from core.return_row
    inner join core.line_judgement
        on return_row.row_key = line_judgement.row_key
    where return_row.outcome = 'success' and line_judgement.disposition in ('written_off', 'disputed')
),

received as (
    select
        township_code,
        document_date,
        sum(amount_yuan) over (
            partition by township_code
            order by document_date, row_key
            rows between unbounded preceding and current row
        ) as received_yuan
    from core.township_transfer
    where amount_yuan > 0 and document_date is not null
),

paying_transfer as (
    select
        payment.row_key,
        min(received.document_date) as transfer_date
    from payment
    inner join received
        on payment.township_code = received.township_code and payment.spent_yuan <= received.received_yuan
    group by payment.row_key
),

written_off as (
    select
        write_off.township_code,
        case when person.township_code = write_off.township_code then person.village_code end as village_code,
        case
            when paying_transfer.transfer_date <= write_off.paid_date
                then date_diff('day', paying_transfer.transfer_date, write_off.paid_date)
        end as day_count
    from core.write_off
    inner join core.person
        on write_off.person_no = person.person_no
    left join paying_transfer
        on write_off.row_key = paying_transfer.row_key
),

returned as (
    select
        return_row.township_code,
        case when person.township_code = return_row.township_code then person.village_code end as village_code,
        return_row.outcome
    from core.return_row
    inner join core.line_judgement
        on return_row.row_key = line_judgement.row_key
    left join core.person
        on line_judgement.person_no = person.person_no
    where not return_row.is_self_paid
),

-- Mismatches are as the files say it, before any reply, and so are their persons.
raised as (
    select
        mismatch.township_code,
        case when person.township_code = mismatch.township_code then person.village_code end as village_code,
        roster_mismatch.status
    from core.mismatch
    inner join mart.roster_mismatch
        on mismatch.mismatch_id = roster_mismatch.mismatch_id
    left join stated.person
        on mismatch.person_no = person.person_no
    where mismatch.township_code is not null
),

person_with_mismatch as (
    select distinct person_no
    from core.mismatch
    where person_no is not null
),

-- What is counted of a village, a row each; of a write-off with its days.
counted as (
    select
        township_code,
        village_code,
        'roll' as what,
        cast(null as bigint) as day_count
    from core.person
    union all
    select
        person.township_code,
        person.village_code,
        'silent' as what,
        cast(null as bigint) as day_count
    from core.uncovered_reason
    inner join core.person
        on uncovered_reason.person_no = person.person_no
    where uncovered_reason.uncovered_reason = 'silent'
    union all
    select
        person.township_code,
        person.village_code,
        'mismatch_person' as what,
        cast(null as bigint) as day_count
    from stated.person
    inner join person_with_mismatch
        on person.person_no = person_with_mismatch.person_no
    union all
    select
        township_code,
        village_code,
        case when status = 'open' then 'open_mismatch' else 'mismatch' end as what,
        cast(null as bigint) as day_count
    from raised
    union all
    select
        township_code,
        village_code,
        case when outcome = 'failed' then 'failed_line' else 'line' end as what,
        cast(null as bigint) as day_count
    from returned
    union all
    select
        township_code,
        village_code,
        'written_off' as what,
        day_count
    from written_off
),

figure as (
    select
        township_code,
        village_code,
        count(case when what = 'roll' then 1 end) as roll_count,
        count(case when what in ('line', 'failed_line') then 1 end) as line_count,
        count(case when what = 'failed_line' then 1 end) as failed_count,
        count(case when what in ('mismatch', 'open_mismatch') then 1 end) as mismatch_count,
        count(case when what = 'open_mismatch' then 1 end) as open_mismatch_count,
        count(case when what = 'mismatch_person' then 1 end) as mismatch_person_count,
        count(case when what = 'written_off' then 1 end) as written_off_count,
        count(day_count) as after_transfer_count,
        cast(coalesce(sum(day_count), 0) as bigint) as write_off_days,
        max(day_count) as longest_write_off_days,
        count(case when what = 'silent' then 1 end) as silent_count
    from counted
    group by township_code, village_code
)

select
    figure.township_code,
    township_of_year.township_name,
    figure.village_code,
    village.village_name,
    figure.roll_count,
    figure.line_count,
    figure.failed_count,
    rate(figure.failed_count, figure.line_count) as failure_rate,
    figure.mismatch_count,
    figure.open_mismatch_count,
    figure.mismatch_person_count,
    rate(figure.mismatch_person_count, figure.roll_count) as mismatch_rate,
    figure.written_off_count,
    figure.after_transfer_count,
    figure.write_off_days,
    rate(figure.write_off_days, figure.after_transfer_count) as average_write_off_days,
    figure.longest_write_off_days,
    figure.silent_count
from figure
inner join core.township_of_year
    on figure.township_code = township_of_year.township_code
left join policy.village
    on figure.village_code = village.village_code
