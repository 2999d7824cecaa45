-- One row a person of the roll, with his state.
with latest as (
    select
        "证件号码" as id,
        "姓名" as name,
        "乡镇" as township,
        "在校生状况" as schooling,
        cast(strptime(substr("证件号码", 7, 8), '%Y%m%d') as date) as birth
    from {{ ref("landed_roll") }}
    qualify row_number() over (partition by "证件号码" order by day desc) = 1
),

verified as (
    select
        "身份证号" as id,
        "核查分类" as class
    from {{ ref("landed_verification") }}
    qualify row_number() over (partition by "身份证号" order by "核查日期" desc) = 1
),

disabled as (
    select distinct "身份证号码" as id
    from read_csv('{{ env_var("BENCH_RAW") }}/category_rolls/*.csv', all_varchar = true)
    where "救助类别" = '重度残疾'
),

judged as (
    select
        latest.*,
        verified.class,
        coalesce(verified.class in ('返还', '代缴'), false) as is_paid_for,
        register.exclusion is not null
        or latest.birth > make_date({{ env_var("BENCH_YEAR") }} - 16, 12, 31)
        or latest.birth <= make_date({{ env_var("BENCH_YEAR") }} - 60, 1, 1)
        or coalesce(register.benefit in ('正常领取', '暂停领取'), false)
        or coalesce(latest.schooling <> '非在校生', false)
        or disabled.id is not null as is_against
    from latest
    left join {{ ref("register") }} as register on latest.id = register.id
    left join verified on latest.id = verified.id
    left join disabled on latest.id = disabled.id
)

select
    *,
    case
        when is_against and not is_paid_for then 'excluded'
        when not is_against and is_paid_for then 'eligible'
        when not is_against and class = '不符合' then 'excluded'
        else 'unconfirmed'
    end as state
from judged
