-- judges: core.fund_posting
-- What only passes through is empty in the end: a level's account, and what was paid out and came back by a reversal.
with side as (
    select
        to_account as account,
        fund_level,
        amount_yuan
    from core.fund_posting
    union all
    select
        from_account as account,
        fund_level,
        -amount_yuan as amount_yuan
    from core.fund_posting
)

select
    account,
    fund_level,
    sum(amount_yuan) as left_yuan
from side
where account like 'level:%' or account in ('person:reversed', 'tax:reversed')
group by account, fund_level
having sum(amount_yuan) <> 0
