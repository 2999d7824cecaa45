-- One row a success or reversal of a person that takes part in a pair: which reversal undoes which success; what persons paid
-- themselves pairs with its own kind. Reversals are taken in order of date, then voucher or batch and line; each undoes the latest success not yet undone that is dated on or
-- before it. That is how brackets close: on each date successes open first, a reversal closes the last one open.
with event as (
    select
        return_row.row_key,
        return_row.channel,
        line_person.person_id,
        return_row.amount_yuan,
        return_row.is_self_paid,
        return_row.outcome = 'success' as is_success,
        case when return_row.outcome = 'success' then 1 else -1 end as step,
        row_number() over (
            partition by return_row.channel, return_row.is_self_paid, line_person.person_id, return_row.amount_yuan
            order by
                return_row.paid_date,
                case when return_row.outcome = 'success' then 0 else 1 end,
                return_row.line_order
        ) as position
    from core.return_row
    inner join stage.line_person
        on return_row.row_key = line_person.row_key
    where
        return_row.outcome in ('success', 'reversed')
        and line_person.person_id is not null
),

running as (
    select
        event.*,
        sum(step) over (
            partition by channel, is_self_paid, person_id, amount_yuan order by position
            rows between unbounded preceding and current row
        ) as balance
    from event
),

lowest as (
    select
        running.*,
        least(
            0, min(balance) over (
                partition by channel, is_self_paid, person_id, amount_yuan order by position
                rows between unbounded preceding and current row
            )
        ) as floor_after
    from running
),

-- How deep the brackets are nested: reversals that find nothing open sink the floor and don't count.
nested as (
    select
        lowest.*,
        case
            when is_success then balance - floor_after
            else
                balance + 1
                - coalesce(lag(floor_after) over (partition by channel, is_self_paid, person_id, amount_yuan order by position), 0)
        end as depth
    from lowest
),

neighbour as (
    select
        nested.*,
        lead(row_key) over (partition by channel, is_self_paid, person_id, amount_yuan, depth order by position) as next_row_key,
        lead(is_success) over (partition by channel, is_self_paid, person_id, amount_yuan, depth order by position) as is_next_success
    from nested
    where depth > 0
),

pair as (
    select
        row_key as success_row_key,
        next_row_key as reversal_row_key
    from neighbour
    where is_success and not is_next_success
)

select
    success_row_key as row_key,
    reversal_row_key as other_row_key
from pair
union all
select
    reversal_row_key as row_key,
    success_row_key as other_row_key
from pair
