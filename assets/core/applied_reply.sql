-- One row a mismatch whose answer is settled: the maker's reply that a checker confirmed, and the latest of them.
with settled as (
    select *
    from core.reply
    where role = 'maker' and status = 'applied'
),

-- Who is given his right ID is known by it from then on.
repair as (
    select
        person_no,
        answer_person_id
    from settled
    where answer = 'confirm_identity' and subject = 'person' and kind in ('invalid_id', 'id_precision_lost')
),

known_by as (
    select
        settled.*,
        coalesce(repair.answer_person_id, settled.person_no) as settled_person_no
    from settled
    left join repair
        on settled.person_no = repair.person_no
)

select
    mismatch_id,
    kind,
    subject,
    person_no,
    settled_person_no,
    case when subject = 'line' then mismatch_row_key end as row_key,
    answer,
    answer_value,
    case when answer = 'confirm_identity' then answer_person_id end as confirmed_person_id,
    row_number() over (
        partition by settled_person_no, answer in ('confirm_eligible', 'confirm_excluded')
        order by answered_date desc, checked_date desc, mismatch_id
    ) = 1 as is_latest_of_person,
    row_number() over (
        partition by mismatch_row_key, answer
        order by answered_date desc, checked_date desc, mismatch_id
    ) = 1 as is_latest_of_line
from known_by
