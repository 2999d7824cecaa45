-- One row a township (null: the district): the figures of the two funding levels that published tables have columns of. Here alone
-- rows of levels become columns; where a policy has no such level they are null.
select
    township_code,
    max(case when fund_level = 'municipal' then granted_yuan end) as budget_municipal_yuan,
    max(case when fund_level = 'district' then granted_yuan end) as budget_district_yuan,
    max(case when fund_level = 'municipal' then used_yuan end) as used_municipal_yuan,
    max(case when fund_level = 'district' then used_yuan end) as used_district_yuan,
    max(case when fund_level = 'municipal' then balance_yuan end) as balance_municipal_yuan,
    max(case when fund_level = 'district' then balance_yuan end) as balance_district_yuan
from mart.fund_level
group by township_code
