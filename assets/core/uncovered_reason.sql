-- One row an eligible person who is not written off, with the first reason that applies.
with line as (
    select
        line_judgement.person_no,
        line_judgement.disposition,
        line_judgement.is_live,
        return_row.paid_date,
        case
            when return_row.outcome = 'reversed' or line_judgement.disposition = 'reversed' then 'reversed'
            when return_row.outcome = 'unrecognised' then 'outcome_unrecognised'
            when return_row.outcome = 'unknown' then 'outcome_unknown'
            when return_row.outcome = 'failed' then 'return_failed:' || coalesce(return_row.failure_reason, 'other')
        end as reason
    from core.line_judgement
    inner join core.return_row
        on line_judgement.row_key = return_row.row_key
    where line_judgement.person_no is not null and not return_row.is_self_paid
),

-- The last of the person's lines by date, undated ones first; on one date the reason that comes first decides; of several
-- failures the one that is first in text order.
ranked as (
    select
        line.*,
        row_number() over (
            partition by line.person_no
            order by line.paid_date desc nulls last, uncovered_reason.precedence nulls last, line.reason nulls last
        ) as position
    from line
    left join code.uncovered_reason
        on line.reason = uncovered_reason.code
),

disputed as (
    select distinct person_no
    from line
    where is_live and disposition = 'disputed'
)

select
    person_state.person_no,
    case
        when disputed.person_no is not null then 'disputed'
        else coalesce(ranked.reason, 'silent')
    end as uncovered_reason
from core.person_state
left join core.write_off
    on person_state.person_no = write_off.person_no
left join disputed
    on person_state.person_no = disputed.person_no
left join ranked
    on person_state.person_no = ranked.person_no and ranked.position = 1
where person_state.state = 'eligible' and write_off.person_no is null
