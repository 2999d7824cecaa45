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
        row_key,
        'channel_mismatch' as kind
    from judged
    where is_identified and ((class = '返还' and channel = 'collection') or (class = '代缴' and channel = 'refund'))
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
    false as is_warning,
    case found_kind.kind
        when 'invalid_id' then '有效的18位身份证号'
        when 'id_precision_lost' then '有效的18位身份证号'
        when 'not_on_roll' then '本年名单内的人员'
        when 'name_mismatch' then '名单姓名 ' || substr(judged.roll_name, 1, 1) || '**'
        when 'name_unreadable' then '名单姓名 ' || substr(judged.roll_name, 1, 1) || '**'
        when 'paid_ineligible' then '符合条件的人员'
        when 'paid_unconfirmed' then '资格已确认的人员'
        when 'amount_mismatch' then '保费 ' || cast(year.premium_yuan as varchar) || ' 元'
        when 'outside_window'
            then
                '缴费期 ' || cast(year.window_first_date as varchar) || ' 至 ' || cast(year.window_last_date as varchar)
                || ',所属期在本年内'
        when 'paid_after_60' then '年满 ' || cast(year.age_below as varchar) || ' 周岁之前付款'
        when 'refund_without_self_payment' then '返还之前有个人缴费记录'
        when 'paid_twice' then '每人每年一笔'
        when 'paid_in_both_channels' then '返还与代缴只有其一'
        when 'reversal_without_payment' then '冲正之前有同一人同金额的付款'
        when 'township_mismatch' then '名单乡镇 ' || coalesce(roll_township.township_name, '未知')
        when 'channel_mismatch' then '分类 ' || judged.class
    end as expected,
    case found_kind.kind
        when 'invalid_id' then '证件号无效或为空'
        when 'id_precision_lost' then '证件号以数值存储,末位已丢失'
        when 'not_on_roll' then '本年各期名单均无此证件号'
        when 'name_mismatch' then '付款姓名 ' || coalesce(substr(judged.name, 1, 1) || '**', '为空')
        when 'name_unreadable' then '付款或名单姓名有不能识别的字'
        when 'paid_ineligible'
            then '不符合:' || coalesce(reason.chinese, replace(judged.state_reason, 'township:', '乡镇核定:'))
        when 'paid_unconfirmed' then '未确认:' || coalesce(reason.chinese, judged.state_reason)
        when 'amount_mismatch' then cast(judged.amount_yuan as varchar) || ' 元'
        when 'outside_window'
            then
                '付款日期 ' || cast(judged.paid_date as varchar)
                || coalesce(
                    ',所属期 ' || cast(judged.period_from_date as varchar) || ' 至 '
                    || cast(judged.period_to_date as varchar), ''
                )
        when 'paid_after_60' then '付款日期 ' || cast(judged.paid_date as varchar)
        when 'refund_without_self_payment' then '付款日期之前没有个人缴费记录'
        when 'paid_twice' then '同渠道另有一笔已核销'
        when 'paid_in_both_channels' then '另一渠道有一笔已核销'
        when 'reversal_without_payment' then '没有可冲正的付款'
        when 'township_mismatch' then '付款乡镇 ' || coalesce(paying_township.township_name, '未知')
        when 'channel_mismatch' then case judged.channel when 'refund' then '返还' else '代缴' end
    end as found,
    concat_ws(
        '|', found_kind.kind, coalesce(judged.id_text, ''), coalesce(judged.name_key, ''), judged.channel,
        coalesce(judged.document_no, ''), coalesce(judged.line_no, ''), cast(judged.amount_yuan as varchar),
        coalesce(cast(judged.paid_date as varchar), '')
    ) as fact
from found_kind
inner join judged
    on found_kind.row_key = judged.row_key
left join policy.township as roll_township
    on judged.roll_township_code = roll_township.township_code
left join policy.township as paying_township
    on judged.township_code = paying_township.township_code
left join policy.reason
    on judged.state_reason = reason.reason
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
    -- So many persons on one account are no family.
    shared_account.person_count <= 6 as is_warning,
    '账号只用于一户' as expected,
    cast(shared_account.household_count as varchar) || ' 户 ' || cast(shared_account.person_count as varchar)
    || ' 人共用一个账号' as found,
    'duplicate_account|' || shared_account.account as fact
from shared_account
where shared_account.position = 1
