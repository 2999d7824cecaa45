-- One row a row of a person of which something can't be read that may be evidence: a word of the register or of a category roll of
-- the year that nobody knows, and a verification that is quarantined and may be the latest.
select
    row_identity.person_id,
    pension_register.row_key,
    pension_register.file_name,
    row_identity.file_number,
    pension_register.sheet,
    pension_register.row_number,
    '参保登记' as stated_in
from raw.pension_register
inner join core.row_identity
    on pension_register.row_key = row_identity.row_key and row_identity.fate in ('accepted', 'quarantined')
cross join policy.year
where
    row_identity.person_id is not null
    and pension_register.is_evidence_unreadable
    -- What excludes him counts from its day on, also where it can't be read.
    and (
        pension_register.unknown_benefit_status is not null
        or not coalesce(pension_register.event_date > year.as_of, false)
    )
union all
select
    row_identity.person_id,
    category_rolls.row_key,
    category_rolls.file_name,
    row_identity.file_number,
    category_rolls.sheet,
    category_rolls.row_number,
    '类别名单' as stated_in
from raw.category_rolls
inner join core.row_identity
    on category_rolls.row_key = row_identity.row_key and row_identity.fate in ('accepted', 'quarantined')
cross join policy.year
where
    row_identity.person_id is not null
    and category_rolls.is_evidence_unreadable
    and category_rolls.snapshot_date between year.year_first_date and year.year_last_date
union all
select
    row_identity.person_id,
    classification.row_key,
    classification.file_name,
    row_identity.file_number,
    classification.sheet,
    classification.row_number,
    '乡镇分类' as stated_in
from raw.classification
inner join core.row_identity
    on classification.row_key = row_identity.row_key and row_identity.fate = 'quarantined'
left join core.classification_of_year
    on row_identity.person_id = classification_of_year.person_id
where
    row_identity.person_id is not null
    and coalesce(classification.verified_date >= classification_of_year.verified_date, true)
