-- One row a mismatch of the year, before any reply, so that none vanishes by being answered. The number is a keyed hash of the
-- fact itself, never of the file's path: the same fact keeps it from refresh to refresh. Twins are told apart by an ordinal.
-- A finding of a kind that no vocabulary lists has no severity, and the store refuses it.
with finding as (
    select * from core.person_finding
    union all
    select * from core.line_finding
    union all
    select * from core.money_finding
),

numbered as (
    select
        finding.*,
        row_number() over (
            partition by finding.fact
            order by
                finding.township_code nulls first,
                finding.name nulls first,
                finding.account nulls first,
                landed_file.sha256 nulls first,
                coalesce(finding.sheet, ''),
                coalesce(finding.row_number, 0),
                finding.row_key
        ) as ordinal
    from finding
    left join raw.landed_file
        on finding.file_name = landed_file.file_name
)

select
    keyed_hash(
        year.secret,
        cast(extract(year from year.year_first_date) as varchar) || '|' || numbered.fact || '|' || cast(numbered.ordinal as varchar)
    ) as mismatch_id,
    numbered.kind,
    case when numbered.is_warning then 'warning' else mismatch_kind.severity end as severity,
    numbered.subject,
    numbered.person_no,
    numbered.person_id,
    numbered.id_text,
    numbered.name,
    numbered.township_code,
    numbered.channel,
    numbered.amount_yuan,
    numbered.row_key,
    numbered.file_name,
    numbered.sheet,
    numbered.row_number,
    replace(mismatch_kind.expected, '{value}', coalesce(numbered.expected_value, '')) as expected,
    replace(mismatch_kind.found, '{value}', coalesce(numbered.found_value, '')) as found,
    mismatch_kind.action
from numbered
left join code.mismatch_kind
    on numbered.kind = mismatch_kind.code
cross join policy.year
