-- One row an eligible person who is not written off, with the first reason that applies.
with line as (
    select
        line_judgement.person_no,
        line_judgement.disposition,
        line_judgement.is_live,
        return_row.outcome,
        return_row.failure_reason,
        return_row.paid_date
    from core.line_judgement
    inner join core.return_row
        on line_judgement.row_key = return_row.row_key
    where line_judgement.person_no is not null and not return_row.is_self_paid
),

-- The last of the person's lines by date, undated ones first; on one date a reversal decides, then an unknown outcome, then a
-- failure; of several failures the reason that is first in text order.
ranked as (
    select
        line.*,
        row_number() over (
            partition by person_no
            order by
                paid_date desc nulls last,
                case
                    when outcome = 'reversed' or disposition = 'reversed' then 1
                    when outcome = 'unknown' then 2
                    when outcome = 'failed' then 3
                    else 4
                end,
                failure_reason nulls last
        ) as position
    from line
),

disputed as (
    select distinct person_no
    from line
    where is_live and disposition = 'disputed'
)

select
    eligibility.person_no,
    case
        when disputed.person_no is not null then 'disputed'
        when ranked.outcome = 'reversed' or ranked.disposition = 'reversed' then 'reversed'
        when ranked.outcome = 'unknown' then 'outcome_unknown'
        when ranked.outcome = 'failed' then 'return_failed:' || coalesce(ranked.failure_reason, 'other')
        else 'silent'
    end as uncovered_reason
from core.eligibility
left join core.write_off
    on eligibility.person_no = write_off.person_no
left join disputed
    on eligibility.person_no = disputed.person_no
left join ranked
    on eligibility.person_no = ranked.person_no and ranked.position = 1
where eligibility.state = 'eligible' and write_off.person_no is null
