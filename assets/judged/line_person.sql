-- One row a returned line, with the person it is for: that of the line's own valid ID, or the roll person that a settled reply
-- names (which settles tests 1 to 3 as well).
select
    return_row.row_key,
    coalesce(applied_reply.confirmed_person_id, return_row.person_id) as person_id,
    applied_reply.confirmed_person_id is not null as is_confirmed
from core.return_row
left join stage.applied_reply
    on
        return_row.row_key = applied_reply.row_key
        and applied_reply.answer = 'confirm_identity'
        and applied_reply.subject = 'line'
        and applied_reply.is_latest_of_line
