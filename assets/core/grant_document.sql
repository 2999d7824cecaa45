-- One row an accepted grant of money by a level of government.
select
    fund_documents.row_key,
    fund_documents.file_name,
    fund_documents.sheet,
    fund_documents.row_number,
    fund_documents.document_no,
    fund_level.fund_level,
    fund_level.share,
    fund_documents.amount_yuan,
    fund_documents.persons as planned_count,
    -- Of another row's date nothing follows for a document that states none.
    coalesce(fund_documents.document_date, file_status.stated_date) as document_date
from raw.fund_documents
inner join core.row_fate
    on fund_documents.row_key = row_fate.row_key and row_fate.fate = 'accepted'
inner join core.file_status
    on fund_documents.file_name = file_status.file_name
inner join policy.fund_level
    on listed_word(fund_documents.fund_level) = fund_level.word
