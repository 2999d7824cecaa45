with paid as (
    select
        township,
        sum(amount) as paid_out_yuan
    from {{ ref("live_line") }}
    group by township
),

used as (
    select
        township,
        sum(amount) as used_yuan
    from {{ ref("write_off") }}
    group by township
),

summed as (
    select
        township.policy_year,
        township.township_code,
        township.township_name,
        coalesce(township.allocated_yuan, 0) as allocated_yuan,
        coalesce(paid.paid_out_yuan, 0) as paid_out_yuan,
        coalesce(used.used_yuan, 0) as used_yuan
    from {{ ref("township") }} as township
    left join paid on township.township_name = paid.township
    left join used on township.township_name = used.township
)

select
    *,
    used_yuan * 80 / 100 as used_municipal_yuan,
    used_yuan * 20 / 100 as used_district_yuan,
    paid_out_yuan - used_yuan as disputed_yuan,
    allocated_yuan - used_yuan as balance_yuan,
    allocated_yuan - paid_out_yuan as cash_balance_yuan,
    cast((2000000 * cast(used_yuan as bigint) + cast(allocated_yuan as bigint)) // nullif(2 * cast(allocated_yuan as bigint), 0)
        as decimal(18, 6)) / 1000000 as utilisation_rate
from summed
