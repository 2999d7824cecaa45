-- One row a mismatch as its township reads it in the workbook 差异清单: every protected cell as text, and the token over them.
-- Restricted: the township needs full names and IDs to act.
with answered as (
    select
        mismatch_id,
        case when max(case when status = 'applied' then 1 else 0 end) = 1 then 'settled' else 'answered' end as status
    from core.reply
    where role = 'maker' and status in ('applied', 'waiting')
    group by mismatch_id
),

sheet as (
    select
        mismatch.mismatch_id,
        mismatch.township_code,
        mismatch_kind.chinese as kind_text,
        severity.chinese as severity_text,
        coalesce(township.township_name, '未知') as township_name,
        coalesce(person.village, '') as village,
        coalesce(mismatch.name, '') as name,
        coalesce(mismatch.id_text, '') as id_text,
        coalesce(channel.chinese, '') as channel_text,
        -- As a spreadsheet gives back the number that was written: without zeros at the end.
        coalesce(regexp_replace(cast(mismatch.amount_yuan as varchar), '\.?0+$', '', 'g'), '') as amount_text,
        coalesce(mismatch.file_name, '') as file_name,
        coalesce(mismatch.sheet, '') as sheet,
        coalesce(cast(mismatch.row_number as varchar), '') as row_number_text,
        -- What is published of a name is its first character; the township compares whole names.
        case
            when mismatch.kind in ('name_mismatch', 'name_unreadable') then '名单姓名 ' || coalesce(person.name, '')
            else coalesce(mismatch.expected, '')
        end as expected,
        case
            when mismatch.kind = 'name_mismatch' then '付款姓名 ' || coalesce(mismatch.name, '')
            else coalesce(mismatch.found, '')
        end as found,
        mismatch.action,
        coalesce(suggested.name || ' ' || coalesce(suggested.person_id, suggested.id_text, ''), '') as suggestion_text,
        coalesce(suggestion.reason, '') as suggestion_reason,
        mismatch_status.code as status,
        mismatch_status.chinese as status_text
    from core.mismatch
    left join code.mismatch_kind
        on mismatch.kind = mismatch_kind.code
    left join code.severity
        on mismatch.severity = severity.code
    left join code.channel
        on mismatch.channel = channel.code
    left join policy.township
        on mismatch.township_code = township.township_code
    left join stated.person
        on mismatch.person_no = person.person_no
    left join core.suggestion
        on mismatch.mismatch_id = suggestion.mismatch_id
    left join stated.person as suggested
        on suggestion.person_no = suggested.person_no
    left join answered
        on mismatch.mismatch_id = answered.mismatch_id
    left join code.mismatch_status
        on coalesce(answered.status, 'open') = mismatch_status.code
)

select
    sheet.mismatch_id,
    sheet.township_code,
    sheet.kind_text,
    sheet.severity_text,
    sheet.township_name,
    sheet.village,
    sheet.name,
    sheet.id_text,
    sheet.channel_text,
    sheet.amount_text,
    sheet.file_name,
    sheet.sheet,
    sheet.row_number_text,
    sheet.expected,
    sheet.found,
    sheet.action,
    sheet.suggestion_text,
    sheet.suggestion_reason,
    sheet.status,
    sheet.status_text,
    keyed_hash(
        year.secret,
        concat_ws(
            '|', sheet.mismatch_id, sheet.kind_text, sheet.severity_text, sheet.township_name, sheet.village, sheet.name,
            sheet.id_text, sheet.channel_text, sheet.amount_text, sheet.file_name, sheet.sheet, sheet.row_number_text,
            sheet.expected, sheet.found, sheet.action, sheet.suggestion_text, sheet.suggestion_reason, sheet.status_text
        )
    ) as token
from sheet
cross join policy.year
