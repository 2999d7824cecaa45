-- judges: mart.performance_indicator
-- No indicator has more points than its weight or than its actual over its target gives, and the total is their sum.
with written as (
    select
        level1,
        level3,
        weight,
        score,
        target like '≤%' as is_upper_bound,
        try_cast(regexp_extract(target, '[0-9]+([.][0-9]+)?') as double) as target_value,
        try_cast(regexp_extract(actual, '^-?[0-9]+([.][0-9]+)?') as double) as actual_value
    from mart.performance_indicator
    where level3 is not null and score is not null
),

wrong as (
    select
        level3,
        score
    from written
    where
        score > weight
        or (
            not is_upper_bound and target_value > 0
            and abs(score - weight * greatest(least(actual_value / target_value, 1), 0)) > 0.01 + 0.01 * weight
        )
        or (
            is_upper_bound and actual_value > target_value
            and abs(score - weight * target_value / actual_value) > 0.01 + 0.01 * weight
        )
)

select
    level3,
    score
from wrong
union all
select
    total.level1 as level3,
    total.score
from mart.performance_indicator as total
cross join (select sum(score) as score from written) as added
where total.level3 is null and total.score is distinct from added.score
