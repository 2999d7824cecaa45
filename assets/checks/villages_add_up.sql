-- judges: mart.village_participation
-- The villages of each township add up to its participation, and each village's rate is that of its own counts.
with village as (
    select
        township_code,
        sum(roll_count) as roll_count,
        sum(excluded_count) as excluded_count,
        sum(unconfirmed_count) as unconfirmed_count,
        sum(eligible_count) as eligible_count,
        sum(refunded_count) as refunded_count,
        sum(paid_on_behalf_count) as paid_on_behalf_count,
        sum(covered_count) as covered_count,
        sum(uncovered_count) as uncovered_count,
        sum(
            case
                when eligible_count > 0 and participation_rate is null then 1
                when eligible_count = 0 and participation_rate is not null then 1
                when abs(participation_rate * eligible_count - covered_count) > 0.0000005 * eligible_count then 1
                else 0
            end
        ) as wrong_rate_count
    from mart.village_participation
    group by township_code
)

select
    township_participation.township_code,
    township_participation.roll_count,
    village.roll_count as village_roll_count,
    village.wrong_rate_count
from mart.township_participation
full outer join village
    on township_participation.township_code = village.township_code
where
    township_participation.township_code is null
    or township_participation.roll_count <> coalesce(village.roll_count, 0)
    or township_participation.excluded_count <> coalesce(village.excluded_count, 0)
    or township_participation.unconfirmed_count <> coalesce(village.unconfirmed_count, 0)
    or township_participation.eligible_count <> coalesce(village.eligible_count, 0)
    or township_participation.refunded_count <> coalesce(village.refunded_count, 0)
    or township_participation.paid_on_behalf_count <> coalesce(village.paid_on_behalf_count, 0)
    or township_participation.covered_count <> coalesce(village.covered_count, 0)
    or township_participation.uncovered_count <> coalesce(village.uncovered_count, 0)
    or village.wrong_rate_count > 0
