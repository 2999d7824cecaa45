-- One row a mismatch of a returned line, before any reply: the test that it fails, and the warnings that hold nothing.
with judged as (
    select
        return_row.*,
        line_judgement.person_no,
        line_judgement.mismatch_kind,
        line_judgement.is_live,
        line_judgement.is_identified,
        line_judgement.is_on_roll,
        line_judgement.is_name_unreadable,
        person.township_code as roll_township_code,
        person.household_no,
        person.name as roll_name,
        eligibility.state_reason,
        eligibility.class
    from core.return_row
    inner join stated.line_judgement
        on return_row.row_key = line_judgement.row_key
    left join stated.person
        on line_judgement.person_no = person.person_no
    left join stated.eligibility
        on line_judgement.person_no = eligibility.person_no
),

found_kind as (
    select
        row_key,
        mismatch_kind as kind
    from judged
    where mismatch_kind is not null
    union all
    select
        row_key,
        'township_mismatch' as kind
    from judged
    where
        is_identified
        and township_code <> roll_township_code
        and township_code <> '000000000'
        and roll_township_code <> '000000000'
    union all
    select
        judged.row_key,
        'channel_mismatch' as kind
    from judged
    inner join code.class as class_code
        on judged.class = class_code.code
    where judged.is_identified and class_code.channel <> judged.channel
    union all
    select
        row_key,
        'name_unreadable' as kind
    from judged
    where is_identified and is_name_unreadable
),

-- One account refunded for persons of two or more households; who has no household number is a household of his own.
account_use as (
    select
        account,
        count(distinct person_no) as person_count,
        count(distinct coalesce('|' || household_no, person_no)) as household_count
    from judged
    where is_live and channel = 'refund' and is_on_roll and account is not null
    group by account
    having count(distinct coalesce('|' || household_no, person_no)) > 1
),

shared_account as (
    select
        judged.*,
        account_use.person_count,
        account_use.household_count,
        row_number() over (partition by judged.account order by judged.paid_date, judged.line_order) as position
    from judged
    inner join account_use
        on judged.account = account_use.account
    where judged.is_live and judged.channel = 'refund' and judged.is_on_roll
)

select
    found_kind.kind,
    'line' as subject,
    judged.person_no,
    judged.person_id,
    judged.id_text,
    judged.name,
    judged.township_code,
    judged.channel,
    judged.amount_yuan,
    judged.row_key,
    judged.file_name,
    judged.sheet,
    judged.row_number,
    judged.account,
    false as is_warning,
    case
        when found_kind.kind in ('name_mismatch', 'name_unreadable') then masked_name(judged.roll_name)
        when found_kind.kind = 'amount_mismatch' then cast(year.premium_yuan as varchar)
        when found_kind.kind = 'outside_window'
            then cast(year.window_first_date as varchar) || ' 至 ' || cast(year.window_last_date as varchar)
        when found_kind.kind = 'paid_after_60' then cast(year.age_below as varchar)
        when found_kind.kind = 'township_mismatch' then coalesce(roll_township.township_name, '未知')
        when found_kind.kind = 'channel_mismatch' then judged.class
    end as expected_value,
    case
        when found_kind.kind = 'name_mismatch' then coalesce(masked_name(judged.name), '为空')
        when found_kind.kind in ('paid_ineligible', 'paid_unconfirmed')
            then coalesce(state_reason.chinese, replace(judged.state_reason, 'township:', '乡镇核定:'))
        when found_kind.kind = 'amount_mismatch' then cast(judged.amount_yuan as varchar)
        when found_kind.kind = 'outside_window'
            then
                cast(judged.paid_date as varchar)
                || coalesce(
                    ',所属期 ' || cast(judged.period_from_date as varchar) || ' 至 '
                    || cast(judged.period_to_date as varchar), ''
                )
        when found_kind.kind = 'paid_after_60' then cast(judged.paid_date as varchar)
        when found_kind.kind = 'township_mismatch' then coalesce(paying_township.township_name, '未知')
        when found_kind.kind = 'channel_mismatch' then channel.chinese
    end as found_value,
    line_fact(
        found_kind.kind, judged.id_text, judged.channel, judged.document_no, judged.line_no, judged.amount_yuan, judged.paid_date
    ) as fact
from found_kind
inner join judged
    on found_kind.row_key = judged.row_key
left join policy.township as roll_township
    on judged.roll_township_code = roll_township.township_code
left join policy.township as paying_township
    on judged.township_code = paying_township.township_code
left join code.state_reason
    on judged.state_reason = state_reason.code
left join code.channel
    on judged.channel = channel.code
cross join policy.year
union all
select
    'duplicate_account' as kind,
    'account' as subject,
    cast(null as varchar) as person_no,
    cast(null as varchar) as person_id,
    cast(null as varchar) as id_text,
    cast(null as varchar) as name,
    shared_account.township_code,
    shared_account.channel,
    shared_account.amount_yuan,
    shared_account.row_key,
    shared_account.file_name,
    shared_account.sheet,
    shared_account.row_number,
    shared_account.account,
    -- So many persons on one account are no family.
    shared_account.person_count <= 6 as is_warning,
    cast(null as varchar) as expected_value,
    cast(shared_account.household_count as varchar) || ' 户 ' || cast(shared_account.person_count as varchar) || ' 人'
        as found_value,
    'duplicate_account|' || shared_account.account as fact
from shared_account
where shared_account.position = 1
union all
-- A success that a list stated and that the lists which replaced it don't know any more.
select
    'success_withdrawn' as kind,
    'line' as subject,
    person.person_no,
    withdrawn_success.person_id,
    withdrawn_success.id_text,
    withdrawn_success.name,
    withdrawn_success.township_code,
    'refund' as channel,
    withdrawn_success.amount_yuan,
    withdrawn_success.row_key,
    withdrawn_success.file_name,
    withdrawn_success.sheet,
    withdrawn_success.row_number,
    withdrawn_success.account,
    false as is_warning,
    cast(null as varchar) as expected_value,
    cast(null as varchar) as found_value,
    line_fact(
        'success_withdrawn', withdrawn_success.id_text, 'refund', withdrawn_success.document_no, withdrawn_success.line_no,
        withdrawn_success.amount_yuan, withdrawn_success.paid_date
    ) as fact
from core.withdrawn_success
left join stated.person
    on withdrawn_success.person_id = person.person_id
