-- One row a year, district and township: its money, as the district published it.
select
    policy_year,
    district_code,
    township_code,
    township_name,
    allocated_yuan,
    paid_out_yuan,
    used_yuan,
    disputed_yuan,
    balance_yuan,
    cash_balance_yuan,
    utilisation_rate
from district.township_fund
