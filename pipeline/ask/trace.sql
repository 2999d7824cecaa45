-- One row an event of the person who is asked for by ID ($id_text) or key ($person_key), within a policy year ($year): what a
-- file says of him and where, and what the rules made of it. Terms are those of the tables; pipeline.ask.trace translates them.
with named_person as (
    select person_no, person_id, person_key
    from core.person
    where policy_year = $year and ($id_text in (person_id, id_text) or person_key = $person_key)
    union
    select person_no, person_id, person_key
    from stated.person
    where policy_year = $year and ($id_text in (person_id, id_text) or person_key = $person_key)
),

-- Whom a reply gave his right ID is told of by either: as the roll states him, and as he is known since.
known_as as (
    select person_no from named_person
    union
    select settled_person_no from core.applied_reply
    where policy_year = $year and person_no in (select person_no from named_person)
),

asked_person as (
    select person_no, person_id, person_key
    from core.person
    where policy_year = $year and person_no in (select person_no from known_as)
    union
    select person_no, person_id, person_key
    from stated.person
    where
        policy_year = $year
        and (
            person_no in (select person_no from known_as)
            or person_no in (
                select person_no
                from core.applied_reply
                where policy_year = $year and settled_person_no in (select person_no from known_as)
            )
        )
),

-- Who is on no roll has a key all the same, by a line or a mismatch.
asked_id as (
    select $id_text as id_text
    where $id_text is not null
    union
    select person_id as id_text
    from asked_person
    where person_id is not null
    union
    select person_id as id_text
    from core.return_row
    where policy_year = $year and person_key = $person_key
    union
    select mismatch.person_id as id_text
    from mart.roster_mismatch
    inner join core.mismatch
        on roster_mismatch.policy_year = mismatch.policy_year and roster_mismatch.mismatch_id = mismatch.mismatch_id
    where
        roster_mismatch.policy_year = $year
        and roster_mismatch.person_key = $person_key
        and mismatch.person_id is not null
),

township as (
    select township_code, township_name
    from mart.township_participation
    where policy_year = $year
),

-- Rows that the rules use, of whatever source, by their ID.
own_row as (
    select row_identity.row_key
    from core.row_identity
    where
        policy_year = $year
        and fate in ('accepted', 'quarantined')
        and id_text in (select id_text from asked_id)
),

roll_event as (
    select distinct
        'roll' as event,
        person_row.snapshot_date as event_date,
        person_row.name as subject,
        concat_ws(' ', township.township_name, person_row.village, '户编号 ' || person_row.household_no) as statement,
        cast(null as varchar) as judgement,
        person_row.schooling as note,
        person_row.file_name,
        person_row.sheet,
        person_row.row_number
    from (
        select * from core.person_row where policy_year = $year
        union all
        select * from stated.person_row where policy_year = $year
    ) as person_row
    left join township
        on person_row.township_code = township.township_code
    where person_row.person_no in (select person_no from asked_person)
),

other_event as (
    select 'category' as event, snapshot_date as event_date, category as subject, null as statement, null as judgement,
        null as note, file_name, sheet, row_number, row_key
    from raw.category_rolls
    where policy_year = $year
    union all
    select 'classification', verified_date, class, township.township_name, null, '原因 ' || class_reason, file_name, sheet,
        row_number, row_key
    from core.classification_row
    left join township
        on classification_row.township_code = township.township_code
    where policy_year = $year
    union all
    select 'register', self_paid_date, insured_status, '待遇 ' || benefit_status, '排除情形 ' || exclusion,
        '个人缴费 ' || cast(self_paid_amount_yuan as varchar) || ' 元', file_name, sheet, row_number, row_key
    from raw.pension_register
    where policy_year = $year
    union all
    select 'benefit', null, month, '应发 ' || cast(due_amount_yuan as varchar) || ' 元',
        '实发 ' || cast(amount_yuan as varchar) || ' 元', null, file_name, sheet, row_number, row_key
    from raw.benefit_payments
    where policy_year = $year
),

line as (
    select
        return_row.*,
        line_judgement.disposition,
        line_judgement.mismatch_kind
    from core.return_row
    inner join core.line_judgement
        on return_row.policy_year = line_judgement.policy_year and return_row.row_key = line_judgement.row_key
    where
        return_row.policy_year = $year
        and (
            return_row.row_key in (select row_key from own_row)
            or line_judgement.person_id in (select id_text from asked_id)
            or line_judgement.person_no in (select person_no from asked_person)
        )
),

line_event as (
    select
        'line' as event,
        line.paid_date as event_date,
        line.channel as subject,
        concat_ws(
            ' ', township.township_name,
            case line.channel when 'refund' then '批次 ' else '票号 ' end || line.document_no,
            '序号 ' || line.line_no, line.name, cast(line.amount_yuan as varchar) || ' 元'
        ) as statement,
        line.disposition as judgement,
        coalesce(line.mismatch_kind, line.failure_reason) as note,
        line.file_name,
        line.sheet,
        line.row_number
    from line
    left join township
        on line.township_code = township.township_code
),

posting_event as (
    select
        'posting' as event,
        posting.posted_date as event_date,
        posting.from_account || ' → ' || posting.to_account as subject,
        cast(posting.amount_yuan as varchar) || ' 元' as statement,
        cast(null as varchar) as judgement,
        posting.fund_level as note,
        posting.file_name,
        posting.sheet,
        posting.row_number
    from core.posting
    where posting.policy_year = $year and posting.person_id in (select id_text from asked_id)
),

own_mismatch as (
    select *
    from core.mismatch
    where
        policy_year = $year
        and (
            person_no in (select person_no from asked_person)
            or person_id in (select id_text from asked_id)
            or row_key in (select row_key from own_row)
            or row_key in (select row_key from line)
        )
),

mismatch_event as (
    select
        'mismatch' as event,
        line.paid_date as event_date,
        own_mismatch.kind as subject,
        concat_ws(' ', '应为:' || own_mismatch.expected, '实际:' || own_mismatch.found) as statement,
        roster_mismatch.status as judgement,
        own_mismatch.action as note,
        own_mismatch.file_name,
        own_mismatch.sheet,
        own_mismatch.row_number
    from own_mismatch
    inner join mart.roster_mismatch
        on
            own_mismatch.policy_year = roster_mismatch.policy_year
            and own_mismatch.mismatch_id = roster_mismatch.mismatch_id
    left join line
        on own_mismatch.row_key = line.row_key
),

reply_event as (
    select
        'reply' as event,
        reply.answered_date as event_date,
        reply.answer as subject,
        case when reply.answer in ('confirm_excluded', 'note') then reply.answer_value end as statement,
        reply.status as judgement,
        reply.reason as note,
        reply.file_name,
        reply.sheet,
        reply.row_number
    from core.reply
    where reply.policy_year = $year and reply.mismatch_id in (select mismatch_id from own_mismatch)
)

select * from roll_event
union all
select event, event_date, subject, statement, judgement, note, file_name, sheet, row_number
from other_event
where row_key in (select row_key from own_row)
union all
select * from line_event
union all
select * from posting_event
union all
select * from mismatch_event
union all
select * from reply_event
