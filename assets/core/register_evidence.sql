-- One row a person with bureau evidence or a self-payment: what the pension register and the category rolls say of an ID.
-- Of several rows of one ID, any row's evidence counts.
with register_row as (
    select
        row_identity.person_id,
        pension_register.exclusion,
        pension_register.benefit_status
    from raw.pension_register
    inner join core.row_identity
        on pension_register.row_key = row_identity.row_key
    where row_identity.person_id is not null
),

-- What each word of the register is evidence of stands in its vocabulary.
register_evidence as (
    select
        register_row.person_id,
        exclusion.evidence
    from register_row
    inner join code.exclusion
        on register_row.exclusion = exclusion.code
    union
    select
        register_row.person_id,
        benefit_status.evidence
    from register_row
    inner join code.benefit_status
        on register_row.benefit_status = benefit_status.code
),

-- A category that comes before the fund's own and is paid by another fund, in any snapshot dated in the year.
category_evidence as (
    select distinct
        row_identity.person_id,
        'other_fund' as evidence
    from raw.category_rolls
    inner join core.row_identity
        on category_rolls.row_key = row_identity.row_key
    inner join policy.category
        on category_rolls.category = category.category
    cross join policy.year
    where
        row_identity.person_id is not null
        and not category.is_paid
        and category.position < (select min(paid.position) from policy.category as paid where paid.is_paid)
        and category_rolls.snapshot_date between year.year_first_date and year.year_last_date
)

select
    person_id,
    evidence
from register_evidence
where evidence is not null
union
select
    person_id,
    evidence
from category_evidence
