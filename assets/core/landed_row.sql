-- One row a data row of a readable file, whatever its source: where it stands, whose it is, and what it says, in a form that two
-- files can be compared by. The content is made of canonical field values only, so that the same list in another format, order
-- or spelling is the same; a cell that can't be read compares by its text. Townships are compared by code; an unknown one by
-- its text.
with roll as (
    select
        row_key,
        'poverty_roll' as source,
        file_name,
        sheet,
        row_number,
        snapshot_date as row_date,
        township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        id_text,
        id_is_number,
        cast(null as decimal(18, 2)) as amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(cast(snapshot_date as varchar), ''), coalesce(village, ''), coalesce(household_no, ''),
            coalesce(member_no, ''), coalesce(name_key, ''), coalesce(id_text, ''), cast(id_is_number as varchar),
            coalesce(schooling, '')
        ) as content
    from raw.poverty_roll
),

category as (
    select
        row_key,
        'category_rolls' as source,
        file_name,
        sheet,
        row_number,
        snapshot_date as row_date,
        cast(null as varchar) as township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        id_text,
        id_is_number,
        cast(null as decimal(18, 2)) as amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(cast(snapshot_date as varchar), ''), coalesce(category, ''), coalesce(unknown_category, ''),
            coalesce(name_key, ''), coalesce(id_text, ''), cast(id_is_number as varchar)
        ) as content
    from raw.category_rolls
),

classification as (
    select
        row_key,
        'classification' as source,
        file_name,
        sheet,
        row_number,
        verified_date as row_date,
        township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        id_text,
        id_is_number,
        cast(null as decimal(18, 2)) as amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(village, ''), coalesce(name_key, ''), coalesce(id_text, ''), cast(id_is_number as varchar),
            coalesce(class, ''), coalesce(unknown_class, ''), coalesce(class_reason, ''),
            coalesce(cast(verified_date as varchar), '')
        ) as content
    from raw.classification
),

register as (
    select
        row_key,
        'pension_register' as source,
        file_name,
        sheet,
        row_number,
        self_paid_date as row_date,
        cast(null as varchar) as township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        id_text,
        id_is_number,
        cast(null as decimal(18, 2)) as amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
        cast(null as varchar) as repeat_of,
        concat_ws(
            '|', coalesce(id_text, ''), cast(id_is_number as varchar), coalesce(insured_status, ''),
            coalesce(unknown_insured_status, ''), coalesce(exclusion, ''), coalesce(unknown_exclusion, ''),
            coalesce(cast(event_date as varchar), ''), cast(is_evidence_unreadable as varchar), coalesce(benefit_status, ''),
            coalesce(unknown_benefit_status, ''), coalesce(cast(self_paid_amount_yuan as varchar), ''),
            coalesce(cast(self_paid_date as varchar), '')
        ) as content
    from raw.pension_register
),

-- The day on which a list of a batch was made is no date of a payment: a reprint has the same rows.
refund_dated as (
    select
        bank_returns.*,
        case
            when
                bank_returns.batch_no is null
                or bank_returns.paid_date is distinct from cast(landed_file.made_at as date)
                then bank_returns.paid_date
        end as stated_paid_date
    from raw.bank_returns
    inner join raw.landed_file
        on bank_returns.file_name = landed_file.file_name
),

refund as (
    select
        row_key,
        'bank_returns' as source,
        file_name,
        sheet,
        row_number,
        paid_date as row_date,
        township,
        batch_no,
        line_no,
        id_text,
        id_is_number,
        amount_yuan,
        outcome,
        concat_ws(
            '|', coalesce(outcome, ''), coalesce(name_key, ''), coalesce(account, ''),
            coalesce(cast(stated_paid_date as varchar), '')
        ) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
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
            coalesce(cast(stated_paid_date as varchar), ''), coalesce(outcome, ''), coalesce(failure_reason, ''),
            coalesce(unknown_outcome, ''), coalesce(unknown_outcome_code, '')
        ) as content
    from refund_dated
),

collection as (
    select
        row_key,
        'tax_returns' as source,
        file_name,
        sheet,
        row_number,
        paid_date as row_date,
        township,
        cast(null as varchar) as batch_no,
        line_no,
        id_text,
        id_is_number,
        amount_yuan,
        outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
        case
            when voucher_no is not null
                then concat_ws(
                    '|', voucher_no, coalesce(id_text, ''), coalesce(cast(amount_yuan as varchar), ''),
                    coalesce(cast(paid_date as varchar), ''), coalesce(outcome, '')
                )
        end as repeat_of,
        concat_ws(
            '|', coalesce(line_no, ''), coalesce(name_key, ''), coalesce(id_text, ''), cast(id_is_number as varchar),
            coalesce(levy_item, ''), coalesce(unknown_levy_item, ''), coalesce(cast(period_from as varchar), ''),
            coalesce(cast(period_to as varchar), ''), coalesce(cast(amount_yuan as varchar), ''),
            coalesce(cast(paid_date as varchar), ''), coalesce(voucher_no, ''), coalesce(outcome, ''),
            coalesce(failure_reason, ''), coalesce(payer_kind, ''), coalesce(unknown_payer_kind, ''),
            coalesce(unknown_outcome, ''), coalesce(unknown_outcome_code, '')
        ) as content
    from raw.tax_returns
),

