-- One row a returned line of a valid ID that is quarantined and may have taken money back: whether the earlier payment stands is
-- not known.
with returned as (
    select
        row_key,
        'refund' as channel,
        outcome,
        paid_date
    from raw.bank_returns
    union all
    select
        row_key,
        'collection' as channel,
        outcome,
        paid_date
    from raw.tax_returns
    where payer_kind is distinct from '个人缴费'
)

select
    returned.row_key,
    returned.channel,
    row_identity.person_id,
    returned.paid_date
from returned
inner join core.row_identity
    on returned.row_key = row_identity.row_key and row_identity.fate = 'quarantined'
where row_identity.person_id is not null and returned.outcome in ('reversed', 'unrecognised')
