-- One row a mismatch as its township reads it in the workbook 差异清单: every protected cell as text, and the token over them.
-- Restricted: the township needs full names and IDs to act.
with sheet as (
    select
        mismatch.mismatch_id,
        mismatch.township_code,
        mismatch.kind,
        mismatch_kind.chinese as kind_text,
        case mismatch.severity when 'error' then '错误' else '提示' end as severity_text,
        coalesce(township.township_name, '未知') as township_name,
        coalesce(mismatch.name, '') as name,
        coalesce(mismatch.id_text, '') as id_text,
        case mismatch.channel when 'refund' then '返还' when 'collection' then '代缴' else '' end as channel_text,
        coalesce(cast(mismatch.amount_yuan as varchar), '') as amount_text,
        coalesce(mismatch.file_name, '') as file_name,
        coalesce(mismatch.sheet, '') as sheet,
        coalesce(cast(mismatch.row_number as varchar), '') as row_number_text,
        mismatch.expected,
        mismatch.found,
        mismatch.action,
        coalesce(suggested.name || ' ' || suggested.person_id, '') as suggestion_text,
        coalesce(suggestion.reason, '') as suggestion_reason
    from core.mismatch
    inner join policy.mismatch_kind
        on mismatch.kind = mismatch_kind.kind
    left join policy.township
        on mismatch.township_code = township.township_code
    left join core.suggestion
        on mismatch.mismatch_id = suggestion.mismatch_id
    left join stated.person as suggested
        on suggestion.person_no = suggested.person_no
)

select
    sheet.*,
    keyed_hash(
        year.secret,
        concat_ws(
            '|', sheet.mismatch_id, sheet.kind_text, sheet.severity_text, sheet.township_name, sheet.name, sheet.id_text,
            sheet.channel_text, sheet.amount_text, sheet.file_name, sheet.sheet, sheet.row_number_text, sheet.expected,
            sheet.found, sheet.action, sheet.suggestion_text, sheet.suggestion_reason
        )
    ) as token
from sheet
cross join policy.year
