-- One row a reply of a township (maker) or of the bureau (checker) to a mismatch: does it count? A reply is applied when the
-- row is the one that was sent out, the answer fits the mismatch, and a second person has confirmed it.
with answered as (
    select
        township_replies.*,
        file_status.file_number,
        answered_id(township_replies.answer_value) as answer_id_text,
        regexp_replace(township_replies.person, '\s', '', 'g') as person_name,
        answer.code as answer,
        -- The token covers the protected cells as they were sent out; the columns stand in this order in core.mismatch_sheet.
        keyed_hash(
            year.secret,
            concat_ws(
                '|', coalesce(township_replies.mismatch_id, ''),
                coalesce(json_extract_string(township_replies.cells, '$."差异类型"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."级别"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."乡镇"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."行政村"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."姓名"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."证件号码"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."渠道"'), ''),
                coalesce(amount_as_sent(json_extract_string(township_replies.cells, '$."金额"')), ''),
                coalesce(json_extract_string(township_replies.cells, '$."来源文件"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."工作表"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."行号"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."应为"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."实际"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."处理要求"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."疑似人员"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."疑似理由"'), ''),
                coalesce(json_extract_string(township_replies.cells, '$."办理状态"'), '')
            )
        ) as row_token,
        count(*) over (partition by township_replies.file_name, township_replies.mismatch_id) as row_count_in_file
    from raw.township_replies
    inner join core.row_fate
        on township_replies.row_key = row_fate.row_key and row_fate.fate = 'accepted'
    inner join core.file_status
        on township_replies.file_name = file_status.file_name
    left join code.answer
        on listed_word(township_replies.answer_code) = answer.chinese
    cross join policy.year
),

-- The bureau confirms in its own workbook alone, whose tokens hold the answer that it was written for.
verified as (
    select
        answered.*,
        case
            when answered.role = 'checker' then checker_token(
                year.secret,
                answered.row_token,
                answered.answer_code,
                answered.answer_value,
                json_extract_string(answered.cells, '$."乡镇填报人"')
            )
            else answered.row_token
        end as expected_token,
        answered.role = 'checker' and answered.token is not distinct from answered.row_token as is_of_township_list
    from answered
    cross join policy.year
),

checked as (
    select
        verified.*,
        mismatch.kind,
        mismatch.subject,
        mismatch.person_no,
        mismatch.row_key as mismatch_row_key,
        identity_number.id_text as valid_answer_id,
        coalesce(exclusion_reason.reason, verified.answer_value) as answer_text,
        verified.answer = 'confirm_identity' and mismatch.subject = 'line' and roll_person.person_id is null as is_off_roll,
        case
            when
                verified.token is distinct from verified.expected_token
                and not verified.is_of_township_list and mismatch.mismatch_id is null
                then 'added: 该行不是发出的差异行,请勿增加行。'
            when verified.token is distinct from verified.expected_token and not verified.is_of_township_list
                then 'changed: 受保护的单元格有改动,请在原表上重新填报。'
            when verified.answer_code is null and verified.answer_value is null then 'unanswered: 没有填写处理答复。'
            -- The bureau gets the townships' answers filled in, and signs those that it confirms.
            when verified.role = 'checker' and verified.person is null and verified.answered_date is null
                then 'unanswered: 没有复核。'
            when verified.answer_code is null then 'no_answer: 写了答复内容,没有选处理答复。请从下拉框中选择后重新报送。'
            when verified.is_of_township_list
                then 'not_of_bureau: 复核只能填写在“居保局复核”表中,乡镇的差异清单不能用于复核。'
            when mismatch.mismatch_id is null then 'stale: 该差异已不存在,无需答复。'
            when verified.row_count_in_file > 1 then 'doubled: 同一差异在一个文件内有两行以上,请只留一行。'
            when verified.answer is null then 'unknown_answer: 处理答复不在下拉选项之内。'
            when verified.person is null or verified.answered_date is null then 'unsigned: 没有填写填报人(复核人)或日期。'
            when
                verified.answer = 'confirm_identity'
                and not (
                    mismatch.subject = 'line'
                    or mismatch.subject = 'person' and mismatch.kind in ('invalid_id', 'id_precision_lost', 'id_with_two_names')
                )
                then 'not_applicable: 该差异不能用“确认身份”答复。'
            when
                verified.answer = 'confirm_identity' and mismatch.subject <> 'line' and identity_number.id_text is null
                then 'invalid_id: 答复内容不是有效的18位身份证号。'
            -- Both names stand for the one person of the ID: another ID says that they don't.
            when
                verified.answer = 'confirm_identity' and mismatch.kind = 'id_with_two_names'
                and verified.answer_id_text is distinct from mismatch.person_no
                then 'other_person: 答复内容不是该证件号码的人员。如另一姓名是他人,请扶贫办更正名单后重报。'
            when verified.answer in ('confirm_eligible', 'confirm_excluded') and mismatch.person_no is null
                then 'not_applicable: 该差异没有对应的名单人员,不能确认其资格。'
            when verified.answer = 'confirm_excluded' and exclusion_reason.reason is null
                then 'unknown_reason: 答复内容不是政策所列的不符合原因。'
        end as row_refusal
    from verified
    left join core.mismatch
        on verified.mismatch_id = mismatch.mismatch_id
    left join stated.person as roll_person
        on verified.answer_id_text = roll_person.person_id
    left join core.identity_number
        on
            verified.answer_id_text = identity_number.id_text
            and identity_number.has_right_check
            and identity_number.has_province
            and identity_number.birth_date <= (select year_last_date from policy.year)
    left join policy.exclusion_reason
        on verified.answer = 'confirm_excluded' and listed_word(verified.answer_value) = exclusion_reason.reason
),

