-- One row an accepted row of a snapshot dated in the year: the roll as the poverty office sent it, township by code.
select
    poverty_roll.row_key,
    poverty_roll.file_name,
    row_identity.file_number,
    poverty_roll.sheet,
    poverty_roll.row_number,
    poverty_roll.snapshot_date,
    coalesce(township_alias.township_code, '000000000') as township_code,
    poverty_roll.village,
    poverty_roll.household_no,
    poverty_roll.member_no,
    poverty_roll.name,
    poverty_roll.name_key,
    poverty_roll.schooling,
    poverty_roll.schooling_says,
    row_identity.id_text,
    row_identity.person_id,
    row_identity.id_problem,
    -- A row without a valid ID is still a person: the one of this township, village, name and raw text.
    coalesce(
        row_identity.person_id,
        concat_ws(
            '|', '', coalesce(township_alias.township_code, '000000000'), coalesce(poverty_roll.village, ''),
            coalesce(poverty_roll.name_key, ''), coalesce(row_identity.id_text, '')
        )
    ) as stated_person_no
from raw.poverty_roll
inner join core.row_identity
    on poverty_roll.row_key = row_identity.row_key and row_identity.fate = 'accepted'
left join policy.township_alias
    on spelling(poverty_roll.township) = township_alias.alias
cross join policy.year
where poverty_roll.snapshot_date between year.year_first_date and year.year_last_date
