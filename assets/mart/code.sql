-- One row a code of a vocabulary: those of the software, and the words that the policy adds to them.
with township_reason as (
    select
        'township:' || exclusion_reason.reason as code,
        exclusion_reason.position,
        exclusion_reason.reason
    from policy.exclusion_reason
),

own_position as (
    select max(position) as last_position
    from code.state_reason
)

select
    vocabulary,
    code,
    position,
    severity,
    chinese,
    english
from code.published_code
union all
select
    'state_reason' as vocabulary,
    township_reason.code,
    cast(own_position.last_position + township_reason.position as integer) as position,
    cast(null as varchar) as severity,
    '乡镇核定:' || township_reason.reason as chinese,
    'The township says ineligible, for a reason of the policy: ' || township_reason.reason || '.' as english
from township_reason
cross join own_position
union all
select
    'fund_level' as vocabulary,
    fund_level as code,
    cast(position as integer) as position,
    cast(null as varchar) as severity,
    word as chinese,
    'Funding level ' || fund_level || '.' as english
from policy.fund_level
union all
-- The category of whoever is on the roll and in no other one is the fund's own.
select
    'category' as vocabulary,
    category.category as code,
    cast(category.position as integer) as position,
    cast(null as varchar) as severity,
    '建档立卡贫困人口' as chinese,
    'Registered poor.' as english
from policy.category
left join code.category as listed
    on category.category = listed.code
where listed.code is null
