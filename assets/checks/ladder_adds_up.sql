-- judges: mart.coverage_ladder
-- In each township the coverage ladder adds up: roll - excluded - unconfirmed = eligible, and eligible - uncovered = covered.
with rung as (
    select
        township_code,
        sum(case when step = 1 then person_count else 0 end) as roll_count,
        sum(case when step = 2 then person_count else 0 end) as excluded_count,
        sum(case when step = 3 then person_count else 0 end) as unconfirmed_count,
        sum(case when step = 4 then person_count else 0 end) as eligible_count,
        sum(case when step = 5 then person_count else 0 end) as uncovered_count,
        sum(case when step = 6 then person_count else 0 end) as covered_count
    from mart.coverage_ladder
    group by township_code
)

select
    township_code,
    roll_count,
    eligible_count,
    covered_count
from rung
where
    roll_count - excluded_count - unconfirmed_count <> eligible_count
    or eligible_count - uncovered_count <> covered_count
