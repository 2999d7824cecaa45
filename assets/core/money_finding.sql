-- One row a mismatch of a township's name in a list of payments, or of the money itself, before any reply.
with used as (
    select
        return_row.township_code,
        sum(return_row.amount_yuan) as used_yuan
    from stated.line_judgement
    inner join core.return_row
        on line_judgement.row_key = return_row.row_key
    where line_judgement.disposition = 'written_off'
    group by return_row.township_code
),

allocated as (
    select
        township_code,
        sum(amount_yuan) as allocated_yuan
    from core.township_transfer
    group by township_code
),

granted as (
    select coalesce(sum(amount_yuan), 0) as granted_yuan
    from core.grant_document
),

all_allocated as (
    select coalesce(sum(amount_yuan), 0) as allocated_yuan
    from core.township_transfer
),

-- A bank file states its township once, in the head; where the head is silent, its rows may state it.
bank_head as (
    select
        file_status.file_name,
        file_status.file_date,
        file_status.head_township
    from core.file_status
    left join policy.township_alias
        on spelling(file_status.head_township) = township_alias.alias
    where
        file_status.source = 'bank_returns'
        and file_status.status = 'read'
        and (
            (file_status.head_township is not null and township_alias.township_code is null)
            or exists (
                select 1
                from core.return_row
                where return_row.file_name = file_status.file_name and return_row.township_code = '000000000'
            )
        )
)

select
    'unknown_township' as kind,
    'file' as subject,
    cast(null as varchar) as person_no,
    cast(null as varchar) as person_id,
    cast(null as varchar) as id_text,
    cast(null as varchar) as name,
    '000000000' as township_code,
    'refund' as channel,
    cast(null as decimal(18, 2)) as amount_yuan,
    cast(null as bigint) as row_key,
    bank_head.file_name,
    cast(null as varchar) as sheet,
    cast(null as integer) as row_number,
    cast(null as varchar) as account,
    false as is_warning,
    cast(null as varchar) as expected_value,
    '表头的' as found_value,
    concat_ws(
        '|', 'unknown_township', 'bank_returns', coalesce(bare_name(bank_head.head_township), ''),
        coalesce(cast(bank_head.file_date as varchar), '')
    ) as fact
from bank_head
union all
select
    'unknown_township' as kind,
    'line' as subject,
    line_judgement.person_no,
    return_row.person_id,
    return_row.id_text,
    return_row.name,
    return_row.township_code,
    return_row.channel,
    return_row.amount_yuan,
    return_row.row_key,
    return_row.file_name,
    return_row.sheet,
    return_row.row_number,
    return_row.account,
    false as is_warning,
    cast(null as varchar) as expected_value,
    cast(null as varchar) as found_value,
    line_fact(
        'unknown_township', return_row.id_text, 'tax_returns', return_row.document_no, return_row.line_no,
        return_row.amount_yuan, return_row.paid_date
    ) as fact
from core.return_row
left join stated.line_judgement
    on return_row.row_key = line_judgement.row_key
where return_row.channel = 'collection' and return_row.township_code = '000000000'
union all
select
    'unknown_township' as kind,
    'transfer' as subject,
    cast(null as varchar) as person_no,
    cast(null as varchar) as person_id,
    cast(null as varchar) as id_text,
    cast(null as varchar) as name,
    township_code,
    cast(null as varchar) as channel,
    amount_yuan,
    row_key,
    file_name,
    sheet,
    row_number,
    cast(null as varchar) as account,
    false as is_warning,
    cast(null as varchar) as expected_value,
    cast(null as varchar) as found_value,
    concat_ws(
        '|', 'unknown_township', 'allocations', coalesce(document_no, ''), cast(amount_yuan as varchar),
        coalesce(cast(planned_count as varchar), ''), coalesce(cast(document_date as varchar), '')
    ) as fact
from core.township_transfer
where township_code = '000000000'
union all
select
    'over_allocated' as kind,
    'township' as subject,
    cast(null as varchar) as person_no,
    cast(null as varchar) as person_id,
    cast(null as varchar) as id_text,
    cast(null as varchar) as name,
    coalesce(used.township_code, allocated.township_code) as township_code,
    cast(null as varchar) as channel,
    cast(null as decimal(18, 2)) as amount_yuan,
    cast(null as bigint) as row_key,
    cast(null as varchar) as file_name,
    cast(null as varchar) as sheet,
    cast(null as integer) as row_number,
    cast(null as varchar) as account,
    false as is_warning,
    cast(coalesce(allocated.allocated_yuan, 0) as varchar) as expected_value,
    cast(coalesce(used.used_yuan, 0) as varchar) as found_value,
    'over_allocated|' || coalesce(used.township_code, allocated.township_code) as fact
from used
-- A township that gave back more than it got used too much, even where it used nothing.
full outer join allocated
    on used.township_code = allocated.township_code
where
    coalesce(used.used_yuan, 0) > coalesce(allocated.allocated_yuan, 0)
    and coalesce(used.township_code, allocated.township_code) <> '000000000'
union all
select
    'over_budget' as kind,
    'district' as subject,
    cast(null as varchar) as person_no,
    cast(null as varchar) as person_id,
    cast(null as varchar) as id_text,
    cast(null as varchar) as name,
    cast(null as varchar) as township_code,
    cast(null as varchar) as channel,
    cast(null as decimal(18, 2)) as amount_yuan,
    cast(null as bigint) as row_key,
    cast(null as varchar) as file_name,
    cast(null as varchar) as sheet,
    cast(null as integer) as row_number,
    cast(null as varchar) as account,
    false as is_warning,
    cast(granted.granted_yuan as varchar) as expected_value,
    cast(all_allocated.allocated_yuan as varchar) as found_value,
    'over_budget' as fact
from granted
cross join all_allocated
where all_allocated.allocated_yuan > granted.granted_yuan
union all
select
    'grant_headcount_gap' as kind,
    'grant' as subject,
    cast(null as varchar) as person_no,
    cast(null as varchar) as person_id,
    cast(null as varchar) as id_text,
    cast(null as varchar) as name,
    cast(null as varchar) as township_code,
    cast(null as varchar) as channel,
    grant_document.amount_yuan,
    grant_document.row_key,
    grant_document.file_name,
    grant_document.sheet,
    grant_document.row_number,
    cast(null as varchar) as account,
    true as is_warning,
    cast(grant_document.planned_count as varchar) || ' 人 × '
    || cast(level_part(year.premium_yuan, grant_document.share) as varchar) as expected_value,
    cast(grant_document.amount_yuan as varchar) as found_value,
    concat_ws(
        '|', 'grant_headcount_gap', coalesce(grant_document.document_no, ''), grant_document.fund_level,
        cast(grant_document.amount_yuan as varchar), cast(grant_document.planned_count as varchar),
        coalesce(cast(grant_document.document_date as varchar), '')
    ) as fact
from core.grant_document
cross join policy.year
where
    grant_document.planned_count is not null
    and grant_document.amount_yuan
    <> grant_document.planned_count * level_part(year.premium_yuan, grant_document.share)
