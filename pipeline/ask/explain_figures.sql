-- One row whoever or whatever the district's figures are made of and township that they are counted in: a person by his key, and
-- where there is none (a line without a valid ID, a grant, a transfer) the row of the file. Persons are counted in the township of
-- the roll, money in the one that paid; grants in none. The columns are the figures of mart.district_summary that are sums.
with part as (
    select
        person_key as subject,
        township_code,
        1 as roll_count,
        0 as planned_count,
        case when state = 'excluded' then 1 else 0 end as excluded_count,
        case when state = 'unconfirmed' then 1 else 0 end as unconfirmed_count,
        case when state = 'eligible' then 1 else 0 end as eligible_count,
        case when channel = 'refund' then 1 else 0 end as refunded_count,
        case when channel = 'collection' then 1 else 0 end as paid_on_behalf_count,
        case when written_off_yuan is not null then 1 else 0 end as covered_count,
        case when uncovered_reason is not null then 1 else 0 end as uncovered_count,
        cast(null as varchar) as from_account,
        cast(null as varchar) as to_account,
        cast(null as varchar) as fund_level,
        0 as amount_yuan
    from core.person_year
    union all
    select
        file_name || ' 第' || cast(row_number as varchar) || '行' as subject,
        township_code, 0, planned_count, 0, 0, 0, 0, 0, 0, 0, null, null, null, 0
    from core.township_transfer
    where planned_count is not null
    union all
    select
        coalesce(person_key, source_file || ' 第' || cast(row_number as varchar) || '行') as subject,
        township_code, 0, 0, 0, 0, 0, 0, 0, 0, 0, from_account, to_account, fund_level, amount_yuan
    from core.fund_posting
),

figure as (
    select
        subject,
        township_code,
        sum(roll_count) as roll_count,
        sum(planned_count) as planned_count,
        sum(excluded_count) as excluded_count,
        sum(unconfirmed_count) as unconfirmed_count,
        sum(eligible_count) as eligible_count,
        sum(refunded_count) as refunded_count,
        sum(paid_on_behalf_count) as paid_on_behalf_count,
        sum(covered_count) as covered_count,
        sum(uncovered_count) as uncovered_count,
        sum(case when from_account = 'bureau' then amount_yuan else 0 end) as allocated_yuan,
        sum(case when to_account in ('person:written_off', 'tax:written_off') then amount_yuan else 0 end) as used_yuan,
        sum(
            case when to_account in ('person:written_off', 'tax:written_off') and fund_level = 'municipal' then amount_yuan else 0 end
        ) as used_municipal_yuan,
        sum(
            case when to_account in ('person:written_off', 'tax:written_off') and fund_level = 'district' then amount_yuan else 0 end
        ) as used_district_yuan,
        sum(case when to_account in ('person:disputed', 'tax:disputed') then amount_yuan else 0 end) as disputed_yuan,
        sum(case when from_account = 'grant' then amount_yuan else 0 end) as budget_yuan,
        sum(case when from_account = 'grant' and fund_level = 'municipal' then amount_yuan else 0 end) as budget_municipal_yuan,
        sum(case when from_account = 'grant' and fund_level = 'district' then amount_yuan else 0 end) as budget_district_yuan
    from part
    group by subject, township_code
),

-- Every balance is a difference, so a person's part of it is the difference of his parts.
every_figure as (
    select
        figure.*,
        used_yuan + disputed_yuan as paid_out_yuan,
        allocated_yuan - used_yuan as township_balance_yuan,
        allocated_yuan - used_yuan - disputed_yuan as cash_balance_yuan,
        budget_yuan - allocated_yuan as bureau_balance_yuan,
        budget_yuan - used_yuan as balance_yuan,
        budget_municipal_yuan - used_municipal_yuan as balance_municipal_yuan,
        budget_district_yuan - used_district_yuan as balance_district_yuan
    from figure
)

select
    every_figure.*,
    person_year.id_masked,
    person_year.name_masked,
    township.township_name,
    person_year.state,
    person_year.state_reason,
    person_year.uncovered_reason,
    person_year.channel
from every_figure
left join core.person_year
    on every_figure.subject = person_year.person_key
left join core.township_of_year as township
    on every_figure.township_code = township.township_code
