-- The successes that no reversal undoes: each reversal undoes the latest success before it.
with line as (
    select channel, township, id, name, amount, paid, outcome from {{ ref("landed_bank") }}
    union all
    select channel, township, id, name, amount, paid, outcome from {{ ref("landed_tax") }}
    where channel = 'collection'
),

success as (
    select
        *,
        row_number() over () as line_no
    from line
    where outcome = 'success'
),

undone as (
    select success.line_no
    from line as reversal
    asof join success
        on
            reversal.channel = success.channel
            and reversal.id = success.id
            and reversal.amount = success.amount
            and reversal.paid >= success.paid
    where reversal.outcome = 'reversed'
)

select success.*
from success
anti join undone on success.line_no = undone.line_no
