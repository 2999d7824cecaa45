-- One row a file, vocabulary and word that nobody knows: in how many rows that are used or quarantined, and for how much money.
-- A word that may be a number of somebody is masked.
with unknown as (
    select row_key, 'schooling' as vocabulary, unknown_schooling as word from raw.poverty_roll where unknown_schooling is not null
    union all
    select row_key, 'category' as vocabulary, unknown_category as word from raw.category_rolls where unknown_category is not null
    union all
    select row_key, 'class' as vocabulary, unknown_class as word from raw.classification where unknown_class is not null
    union all
    select row_key, 'insured_status' as vocabulary, unknown_insured_status as word from raw.pension_register where unknown_insured_status is not null
    union all
    select row_key, 'exclusion' as vocabulary, unknown_exclusion as word from raw.pension_register where unknown_exclusion is not null
    union all
    select row_key, 'benefit_status' as vocabulary, unknown_benefit_status as word from raw.pension_register where unknown_benefit_status is not null
    union all
    select row_key, 'outcome' as vocabulary, unknown_outcome as word from raw.bank_returns where unknown_outcome is not null
    union all
    select row_key, 'outcome_code' as vocabulary, unknown_outcome_code as word from raw.bank_returns where unknown_outcome_code is not null
    union all
    select row_key, 'levy_item' as vocabulary, unknown_levy_item as word from raw.tax_returns where unknown_levy_item is not null
    union all
    select row_key, 'payer_kind' as vocabulary, unknown_payer_kind as word from raw.tax_returns where unknown_payer_kind is not null
    union all
    select row_key, 'outcome' as vocabulary, unknown_outcome as word from raw.tax_returns where unknown_outcome is not null
    union all
    select row_key, 'outcome_code' as vocabulary, unknown_outcome_code as word from raw.tax_returns where unknown_outcome_code is not null
    union all
    -- The policy knows the words of the funding levels.
    select
        fund_documents.row_key,
        'fund_level' as vocabulary,
        fund_documents.fund_level as word
    from raw.fund_documents
    left join policy.fund_level
        on listed_word(fund_documents.fund_level) = fund_level.word
    where fund_documents.fund_level is not null and fund_level.word is null
),

masked as (
    select
        landed_row.file_name,
        unknown.vocabulary,
        regexp_replace(unknown.word, '[0-9]{6,}', '******', 'g') as word,
        landed_row.amount_yuan,
        landed_row.row_number
    from unknown
    inner join core.row_fate
        on unknown.row_key = row_fate.row_key and row_fate.fate in ('accepted', 'quarantined')
    -- Under which header a word of a row with too few or too many cells stands is not known.
    inner join raw.landed_row
        on unknown.row_key = landed_row.row_key and coalesce(landed_row.quarantine_field, '') <> 'row'
)

select
    file_name as source_file,
    vocabulary,
    word,
    count(*) as row_count,
    sum(amount_yuan) as amount_yuan,
    min(row_number) as first_row_number
from masked
group by file_name, vocabulary, word
