-- One row a posting of double entry, masked.
select
    posting.posting_id,
    posting.posted_date,
    posting.from_account,
    posting.to_account,
    posting.fund_level,
    posting.township_code,
    case when posting.person_id is not null then keyed_hash(year.secret, posting.person_id) end as person_key,
    posting.amount_yuan,
    posting.document_no,
    posting.file_name as source_file,
    posting.row_number
from core.posting
cross join policy.year
