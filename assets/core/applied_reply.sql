-- One row a mismatch whose answer is settled: the maker's reply that a checker confirmed, and the latest of them.
select
    mismatch_id,
    kind,
    subject,
    person_no,
    case when subject = 'line' then mismatch_row_key end as row_key,
    answer,
    answer_value,
    case when answer = 'confirm_identity' then answer_person_id end as confirmed_person_id,
    row_number() over (
        partition by person_no, answer in ('confirm_eligible', 'confirm_excluded')
        order by answered_date desc, checked_date desc, mismatch_id
    ) = 1 as is_latest_of_person,
    row_number() over (
        partition by mismatch_row_key, answer
        order by answered_date desc, checked_date desc, mismatch_id
    ) = 1 as is_latest_of_line
from core.reply
where role = 'maker' and status = 'applied'
