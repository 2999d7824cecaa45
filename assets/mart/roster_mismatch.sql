-- One row a mismatch, as it may be published: masked, with its status and the person most probably meant.
select
    mismatch.mismatch_id,
    mismatch.kind,
    mismatch.severity,
    mismatch_sheet.status,
    mismatch.township_code,
    case
        when coalesce(mismatch.person_id, mismatch.person_no) is not null
            then keyed_hash(year.secret, coalesce(mismatch.person_id, mismatch.person_no))
    end as person_key,
    -- Whoever is meant has an ID, if only an empty one; an account, a file or a sum has none.
    case when mismatch.subject in ('person', 'classification', 'line') then masked_id(coalesce(mismatch.id_text, '')) end
        as id_masked,
    masked_name(mismatch.name) as name_masked,
    mismatch.channel,
    mismatch.amount_yuan,
    mismatch.file_name as source_file,
    mismatch.sheet,
    mismatch.row_number,
    mismatch.expected,
    mismatch.found,
    mismatch.action,
    case when suggestion.person_no is not null then keyed_hash(year.secret, suggestion.person_no) end as suggested_person_key,
    suggestion.reason as suggestion_reason
from core.mismatch
left join core.mismatch_sheet
    on mismatch.mismatch_id = mismatch_sheet.mismatch_id
left join core.suggestion
    on mismatch.mismatch_id = suggestion.mismatch_id
cross join policy.year