-- The policy knows the words of the funding levels, so an unknown one is found here and not on reading. A document counts
-- once: without a number it is known by its date and persons, where it states both.
fund_document as (
    select
        fund_documents.row_key,
        'fund_documents' as source,
        fund_documents.file_name,
        fund_documents.sheet,
        fund_documents.row_number,
        fund_documents.document_date as row_date,
        cast(null as varchar) as township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        cast(null as varchar) as id_text,
        false as id_is_number,
        fund_documents.amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        coalesce(
            fund_documents.quarantine_field, case when fund_level.word is null then 'fund_level' end
        ) as quarantine_field,
        coalesce(
            fund_documents.quarantine_reason,
            case when fund_level.word is null then 'unknown_word: 资金级次不在本年政策之列,请更正后重报。' end
        ) as quarantine_reason,
        fund_documents.quarantine_text,
        fund_documents.dropped_reason,
        case
            when
                fund_documents.document_no is not null
                or (fund_documents.document_date is not null and fund_documents.persons is not null)
                then concat_ws(
                    '|', coalesce(fund_documents.document_no, ''), coalesce(fund_documents.fund_level, ''),
                    coalesce(cast(fund_documents.amount_yuan as varchar), ''),
                    case
                        when fund_documents.document_no is null
                            then cast(fund_documents.document_date as varchar) || '|' || cast(fund_documents.persons as varchar)
                        else ''
                    end
                )
        end as repeat_of,
        concat_ws(
            '|', coalesce(fund_documents.document_no, ''), coalesce(fund_documents.fund_level, ''),
            coalesce(cast(fund_documents.amount_yuan as varchar), ''), coalesce(cast(fund_documents.persons as varchar), ''),
            coalesce(cast(fund_documents.document_date as varchar), '')
        ) as content
    from raw.fund_documents
    left join policy.fund_level
        on fund_documents.fund_level = fund_level.word
),

allocation as (
    select
        row_key,
        'allocations' as source,
        file_name,
        sheet,
        row_number,
        document_date as row_date,
        township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        cast(null as varchar) as id_text,
        false as id_is_number,
        amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
        case
            when document_no is not null or (document_date is not null and persons is not null)
                then concat_ws(
                    '|', coalesce(document_no, ''), coalesce(cast(amount_yuan as varchar), ''),
                    coalesce(cast(document_date as varchar), ''),
                    case when document_no is null then cast(persons as varchar) else '' end
                )
        end as repeat_of,
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
        sheet,
        row_number,
        cast(null as date) as row_date,
        cast(null as varchar) as township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        id_text,
        id_is_number,
        cast(null as decimal(18, 2)) as amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
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
        sheet,
        row_number,
        cast(null as date) as row_date,
        cast(null as varchar) as township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        cast(null as varchar) as id_text,
        false as id_is_number,
        cast(null as decimal(18, 2)) as amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
        cast(null as varchar) as repeat_of,
        coalesce(answer, '') as content
    from raw.satisfaction_survey
),

reply as (
    select
        row_key,
        'township_replies' as source,
        file_name,
        sheet,
        row_number,
        answered_date as row_date,
        cast(null as varchar) as township,
        cast(null as varchar) as batch_no,
        cast(null as varchar) as line_no,
        cast(null as varchar) as id_text,
        false as id_is_number,
        cast(null as decimal(18, 2)) as amount_yuan,
        cast(null as varchar) as outcome,
        cast(null as varchar) as detail,
        quarantine_field,
        quarantine_reason,
        quarantine_text,
        dropped_reason,
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
),

placed as (
    select
        every_row.*,
        landed_file.file_number,
        township_alias.township_code as known_township_code,
        coalesce(township_alias.township_code, bare_name(every_row.township), '') as place
    from every_row
    inner join raw.landed_file
        on every_row.file_name = landed_file.file_name
    left join policy.township_alias
        on spelling(every_row.township) = township_alias.alias
)

select
    row_key,
    source,
    file_name,
    file_number,
    sheet,
    row_number,
    row_date,
    coalesce(known_township_code, '000000000') as township_code,
    place,
    batch_no,
    line_no,
    id_text,
    id_is_number,
    amount_yuan,
    outcome,
    detail,
    quarantine_field,
    quarantine_reason,
    dropped_reason,
    -- A voucher is one in the whole district; a batch and a transfer are a township's.
    case when source in ('bank_returns', 'allocations') then repeat_of || '|' || place else repeat_of end as repeat_of,
    content || '|' || place || '|' || coalesce(quarantine_text, '') as content
from placed
