-- One row a township that is valid in the year; the unknown one too, where it has persons, lines or transfers.
select
    township_code,
    township_name
from policy.township
union all
select
    '000000000' as township_code,
    '未知' as township_name
where
    exists (select 1 from core.person where township_code = '000000000')
    or exists (select 1 from core.return_row where township_code = '000000000')
    or exists (select 1 from core.township_transfer where township_code = '000000000')
