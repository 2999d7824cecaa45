-- One row a year: the district's sums of both township tables, the budget, and the rates, each over its own denominator.
with participation as (
    select
        cast(sum(roll_count) as bigint) as roll_count,
        cast(sum(planned_count) as bigint) as planned_count,
        cast(sum(excluded_count) as bigint) as excluded_count,
        cast(sum(unconfirmed_count) as bigint) as unconfirmed_count,
        cast(sum(eligible_count) as bigint) as eligible_count,
        cast(sum(refunded_count) as bigint) as refunded_count,
        cast(sum(paid_on_behalf_count) as bigint) as paid_on_behalf_count,
        cast(sum(covered_count) as bigint) as covered_count,
        cast(sum(uncovered_count) as bigint) as uncovered_count
    from mart.township_participation
),

fund as (
    select
        cast(sum(allocated_yuan) as decimal(18, 2)) as allocated_yuan,
        cast(sum(paid_out_yuan) as decimal(18, 2)) as paid_out_yuan,
        cast(sum(used_yuan) as decimal(18, 2)) as used_yuan,
        cast(sum(disputed_yuan) as decimal(18, 2)) as disputed_yuan,
        cast(sum(balance_yuan) as decimal(18, 2)) as township_balance_yuan,
        cast(sum(cash_balance_yuan) as decimal(18, 2)) as cash_balance_yuan
    from mart.township_fund
),

budget as (
    select cast(sum(granted_yuan) as decimal(18, 2)) as budget_yuan
    from mart.fund_level
    where township_code is null
),

-- A year without a source has no figure of it: null, never 0.
source_of_year as (
    select
        max(case when source = 'benefit_payments' then 1 else 0 end) as has_benefits,
        max(case when source = 'satisfaction_survey' then 1 else 0 end) as has_survey
    from core.file_status
    where status = 'read'
),

benefit_of_person as (
    select
        row_identity.person_id,
        coalesce(sum(benefit_payments.due_amount_yuan), 0) as due_amount_yuan,
        coalesce(sum(benefit_payments.amount_yuan), 0) as amount_yuan
    from raw.benefit_payments
    inner join core.row_identity
        on benefit_payments.row_key = row_identity.row_key and row_identity.fate = 'accepted'
    where row_identity.person_id is not null
    group by row_identity.person_id
),

benefit as (
    select
        count(*) as entitled_count,
        count(*) filter (where amount_yuan >= due_amount_yuan) as paid_in_full_count
    from benefit_of_person
),

survey as (
    select
        count(*) as answer_count,
        count(*) filter (where satisfaction.is_satisfied) as satisfied_count
    from raw.satisfaction_survey
    inner join core.row_fate
        on satisfaction_survey.row_key = row_fate.row_key and row_fate.fate = 'accepted'
    -- Any other text is no answer.
    inner join code.satisfaction
        on listed_word(satisfaction_survey.answer) = satisfaction.code
),

-- The 95 % Wilson interval; an estimate, so floating point serves here.
wilson as (
    select
        survey.answer_count,
        survey.satisfied_count,
        1.959964 * 1.959964 as z_squared,
        cast(survey.satisfied_count as double) / nullif(survey.answer_count, 0) as share
    from survey
),

satisfaction as (
    select
        answer_count,
        satisfied_count,
        (share + z_squared / (2 * answer_count)) / (1 + z_squared / answer_count) as centre,
        1.959964 * sqrt(share * (1 - share) / answer_count + z_squared / (4.0 * answer_count * answer_count))
        / (1 + z_squared / answer_count) as half_width
    from wilson
)

select
    participation.roll_count,
    participation.planned_count,
    participation.excluded_count,
    participation.unconfirmed_count,
    participation.eligible_count,
    participation.refunded_count,
    participation.paid_on_behalf_count,
    participation.covered_count,
    participation.uncovered_count,
    rate(participation.covered_count, participation.eligible_count) as participation_rate,
    rate(participation.covered_count, participation.planned_count) as target_completion_rate,
    fund.allocated_yuan,
    fund.paid_out_yuan,
    fund.used_yuan,
    level_column.used_municipal_yuan,
    level_column.used_district_yuan,
    fund.disputed_yuan,
    cast(budget.budget_yuan - fund.used_yuan as decimal(18, 2)) as balance_yuan,
    fund.cash_balance_yuan,
    rate(fund.used_yuan, fund.allocated_yuan) as utilisation_rate,
    budget.budget_yuan,
    level_column.budget_municipal_yuan,
    level_column.budget_district_yuan,
    fund.township_balance_yuan,
    cast(budget.budget_yuan - fund.allocated_yuan as decimal(18, 2)) as bureau_balance_yuan,
    level_column.balance_municipal_yuan,
    level_column.balance_district_yuan,
    rate(fund.used_yuan, budget.budget_yuan) as execution_rate,
    case when source_of_year.has_benefits = 1 then rate(benefit.paid_in_full_count, benefit.entitled_count) end
        as benefit_disbursement_rate,
    case when source_of_year.has_survey = 1 then rate(satisfaction.satisfied_count, satisfaction.answer_count) end
        as satisfaction_rate,
    case
        when source_of_year.has_survey = 1 and satisfaction.answer_count > 0
            then cast(round(greatest(satisfaction.centre - satisfaction.half_width, 0), 6) as decimal(18, 6))
    end as satisfaction_low,
    case
        when source_of_year.has_survey = 1 and satisfaction.answer_count > 0
            then cast(round(least(satisfaction.centre + satisfaction.half_width, 1), 6) as decimal(18, 6))
    end as satisfaction_high,
    case when source_of_year.has_survey = 1 then satisfaction.answer_count end as satisfaction_answers
from participation
cross join fund
cross join budget
left join mart.level_column
    on level_column.township_code is null
cross join source_of_year
cross join benefit
cross join satisfaction
