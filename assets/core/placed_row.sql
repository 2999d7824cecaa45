-- One row a data row of a readable file, in the terms of the policy: its township by code, an unknown one by its bare name, and
-- whether its funding level is known. What is compared of it with the rows of other files is complete here.
with unknown_level as (
    select fund_documents.row_key
    from raw.fund_documents
    left join policy.fund_level
        on listed_word(fund_documents.fund_level) = fund_level.word
    where fund_level.word is null
),

placed as (
    select
        landed_row.row_key,
        landed_row.source,
        landed_row.file_name,
        landed_file.file_number,
        landed_row.snapshot_date,
        landed_row.row_date,
        coalesce(township_alias.township_code, '000000000') as township_code,
        coalesce(township_alias.township_code, bare_name(landed_row.township), '') as place,
        landed_row.repeat_key,
        landed_row.repeats_in_township,
        landed_row.content_upper,
        landed_row.content_lower,
        -- The policy knows the words of the funding levels, so an unknown one is found here and not on reading.
        coalesce(
            landed_row.quarantine_field, case when unknown_level.row_key is not null then 'fund_level' end
        ) as quarantine_field,
        coalesce(
            landed_row.quarantine_reason,
            case
                when unknown_level.row_key is not null
                    then 'unknown_word: 资金级次不在本年政策之列,请更正后重报。'
            end
        ) as quarantine_reason,
        landed_row.dropped_reason
    from raw.landed_row
    inner join raw.landed_file
        on landed_row.file_name = landed_file.file_name
    left join policy.township_alias
        on spelling(landed_row.township) = township_alias.alias
    left join unknown_level
        on landed_row.row_key = unknown_level.row_key
)

select
    row_key,
    source,
    file_name,
    file_number,
    row_date,
    township_code,
    place,
    case when repeats_in_township then repeat_key || '|' || place else repeat_key end as repeat_of,
    snapshot_date,
    content_upper,
    content_lower,
    quarantine_field,
    quarantine_reason,
    dropped_reason
from placed
