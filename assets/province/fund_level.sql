-- One row a year, district and funding level: granted, used and left.
select
    policy_year,
    district_code,
    fund_level,
    granted_yuan,
    used_yuan,
    balance_yuan
from district.fund_level
where township_code is null
