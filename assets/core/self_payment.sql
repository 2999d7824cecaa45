-- One row a person who paid the premium himself, with the first day on which he did: by the register, and by the tax bureau's
-- rows of the kind 个人缴费. A payment without a date proves nothing.
with self_payment as (
    select
        row_identity.person_id,
        pension_register.self_paid_date as paid_date
    from raw.pension_register
    inner join core.row_identity
        on pension_register.row_key = row_identity.row_key
    cross join policy.year
    where pension_register.self_paid_amount_yuan >= year.premium_yuan and pension_register.self_paid_date is not null
    union all
    select
        line_person.person_id,
        return_row.paid_date
    from core.return_row
    inner join stage.line_person
        on return_row.row_key = line_person.row_key
    cross join policy.year
    where
        return_row.is_self_paid
        and return_row.outcome = 'success'
        and return_row.amount_yuan >= year.premium_yuan
        and return_row.paid_date is not null
)

select
    person_id,
    min(paid_date) as self_paid_date
from self_payment
where person_id is not null
group by person_id
