-- One row a person of the year's roll: his state in the end. Who has a payment written off that was right on its day, before any
-- evidence held, is eligible, and raises no mismatch of evidence and class.
with paid_before as (
    select distinct person_no
    from stage.line_judgement
    where disposition = 'written_off' and is_before_evidence
)

select
    eligibility.person_no,
    eligibility.class,
    paid_before.person_no is not null as is_paid_before_evidence,
    case when paid_before.person_no is null then eligibility.mismatch_kind end as mismatch_kind,
    case when paid_before.person_no is null then eligibility.state else 'eligible' end as state,
    case when paid_before.person_no is null then eligibility.state_reason end as state_reason
from stage.eligibility
left join paid_before
    on eligibility.person_no = paid_before.person_no
