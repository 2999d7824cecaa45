-- One row a person, district and other district in which the same person stands: on both rolls, or paid in both. Each of the
-- two districts has a row, so that both can act. Known by the keyed hash alone, which is one in the whole province.
with on_roll as (
    select
        policy_year,
        district_code,
        person_key,
        township_code
    from district.person_year
),

-- Money that left and did not come back: written off, or a live success that is disputed.
paid as (
    select
        policy_year,
        district_code,
        person_key,
        min(township_code) as township_code,
        cast(sum(amount_yuan) as decimal(18, 2)) as amount_yuan
    from district.return_line
    where person_key is not null and outcome = 'success' and disposition in ('written_off', 'disputed')
    group by policy_year, district_code, person_key
)

select
    one.policy_year,
    'on_two_district_rolls' as kind,
    one.district_code,
    one.township_code,
    one.person_key,
    other.district_code as other_district_code,
    cast(null as decimal(18, 2)) as amount_yuan
from on_roll as one
inner join on_roll as other
    on
        one.policy_year = other.policy_year
        and one.person_key = other.person_key
        and one.district_code <> other.district_code
union all
select
    one.policy_year,
    'paid_in_two_districts' as kind,
    one.district_code,
    one.township_code,
    one.person_key,
    other.district_code as other_district_code,
    one.amount_yuan
from paid as one
inner join paid as other
    on
        one.policy_year = other.policy_year
        and one.person_key = other.person_key
        and one.district_code <> other.district_code
