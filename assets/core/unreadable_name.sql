-- One row a pair of name keys that agree but for characters that can't be read (written ?) or are written in traditional
-- characters on one side: equally long, and the same wherever both can be read. Only pairs that a roll and another row of the same ID give are compared.
with named as (
    select
        person_id,
        name_key
    from core.roll_row
    where person_id is not null
    union
    select
        person_id,
        name_key
    from core.return_row
    where person_id is not null and name_key is not null
    union
    -- A reply may give a roll row without a valid ID the right one: its name is then compared with that person's lines.
    select
        identity_number.id_text as person_id,
        roll_row.name_key
    from raw.township_replies
    inner join core.identity_number
        on answered_id(township_replies.answer_value) = identity_number.id_text
    cross join core.roll_row
    where roll_row.person_id is null
),

pair as (
    select distinct
        one.name_key,
        other.name_key as other_name_key
    from named as one
    inner join named as other
        on one.person_id = other.person_id and length(one.name_key) = length(other.name_key)
    where one.name_key <> other.name_key or one.name_key like '%?%'
),

differing as (
    select distinct
        pair.name_key,
        pair.other_name_key
    from pair
    inner join policy.place
        on place.position <= length(pair.name_key)
    left join policy.traditional_character as one
        on substr(pair.name_key, place.position, 1) = one.traditional
    left join policy.traditional_character as other
        on substr(pair.other_name_key, place.position, 1) = other.traditional
    where
        coalesce(one.simplified, substr(pair.name_key, place.position, 1))
        <> coalesce(other.simplified, substr(pair.other_name_key, place.position, 1))
        and substr(pair.name_key, place.position, 1) <> '?'
        and substr(pair.other_name_key, place.position, 1) <> '?'
)

select
    pair.name_key,
    pair.other_name_key
from pair
left join differing
    on pair.name_key = differing.name_key and pair.other_name_key = differing.other_name_key
where differing.name_key is null
