-- One row a person and piece of bureau evidence: what the pension register and the category rolls say of an ID, from the first day
-- on which it holds (null: all year). Of several rows of one ID any row's evidence counts, and so does what can be read of a row
-- that is quarantined.
with register_row as (
    select
        row_identity.person_id,
        row_identity.file_number,
        pension_register.row_key,
        pension_register.file_name,
        pension_register.sheet,
        pension_register.row_number,
        pension_register.exclusion,
        pension_register.event_date,
        pension_register.benefit_status
    from raw.pension_register
    inner join core.row_identity
        on pension_register.row_key = row_identity.row_key and row_identity.fate in ('accepted', 'quarantined')
    where row_identity.person_id is not null
),

-- What each word of the register is evidence of stands in its vocabulary.
stated_evidence as (
    select
        register_row.person_id,
        exclusion.evidence,
        case when evidence.holds_from_event_date then register_row.event_date end as from_date,
        register_row.row_key,
        register_row.file_name,
        register_row.file_number,
        register_row.sheet,
        register_row.row_number
    from register_row
    inner join code.exclusion
        on register_row.exclusion = exclusion.code
    left join code.evidence
        on exclusion.evidence = evidence.code
    union all
    select
        register_row.person_id,
        benefit_status.evidence,
        cast(null as date) as from_date,
        register_row.row_key,
        register_row.file_name,
        register_row.file_number,
        register_row.sheet,
        register_row.row_number
    from register_row
    inner join code.benefit_status
        on register_row.benefit_status = benefit_status.code
    where benefit_status.evidence is not null
    union all
    -- A category that comes before the fund's own and is paid by another fund, in any snapshot dated in the year.
    select
        row_identity.person_id,
        'other_fund' as evidence,
        cast(null as date) as from_date,
        category_rolls.row_key,
        category_rolls.file_name,
        row_identity.file_number,
        category_rolls.sheet,
        category_rolls.row_number
    from raw.category_rolls
    inner join core.row_identity
        on category_rolls.row_key = row_identity.row_key and row_identity.fate in ('accepted', 'quarantined')
    inner join policy.category
        on category_rolls.category = category.category
    cross join policy.year
    where
        row_identity.person_id is not null
        and not category.is_paid
        and category.position < (select min(paid.position) from policy.category as paid where paid.is_paid)
        and category_rolls.snapshot_date between year.year_first_date and year.year_last_date
),

-- What happened after the year is no evidence in it, nor what happened after the day looked back from.
in_time as (
    select stated_evidence.*
    from stated_evidence
    cross join policy.year
    where
        stated_evidence.from_date is null
        or stated_evidence.from_date <= least(year.year_last_date, coalesce(year.as_of, year.year_last_date))
),

ranked as (
    select
        in_time.*,
        row_number() over (
            partition by person_id, evidence
            order by from_date nulls first, file_number, coalesce(sheet, ''), row_number, row_key
        ) as position
    from in_time
)

select
    person_id,
    evidence,
    from_date,
    row_key,
    file_name,
    file_number,
    sheet,
    row_number
from ranked
where position = 1
