-- One row a village that is valid in the year, with its township.
select
    village_code,
    village_name,
    township_code
from policy.village
