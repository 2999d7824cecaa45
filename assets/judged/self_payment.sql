-- One row a payment of the premium by a person himself, with the day on which he made it and the day on which it was given back:
-- by the tax bureau's rows of the kind 个人缴费, and by the register. A payment without a date proves nothing.
with reversal as (
    select
        line_person.person_id,
        return_row.amount_yuan,
        return_row.paid_date
    from core.return_row
    inner join stage.line_person
        on return_row.row_key = line_person.row_key
    where return_row.is_self_paid and return_row.outcome = 'reversed'
),

registered as (
    select
        pension_register.row_key,
        row_identity.person_id,
        pension_register.self_paid_amount_yuan as amount_yuan,
        pension_register.self_paid_date
    from raw.pension_register
    inner join core.row_identity
        on pension_register.row_key = row_identity.row_key and row_identity.fate in ('accepted', 'quarantined')
    cross join policy.year
    where
        row_identity.person_id is not null
        and pension_register.self_paid_amount_yuan >= year.premium_yuan
        and pension_register.self_paid_date <= coalesce(year.as_of, pension_register.self_paid_date)
)

select
    return_row.row_key,
    line_person.person_id,
    return_row.paid_date as self_paid_date,
    undoing.paid_date as given_back_date
from core.return_row
inner join stage.line_person
    on return_row.row_key = line_person.row_key
left join stage.line_pairing
    on return_row.row_key = line_pairing.row_key
left join core.return_row as undoing
    on line_pairing.other_row_key = undoing.row_key
cross join policy.year
where
    return_row.is_self_paid
    and return_row.outcome = 'success'
    and return_row.amount_yuan >= year.premium_yuan
    and return_row.paid_date is not null
    and line_person.person_id is not null
union all
-- What the register says was paid is given back by the first such reversal on or after its day: where a line of that amount is
-- left, that line is evidence enough.
select
    registered.row_key,
    registered.person_id,
    registered.self_paid_date,
    min(reversal.paid_date) as given_back_date
from registered
left join reversal
    on
        registered.person_id = reversal.person_id
        and registered.amount_yuan = reversal.amount_yuan
        and registered.self_paid_date <= reversal.paid_date
group by registered.row_key, registered.person_id, registered.self_paid_date