-- A roll row that is given its right ID by an answer makes that ID one of the roll's, whom a line may mean.
id_given as (
    select distinct valid_answer_id as id_text
    from checked
    where
        role = 'maker' and row_refusal is null and answer = 'confirm_identity'
        and subject = 'person' and kind in ('invalid_id', 'id_precision_lost')
),

fitting as (
    select
        checked.*,
        case
            when checked.row_refusal is not null then checked.row_refusal
            when checked.is_off_roll and id_given.id_text is null then 'not_on_roll: 答复内容不是本年名单内人员的身份证号。'
        end as refusal
    from checked
    left join id_given
        on checked.answer_id_text = id_given.id_text
),

-- A checker confirms a maker's reply by the same answer, of the same ID, reason or text, and is another person.
confirmation as (
    select
        maker.row_key as maker_row_key,
        checker.row_key as checker_row_key,
        checker.answered_date as checked_date,
        maker.person_name <> checker.person_name as is_by_another
    from fitting as maker
    inner join fitting as checker
        on
            maker.mismatch_id = checker.mismatch_id
            and maker.answer = checker.answer
            and (
                (maker.answer = 'confirm_identity' and maker.answer_id_text = checker.answer_id_text)
                or (
                    maker.answer <> 'confirm_identity'
                    and maker.answer_value is not distinct from checker.answer_value
                )
            )
    where maker.role = 'maker' and checker.role = 'checker' and maker.refusal is null and checker.refusal is null
),

maker_result as (
    select
        maker_row_key,
        min(case when is_by_another then checked_date end) as checked_date
    from confirmation
    group by maker_row_key
),

confirmed as (
    select
        fitting.row_key,
        fitting.mismatch_id,
        fitting.answer,
        fitting.subject,
        fitting.kind,
        fitting.answer_id_text,
        fitting.is_off_roll,
        maker_result.checked_date,
        row_number() over (
            partition by fitting.mismatch_id
            order by
                fitting.answered_date desc, maker_result.checked_date desc, fitting.file_number desc,
                coalesce(fitting.sheet, '') desc, fitting.row_number desc
        ) as position
    from fitting
    inner join maker_result
        on fitting.row_key = maker_result.maker_row_key
    where maker_result.checked_date is not null
),

id_settled as (
    select distinct answer_id_text as id_text
    from confirmed
    where
        position = 1 and answer = 'confirm_identity'
        and subject = 'person' and kind in ('invalid_id', 'id_precision_lost')
),

-- The latest settled answer of a mismatch counts; that a line means a person whom another answer gives his ID, once that one does.
settled as (
    select
        confirmed.row_key,
        confirmed.checked_date,
        row_number() over (partition by confirmed.mismatch_id order by confirmed.position) as position
    from confirmed
    left join id_settled
        on confirmed.answer_id_text = id_settled.id_text
    where not confirmed.is_off_roll or id_settled.id_text is not null
),

checker_result as (
    select
        confirmation.checker_row_key,
        max(case when confirmation.is_by_another then 1 else 0 end) = 1 as is_by_another,
        min(case when confirmation.is_by_another then settled.position end) as position
    from confirmation
    left join settled
        on confirmation.maker_row_key = settled.row_key
    group by confirmation.checker_row_key
)

select
    fitting.row_key,
    fitting.mismatch_id,
    fitting.role,
    fitting.answer,
    fitting.answer_text as answer_value,
    fitting.valid_answer_id as answer_person_id,
    fitting.answered_date,
    settled.checked_date,
    fitting.kind,
    fitting.subject,
    fitting.person_no,
    fitting.mismatch_row_key,
    fitting.file_name,
    fitting.sheet,
    fitting.row_number,
    case
        when fitting.refusal is not null then 'refused'
        when settled.position = 1 or checker_result.position = 1 then 'applied'
        when settled.position > 1 or checker_result.position > 1 then 'refused'
        when fitting.role = 'checker' and not coalesce(checker_result.is_by_another, true) then 'refused'
        else 'waiting'
    end as status,
    case
        when fitting.refusal is not null then fitting.refusal
        when settled.position = 1 or checker_result.position = 1 then null
        when settled.position > 1 or checker_result.position > 1 then 'superseded: 后来的答复已经生效。'
        when fitting.role = 'checker' and not coalesce(checker_result.is_by_another, true)
            then 'same_person: 复核人与填报人不能是同一人。'
        when confirmed.row_key is not null or checker_result.is_by_another
            then 'no_id_yet: 等待给该人更正证件号码的答复生效。'
        when fitting.role = 'checker' then 'no_maker: 没有与之相同的乡镇答复。'
        else 'no_checker: 等待居保局复核。'
    end as reason
from fitting
left join confirmed
    on fitting.row_key = confirmed.row_key
left join settled
    on fitting.row_key = settled.row_key
left join checker_result
    on fitting.row_key = checker_result.checker_row_key
-- A row that was sent back as it was sent out is no reply.
where coalesce(fitting.refusal, '') not like 'unanswered:%'
