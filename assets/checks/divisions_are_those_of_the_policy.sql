-- judges: mart.township
-- The townships and villages are those of the policy, by code, name and place.
select
    coalesce(township.township_code, listed.township_code) as code,
    township.township_name as published_text,
    listed.township_name as listed_text
from mart.township
full outer join policy.township as listed
    on township.township_code = listed.township_code
where township.township_code is distinct from '000000000' and township.township_name is distinct from listed.township_name
union all
select
    coalesce(village.village_code, listed.village_code) as code,
    village.township_code as published_text,
    listed.township_code as listed_text
from mart.village
full outer join policy.village as listed
    on village.village_code = listed.village_code
where
    village.township_code is distinct from listed.township_code
    or village.village_name is distinct from listed.village_name
