-- One row a distinct 18-character number that a file states: is it well formed, and what birth date does it hold?
-- Source: GB 11643-1999; the check character is ISO 7064 MOD 11-2. The area code need not be one of today's: old codes are
-- valid, so only the first two digits are compared with the provinces. Whether the birth date lies in the future depends on
-- the file that states the number, and is judged in core.row_identity.
with stated_number as (
    select id_text from raw.landed_row
    union
    -- A township may write an ID as the content of its answer.
    select answered_id(answer_value) as id_text from raw.township_replies
),

number_of_18 as (
    select
        id_text,
        -- No calendar has a year 0, though a database may.
        nullif(substr(id_text, 7, 4), '0000') || '-' || substr(id_text, 11, 2) || '-' || substr(id_text, 13, 2) as birth_text
    from stated_number
    where regexp_matches(id_text, '^[0-9]{17}[0-9X]$')
)

select
    id_text,
    check_character(substr(id_text, 1, 17)) = substr(id_text, 18, 1) as has_right_check,
    substr(id_text, 1, 2) in (
        '11', '12', '13', '14', '15', '21', '22', '23', '31', '32', '33', '34', '35', '36', '37', '41', '42', '43', '44', '45',
        '46', '50', '51', '52', '53', '54', '61', '62', '63', '64', '65', '71', '81', '82', '83'
    ) as has_province,
    try_cast(birth_text as date) as birth_date
from number_of_18
