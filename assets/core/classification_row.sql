-- One row an accepted verification of a township; the reason for 不符合 in the policy's words, any other text as 其他.
select
    classification.row_key,
    classification.file_name,
    row_identity.file_number,
    classification.sheet,
    classification.row_number,
    coalesce(township_alias.township_code, '000000000') as township_code,
    classification.village,
    classification.name,
    classification.name_key,
    row_identity.id_text,
    row_identity.person_id,
    row_identity.id_problem,
    classification.class,
    case
        when classification.class = '不符合' and classification.class_reason is not null
            then coalesce(exclusion_reason.reason, '其他')
    end as class_reason,
    classification.verified_date
from raw.classification
inner join core.row_identity
    on classification.row_key = row_identity.row_key and row_identity.fate = 'accepted'
left join policy.township_alias
    on spelling(classification.township) = township_alias.alias
left join policy.exclusion_reason
    on classification.class_reason = exclusion_reason.reason
