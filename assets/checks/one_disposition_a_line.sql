-- judges: core.line_judgement
-- Every accepted line of the bank and the tax bureau has exactly one disposition, and none has one that isn't there.
with judged as (
    select
        row_key,
        count(*) as disposition_count
    from core.line_judgement
    group by row_key
)

select
    coalesce(return_row.row_key, judged.row_key) as row_key,
    coalesce(judged.disposition_count, 0) as disposition_count
from core.return_row
full outer join judged
    on return_row.row_key = judged.row_key
where return_row.row_key is null or judged.row_key is null or judged.disposition_count <> 1
