-- One row a person whose premium of the year is written off. The key is the rule: the store refuses a second one.
select
    line_judgement.person_no,
    line_judgement.row_key,
    return_row.channel,
    return_row.paid_date,
    return_row.amount_yuan,
    return_row.township_code
from core.line_judgement
inner join core.return_row
    on line_judgement.row_key = return_row.row_key
where line_judgement.disposition = 'written_off'
