with of_roll as (
    select
        township,
        count(*) as roll_count,
        count(*) filter (where state = 'excluded') as excluded_count,
        count(*) filter (where state = 'unconfirmed') as unconfirmed_count,
        count(*) filter (where state = 'eligible') as eligible_count
    from {{ ref("person") }}
    group by township
),

of_line as (
    select
        roll_township,
        count(*) filter (where channel = 'refund') as refunded_count,
        count(*) filter (where channel = 'collection') as paid_on_behalf_count
    from {{ ref("write_off") }}
    group by roll_township
),

counted as (
    select
        township.policy_year,
        township.township_code,
        township.township_name,
        coalesce(of_roll.roll_count, 0) as roll_count,
        coalesce(township.planned_count, 0) as planned_count,
        coalesce(of_roll.excluded_count, 0) as excluded_count,
        coalesce(of_roll.unconfirmed_count, 0) as unconfirmed_count,
        coalesce(of_roll.eligible_count, 0) as eligible_count,
        coalesce(of_line.refunded_count, 0) as refunded_count,
        coalesce(of_line.paid_on_behalf_count, 0) as paid_on_behalf_count,
        coalesce(of_line.refunded_count, 0) + coalesce(of_line.paid_on_behalf_count, 0) as covered_count
    from {{ ref("township") }} as township
    left join of_roll on township.township_name = of_roll.township
    left join of_line on township.township_name = of_line.roll_township
)

select
    *,
    eligible_count - covered_count as uncovered_count,
    cast((2000000 * covered_count + eligible_count) // nullif(2 * eligible_count, 0) as decimal(18, 6)) / 1000000
        as participation_rate,
    cast((2000000 * covered_count + planned_count) // nullif(2 * planned_count, 0) as decimal(18, 6)) / 1000000
        as target_completion_rate
from counted
