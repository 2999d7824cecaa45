-- One row a mismatch that names nobody of the roll for certain, a reading of its ID, and a person of the roll who could be
-- meant. Only persons are paired who share a whole piece of the ID or the whole name with it, so that few pairs need to be
-- compared letter by letter; who is meant most probably is judged in pipeline.build.suggestions.
with unmatched as (
    select
        mismatch.mismatch_id,
        mismatch.kind,
        mismatch.subject,
        mismatch.id_text,
        mismatch.person_no as holder_no,
        return_row.township_code,
        return_row.name_key,
        cast(null as varchar) as village_code
    from core.mismatch
    inner join core.return_row
        on mismatch.row_key = return_row.row_key
    where mismatch.subject = 'line' and mismatch.kind in ('invalid_id', 'id_precision_lost', 'not_on_roll', 'name_mismatch')
    union all
    select
        mismatch.mismatch_id,
        mismatch.kind,
        mismatch.subject,
        mismatch.id_text,
        cast(null as varchar) as holder_no,
        classification_row.township_code,
        classification_row.name_key,
        village_alias.village_code
    from core.mismatch
    inner join core.classification_row
        on mismatch.row_key = classification_row.row_key
    left join policy.village_alias
        on
            classification_row.township_code = village_alias.township_code
            and spelling(classification_row.village) = village_alias.alias
    where
        mismatch.subject = 'classification'
        and mismatch.kind in ('invalid_id', 'id_precision_lost', 'classified_not_on_roll')
    union all
    -- A row of the roll whose own ID is unusable may be somebody whom another snapshot has with a good one.
    select
        mismatch.mismatch_id,
        mismatch.kind,
        mismatch.subject,
        mismatch.id_text,
        cast(null as varchar) as holder_no,
        person.township_code,
        person.name_key,
        person.village_code
    from core.mismatch
    inner join stated.person
        on mismatch.person_no = person.person_no
    where mismatch.subject = 'person' and mismatch.kind in ('invalid_id', 'id_precision_lost')
),

-- What the ID may have been: as it stands; 15 digits as the old number; and 15 digits that landing took for an old number, as
-- what a spreadsheet leaves of 18.
reading as (
    select
        mismatch_id,
        coalesce(id_text, '') as id_reading
    from unmatched
    where not coalesce(regexp_matches(id_text, '^[0-9]{15}$'), false)
    union all
    select
        mismatch_id,
        substr(id_text, 1, 6) || '19' || substr(id_text, 7, 9) as id_reading
    from unmatched
    where regexp_matches(id_text, '^[0-9]{15}$')
    union all
    select
        mismatch_id,
        id_text as id_reading
    from unmatched
    where regexp_matches(id_text, '^[0-9]{6}(19|20)[0-9]{7}$')
    union all
    select
        mismatch_id,
        substr(id_text, 1, 6) || substr(id_text, 9, 9) as id_reading
    from unmatched
    where kind = 'invalid_id' and regexp_matches(id_text, '^[0-9]{6}19(19|20)[0-9]{7}[0-9X]$')
),

roll as (
    select
        person_no,
        coalesce(person_id, id_text, '') as other_id_text,
        person_id is not null as has_valid_id,
        coalesce(id_problem = 'id_precision_lost', false) as is_precision_lost,
        name_key,
        township_code,
        village_code,
        household_no
    from stated.person
),

-- The pieces of an ID of which a single slip leaves one whole: the birth date; sequence and check; and, where two digits
-- between them changed places, the rest of both.
stated_id as (
    select
        mismatch_id,
        cast(null as varchar) as person_no,
        id_reading as id_text
    from reading
    union all
    select
        cast(null as varchar) as mismatch_id,
        person_no,
        other_id_text as id_text
    from roll
),

piece as (
    select
        stated_id.*,
        'birth' as part,
        substr(id_text, 7, 8) as piece
    from stated_id
    where length(id_text) >= 14
    union all
    select
        stated_id.*,
        'tail' as part,
        substr(id_text, length(id_text) - 3, 4) as piece
    from stated_id
    where length(id_text) between 17 and 19
    union all
    select
        stated_id.*,
        'border' as part,
        substr(id_text, 7, 7) || substr(id_text, 16, 3) as piece
    from stated_id
    where length(id_text) = 18
),

-- A piece or a name that very many persons share tells nobody apart, and pairing them all would take more memory than a
-- machine of an office has.
telling_piece as (
    select
        part,
        piece
    from piece
    where person_no is not null
    group by part, piece
    having count(*) <= 200
),

telling_name as (
    select name_key
    from roll
    group by name_key
    having count(*) <= 200
),

pair as (
    select
        asked.mismatch_id,
        asked.id_text as id_reading,
        held.person_no
    from piece as asked
    inner join telling_piece
        on asked.part = telling_piece.part and asked.piece = telling_piece.piece
    inner join piece as held
        on asked.part = held.part and asked.piece = held.piece
    where asked.mismatch_id is not null and held.person_no is not null
    union
    select
        reading.mismatch_id,
        reading.id_reading,
        roll.person_no
    from reading
    inner join unmatched
        on reading.mismatch_id = unmatched.mismatch_id
    inner join telling_name
        on unmatched.name_key = telling_name.name_key
    inner join roll
        on unmatched.name_key = roll.name_key
)

select
    pair.mismatch_id,
    unmatched.kind,
    unmatched.id_text,
    pair.id_reading,
    roll.person_no,
    roll.other_id_text,
    roll.has_valid_id,
    unmatched.kind = 'id_precision_lost' or roll.is_precision_lost as is_precision_lost,
    unmatched.name_key,
    roll.name_key as other_name_key,
    coalesce(unmatched.village_code = roll.village_code, false) as is_same_village,
    unmatched.township_code <> '000000000' and unmatched.township_code = roll.township_code as is_same_township,
    coalesce(holder.household_no = roll.household_no and holder.township_code = roll.township_code, false)
        as is_same_household
from pair
inner join unmatched
    on pair.mismatch_id = unmatched.mismatch_id
inner join roll
    on pair.person_no = roll.person_no
left join roll as holder
    on unmatched.holder_no = holder.person_no
where
    -- A township answers for a row of the roll with a valid ID.
    (roll.has_valid_id or unmatched.subject <> 'person')
    -- Of those who share but a piece, only who has nearly the same ID or lives in the same township is worth comparing.
    and (
        unmatched.name_key = roll.name_key
        or levenshtein(pair.id_reading, roll.other_id_text) <= 3
        or unmatched.township_code = roll.township_code
    )
