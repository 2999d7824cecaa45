-- One row a data row of a readable file, whatever its source: what it says, in a form that two files can be compared by.
-- The content is made of canonical field values only, so that the same list in another format, order or spelling is the same.
-- Township texts are compared by code; an unknown township by its text.
with roll as (
    select
        row_key,
        'poverty_roll' as source,
        file_name,
        quarantine_text,
        snapshot_date as row_date,
        cast(null as varchar) as batch_no,
        township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(cast(snapshot_date as varchar), ''), coalesce(village, ''), coalesce(household_no, ''),
            coalesce(name_key, ''), coalesce(id_text, ''), cast(id_is_number as varchar), coalesce(schooling, '')
        ) as content
    from raw.poverty_roll
),

category as (
    select
        row_key,
        'category_rolls' as source,
        file_name,
        quarantine_text,
        snapshot_date as row_date,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(cast(snapshot_date as varchar), ''), coalesce(category, ''), coalesce(name_key, ''),
            coalesce(id_text, ''), cast(id_is_number as varchar)
        ) as content
    from raw.category_rolls
),

classification as (
    select
        row_key,
        'classification' as source,
        file_name,
        quarantine_text,
        verified_date as row_date,
        cast(null as varchar) as batch_no,
        township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(village, ''), coalesce(name_key, ''), coalesce(id_text, ''), cast(id_is_number as varchar),
            coalesce(class, ''), coalesce(class_reason, ''), coalesce(cast(verified_date as varchar), '')
        ) as content
    from raw.classification
),

register as (
    select
        row_key,
        'pension_register' as source,
        file_name,
        quarantine_text,
        self_paid_date as row_date,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(id_text, ''), cast(id_is_number as varchar), coalesce(insured_status, ''), coalesce(exclusion, ''),
            coalesce(benefit_status, ''), coalesce(cast(self_paid_amount_yuan as varchar), ''),
            coalesce(cast(self_paid_date as varchar), '')
        ) as content
    from raw.pension_register
),

refund as (
    select
        row_key,
        'bank_returns' as source,
        file_name,
        quarantine_text,
        paid_date as row_date,
        batch_no,
        township,
        line_no,
        -- A line is recognised in another list by its batch and number, ID, amount, date and outcome.
        case
            when batch_no is not null and line_no is not null
                then concat_ws(
                    '|', batch_no, line_no, coalesce(id_text, ''), coalesce(cast(amount_yuan as varchar), ''),
                    coalesce(cast(paid_date as varchar), ''), coalesce(outcome, '')
                )
        end as repeat_of,
        concat_ws(
            '|', coalesce(batch_no, ''), coalesce(line_no, ''), coalesce(name_key, ''), coalesce(account, ''),
            coalesce(cast(amount_yuan as varchar), ''), coalesce(id_text, ''), cast(id_is_number as varchar),
            coalesce(cast(paid_date as varchar), ''), coalesce(outcome, ''), coalesce(failure_reason, '')
        ) as content
    from raw.bank_returns
),

collection as (
    select
        row_key,
        'tax_returns' as source,
        file_name,
        quarantine_text,
        paid_date as row_date,
        cast(null as varchar) as batch_no,
        township,
        line_no,
        case
            when voucher_no is not null
                then concat_ws(
                    '|', voucher_no, coalesce(id_text, ''), coalesce(cast(amount_yuan as varchar), ''),
                    coalesce(cast(paid_date as varchar), ''), coalesce(outcome, '')
                )
        end as repeat_of,
        concat_ws(
            '|', coalesce(line_no, ''), coalesce(name_key, ''), coalesce(id_text, ''), cast(id_is_number as varchar),
            coalesce(levy_item, ''), coalesce(cast(period_from as varchar), ''), coalesce(cast(period_to as varchar), ''),
            coalesce(cast(amount_yuan as varchar), ''), coalesce(cast(paid_date as varchar), ''), coalesce(voucher_no, ''),
            coalesce(outcome, ''), coalesce(failure_reason, ''), coalesce(payer_kind, '')
        ) as content
    from raw.tax_returns
),

fund_document as (
    select
        row_key,
        'fund_documents' as source,
        file_name,
        quarantine_text,
        document_date as row_date,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(document_no, ''), coalesce(fund_level, ''), coalesce(cast(amount_yuan as varchar), ''),
            coalesce(cast(persons as varchar), ''), coalesce(cast(document_date as varchar), '')
        ) as content
    from raw.fund_documents
),

allocation as (
    select
        row_key,
        'allocations' as source,
        file_name,
        quarantine_text,
        document_date as row_date,
        cast(null as varchar) as batch_no,
        township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(cast(amount_yuan as varchar), ''), coalesce(cast(persons as varchar), ''),
            coalesce(cast(document_date as varchar), ''), coalesce(document_no, '')
        ) as content
    from raw.allocations
),

benefit as (
    select
        row_key,
        'benefit_payments' as source,
        file_name,
        quarantine_text,
        cast(null as date) as row_date,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(id_text, ''), cast(id_is_number as varchar), coalesce(month, ''),
            coalesce(cast(due_amount_yuan as varchar), ''), coalesce(cast(amount_yuan as varchar), '')
        ) as content
    from raw.benefit_payments
),

survey as (
    select
        row_key,
        'satisfaction_survey' as source,
        file_name,
        quarantine_text,
        cast(null as date) as row_date,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        coalesce(answer, '') as content
    from raw.satisfaction_survey
),

reply as (
    select
        row_key,
        'township_replies' as source,
        file_name,
        quarantine_text,
        answered_date as row_date,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as township,
        cast(null as varchar) as line_no,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(mismatch_id, ''), coalesce(token, ''), coalesce(answer_code, ''), coalesce(answer_value, ''),
            coalesce(person, ''), coalesce(role, ''), coalesce(cast(answered_date as varchar), ''), coalesce(cells, '')
        ) as content
    from raw.township_replies
),

every_row as (
    select * from roll
    union all
    select * from category
    union all
    select * from classification
    union all
    select * from register
    union all
    select * from refund
    union all
    select * from collection
    union all
    select * from fund_document
    union all
    select * from allocation
    union all
    select * from benefit
    union all
    select * from survey
    union all
    select * from reply
)

select
    every_row.row_key,
    every_row.source,
    every_row.file_name,
    every_row.row_date,
    every_row.batch_no,
    coalesce(township_alias.township_code, '000000000') as township_code,
    every_row.line_no,
    case
        when every_row.source = 'bank_returns'
            then every_row.repeat_of || '|' || coalesce(township_alias.township_code, bare_name(every_row.township), '')
        else every_row.repeat_of
    end as repeat_of,
    every_row.content || '|' || coalesce(township_alias.township_code, bare_name(every_row.township), '')
    || '|' || coalesce(every_row.quarantine_text, '') as content
from every_row
left join policy.township_alias
    on spelling(every_row.township) = township_alias.alias
