-- One row a classified person: the class of the latest verification. Two classes on that date are none.
with latest as (
    select
        person_id,
        max(verified_date) as verified_date
    from core.classification_row
    where person_id is not null
    group by person_id
)

select
    classification_row.person_id,
    latest.verified_date,
    case when min(classification_row.class) = max(classification_row.class) then min(classification_row.class) end as class,
    min(classification_row.class_reason) as class_reason,
    min(classification_row.class) <> max(classification_row.class) as is_classified_twice
from core.classification_row
inner join latest
    on classification_row.person_id = latest.person_id and classification_row.verified_date = latest.verified_date
group by classification_row.person_id, latest.verified_date
