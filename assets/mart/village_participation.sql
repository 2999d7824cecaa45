-- One row a year, township and village: persons from the roll to the covered. Place is the roll's.
select
    person_year.township_code,
    person_year.village_code,
    count(*) as roll_count,
    count(*) filter (where person_year.state = 'excluded') as excluded_count,
    count(*) filter (where person_year.state = 'unconfirmed') as unconfirmed_count,
    count(*) filter (where person_year.state = 'eligible') as eligible_count,
    count(*) filter (where person_year.channel = 'refund') as refunded_count,
    count(*) filter (where person_year.channel = 'collection') as paid_on_behalf_count,
    count(*) filter (where person_year.written_off_yuan is not null) as covered_count,
    count(*) filter (where person_year.uncovered_reason is not null) as uncovered_count,
    rate(
        count(*) filter (where person_year.written_off_yuan is not null),
        count(*) filter (where person_year.state = 'eligible')
    ) as participation_rate
from core.person_year
group by person_year.township_code, person_year.village_code
