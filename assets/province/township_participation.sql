-- One row a year, district and township: who is on the roll, eligible and covered, as the district published it.
select
    policy_year,
    district_code,
    township_code,
    township_name,
    roll_count,
    planned_count,
    excluded_count,
    unconfirmed_count,
    eligible_count,
    refunded_count,
    paid_on_behalf_count,
    covered_count,
    uncovered_count,
    participation_rate,
    target_completion_rate
from district.township_participation
