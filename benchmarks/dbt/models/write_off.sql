-- The lines that count: one a person.
with own as (
    select
        id,
        min(paid) as own_paid
    from (
        select id, own_amount as amount, own_date as paid from {{ ref("register") }}
        where own_date is not null
        union all
        select id, amount, paid from {{ ref("landed_tax") }}
        where channel = 'own'
    )
    where amount >= 100
    group by id
)

select
    line.channel,
    line.township,
    line.amount,
    person.township as roll_township
from {{ ref("live_line") }} as line
inner join {{ ref("person") }} as person on line.id = person.id
left join own on line.id = own.id
where
    person.state = 'eligible'
    and line.name = person.name
    and line.amount = 100
    and year(line.paid) = {{ env_var("BENCH_YEAR") }}
    and line.paid < person.birth + interval 60 years
    and (line.channel = 'collection' or coalesce(own.own_paid <= line.paid, false))
qualify row_number() over (partition by line.id order by line.paid, line.channel) = 1
