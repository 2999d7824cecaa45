-- One row an accepted returned line of the bank (refund) or the tax bureau (collection), in the same words.
with returned as (
    select
        bank_returns.row_key,
        'refund' as channel,
        bank_returns.file_name,
        bank_returns.sheet,
        bank_returns.row_number,
        bank_returns.township,
        bank_returns.line_no,
        bank_returns.batch_no as document_no,
        bank_returns.name,
        bank_returns.name_key,
        bank_returns.account,
        bank_returns.amount_yuan,
        bank_returns.paid_date,
        bank_returns.outcome,
        bank_returns.failure_reason,
        false as is_self_paid,
        cast(null as date) as period_from_date,
        cast(null as date) as period_to_date
    from raw.bank_returns
    union all
    select
        tax_returns.row_key,
        'collection' as channel,
        tax_returns.file_name,
        tax_returns.sheet,
        tax_returns.row_number,
        tax_returns.township,
        tax_returns.line_no,
        tax_returns.voucher_no as document_no,
        tax_returns.name,
        tax_returns.name_key,
        cast(null as varchar) as account,
        tax_returns.amount_yuan,
        tax_returns.paid_date,
        tax_returns.outcome,
        tax_returns.failure_reason,
        coalesce(tax_returns.payer_kind = '个人缴费', false) as is_self_paid,
        tax_returns.period_from as period_from_date,
        tax_returns.period_to as period_to_date
    from raw.tax_returns
)

select
    returned.row_key,
    returned.channel,
    returned.file_name,
    row_identity.file_number,
    returned.sheet,
    returned.row_number,
    coalesce(township_alias.township_code, '000000000') as township_code,
    returned.line_no,
    returned.document_no,
    returned.name,
    returned.name_key,
    returned.account,
    returned.amount_yuan,
    returned.paid_date,
    returned.outcome,
    returned.failure_reason,
    returned.is_self_paid,
    returned.period_from_date,
    returned.period_to_date,
    row_identity.id_text,
    row_identity.person_id,
    case when row_identity.person_id is not null then keyed_hash(year.secret, row_identity.person_id) end as person_key,
    row_identity.id_problem,
    -- The order of lines that share a date: by voucher, or batch and line; then by file, sheet, row.
    row_number() over (
        order by
            coalesce(returned.document_no, ''),
            try_cast(returned.line_no as decimal(38, 10)) nulls first,
            row_identity.file_number,
            coalesce(returned.sheet, ''),
            returned.row_number,
            returned.row_key
    ) as line_order
from returned
inner join core.row_identity
    on returned.row_key = row_identity.row_key and row_identity.fate = 'accepted'
left join policy.township_alias
    on spelling(returned.township) = township_alias.alias
cross join policy.year
