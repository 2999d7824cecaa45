-- One row a posting of double entry: grant to level, level to bureau, bureau to township, township to persons (refund) or to
-- the tax bureau (collection), and back again on reversal. All figures of money are sums of these rows.
with movement as (
    -- A grant comes to its level, and goes on to the bureau.
    select
        case way.step when 1 then 'grant' else 'level:' || grant_document.fund_level end as from_account,
        case way.step when 1 then 'level:' || grant_document.fund_level else 'bureau' end as to_account,
        grant_document.fund_level,
        cast(null as varchar) as township_code,
        cast(null as varchar) as person_id,
        grant_document.document_date as posted_date,
        grant_document.amount_yuan,
        grant_document.document_no,
        cast(null as varchar) as line_no,
        grant_document.file_name,
        grant_document.sheet,
        grant_document.row_number,
        grant_document.row_key
    from core.grant_document
    cross join (values (1), (2)) as way (step)
    union all
    select
        'bureau' as from_account,
        'township:' || township_code as to_account,
        cast(null as varchar) as fund_level,
        township_code,
        cast(null as varchar) as person_id,
        document_date as posted_date,
        amount_yuan,
        document_no,
        cast(null as varchar) as line_no,
        file_name,
        sheet,
        row_number,
        row_key
    from core.township_transfer
    union all
    select
        'township:' || return_row.township_code as from_account,
        case return_row.channel when 'refund' then 'person:' else 'tax:' end || line_judgement.disposition as to_account,
        cast(null as varchar) as fund_level,
        return_row.township_code,
        line_judgement.person_id,
        return_row.paid_date as posted_date,
        return_row.amount_yuan,
        return_row.document_no,
        return_row.line_no,
        return_row.file_name,
        return_row.sheet,
        return_row.row_number,
        return_row.row_key
    from core.line_judgement
    inner join core.return_row
        on line_judgement.row_key = return_row.row_key
    where return_row.outcome = 'success' and not return_row.is_self_paid
    union all
    -- A reversal gives back to the township that had paid, whichever township's list reports it.
    select
        case undone.channel when 'refund' then 'person:' else 'tax:' end || 'reversed' as from_account,
        'township:' || undone.township_code as to_account,
        cast(null as varchar) as fund_level,
        undone.township_code,
        line_judgement.person_id,
        return_row.paid_date as posted_date,
        undone.amount_yuan,
        return_row.document_no,
        return_row.line_no,
        return_row.file_name,
        return_row.sheet,
        return_row.row_number,
        return_row.row_key
    from core.line_judgement
    inner join core.return_row
        on line_judgement.row_key = return_row.row_key
    inner join core.return_row as undone
        on line_judgement.other_row_key = undone.row_key
    where line_judgement.disposition = 'reversal'
),

-- Each level pays its share, rounded half up to the fen; the last level takes the remainder.
rounded as (
    select
        movement.*,
        fund_level.fund_level as part_level,
        fund_level.position,
        fund_level.position = (select max(every_level.position) from policy.fund_level as every_level) as is_last,
        level_part(movement.amount_yuan, fund_level.share) as part_yuan
    from movement
    cross join policy.fund_level
    where movement.fund_level is null
),

part as (
    select
        rounded.*,
        case
            when is_last
                then
                    cast(
                        amount_yuan - coalesce(
                            sum(part_yuan) over (
                                partition by row_key, from_account, to_account
                                order by position
                                rows between unbounded preceding and 1 preceding
                            ), 0
                        ) as decimal(18, 2)
                    )
            else part_yuan
        end as level_yuan
    from rounded
),

posting as (
    select
        from_account, to_account, fund_level, township_code, person_id, posted_date, amount_yuan as level_yuan, document_no,
        line_no, file_name, sheet, row_number, row_key
    from movement
    where fund_level is not null
    union all
    select
        from_account, to_account, part_level as fund_level, township_code, person_id, posted_date, level_yuan, document_no,
        line_no, file_name, sheet, row_number, row_key
    from part
),

described as (
    select
        posting.*,
        concat_ws(
            '|', from_account, to_account, fund_level, coalesce(person_id, ''), coalesce(cast(posted_date as varchar), ''),
            cast(level_yuan as varchar), coalesce(document_no, ''), coalesce(line_no, '')
        ) as fact
    from posting
),

-- Nearly every fact stands once: only the others are put in an order.
repeated as (
    select fact
    from described
    group by fact
    having count(*) > 1
),

numbered as (
    select
        described.*,
        1 as ordinal
    from described
    left join repeated
        on described.fact = repeated.fact
    where repeated.fact is null
    union all
    select
        described.*,
        row_number() over (
            partition by described.fact
            order by landed_file.sha256 nulls first, coalesce(described.sheet, ''), described.row_number, described.row_key
        ) as ordinal
    from described
    inner join repeated
        on described.fact = repeated.fact
    left join raw.landed_file
        on described.file_name = landed_file.file_name
)

select
    keyed_hash(
        year.secret,
        cast(extract(year from year.year_first_date) as varchar) || '|' || numbered.fact || '|' || cast(numbered.ordinal as varchar)
    ) as posting_id,
    numbered.posted_date,
    numbered.from_account,
    numbered.to_account,
    numbered.fund_level,
    numbered.township_code,
    numbered.person_id,
    numbered.level_yuan as amount_yuan,
    numbered.document_no,
    numbered.row_key,
    numbered.file_name,
    numbered.sheet,
    numbered.row_number
from numbered
cross join policy.year
