-- judges: core.return_line
-- Each live success is posted once to the fen, split by level, under its township and disposition.
with paid as (
    select
        return_line.source_file,
        return_line.row_number,
        return_line.township_code,
        return_line.disposition,
        sum(return_line.amount_yuan) as amount_yuan
    from core.return_line
    where return_line.outcome = 'success' and return_line.disposition in ('written_off', 'disputed', 'reversed')
    group by return_line.source_file, return_line.row_number, return_line.township_code, return_line.disposition
),

posted as (
    select
        source_file,
        row_number,
        township_code,
        case
            when to_account like '%:written_off' then 'written_off'
            when to_account like '%:disputed' then 'disputed'
            else 'reversed'
        end as disposition,
        sum(amount_yuan) as amount_yuan
    from core.fund_posting
    where to_account like 'person:%' or to_account like 'tax:%'
    group by
        source_file, row_number, township_code,
        case
            when to_account like '%:written_off' then 'written_off'
            when to_account like '%:disputed' then 'disputed'
            else 'reversed'
        end
)

select
    coalesce(paid.source_file, posted.source_file) as source_file,
    coalesce(paid.row_number, posted.row_number) as row_number,
    paid.amount_yuan,
    posted.amount_yuan as posted_yuan
from paid
full outer join posted
    on
        paid.source_file = posted.source_file
        and paid.row_number = posted.row_number
        and paid.township_code = posted.township_code
        and paid.disposition = posted.disposition
where paid.source_file is null or posted.source_file is null or paid.amount_yuan <> posted.amount_yuan
