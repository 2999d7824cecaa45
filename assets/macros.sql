-- The few expressions that many tables share, each stated once.

-- The keyed hash by which a person or a fact is known outside the restricted tables.
create macro keyed_hash(secret, content) as substr(sha256(secret || sha256(secret || content)), 1, 32);

-- The token of a row that the bureau's checker confirms: over the row's own token, which its protected cells give, and over the
-- maker's answer. A township can't make it of the tokens that it was sent.
create macro checker_token(secret, row_token, answer_code, answer_value, maker) as keyed_hash(
    secret, concat_ws('|', 'checker', row_token, coalesce(answer_code, ''), coalesce(answer_value, ''), coalesce(maker, ''))
);

-- An amount as the workbook was given it. A list that is saved as text holds what its cells show: 1,250.50 for 1250.5.
create macro amount_as_sent(amount) as case
    when regexp_matches(amount, '^([0-9]+|[0-9]{1,3}(,[0-9]{3})+)\.[0-9]{1,2}$')
        then regexp_replace(replace(amount, ',', ''), '\.?0+$', '', 'g')
    else amount
end;

-- What of an ID may be shown: the first 6 and last 4 of 18 characters.
create macro masked_id(id_text) as
    case when length(id_text) = 18 then substr(id_text, 1, 6) || '********' || substr(id_text, 15, 4) else '******' end;

-- What of a name may be shown.
create macro masked_name(name) as substr(name, 1, 1) || '**';

-- What a mismatch of a returned line is known by, whatever file brings the line; `list` is its channel, or its source.
create macro line_fact(kind, id_text, list, document_no, line_no, amount_yuan, paid_date) as concat_ws(
    '|', kind, coalesce(id_text, ''), list, coalesce(document_no, ''), coalesce(line_no, ''), cast(amount_yuan as varchar),
    coalesce(cast(paid_date as varchar), '')
);

-- The check character of an ID's first 17 digits. Source: GB 11643-1999, ISO 7064 MOD 11-2.
create macro check_character(first_17) as
    substr(
        '10X98765432',
        1 + (
            try_cast(substr(first_17, 1, 1) as integer) * 7 + try_cast(substr(first_17, 2, 1) as integer) * 9
            + try_cast(substr(first_17, 3, 1) as integer) * 10 + try_cast(substr(first_17, 4, 1) as integer) * 5
            + try_cast(substr(first_17, 5, 1) as integer) * 8 + try_cast(substr(first_17, 6, 1) as integer) * 4
            + try_cast(substr(first_17, 7, 1) as integer) * 2 + try_cast(substr(first_17, 8, 1) as integer) * 1
            + try_cast(substr(first_17, 9, 1) as integer) * 6 + try_cast(substr(first_17, 10, 1) as integer) * 3
            + try_cast(substr(first_17, 11, 1) as integer) * 7 + try_cast(substr(first_17, 12, 1) as integer) * 9
            + try_cast(substr(first_17, 13, 1) as integer) * 10 + try_cast(substr(first_17, 14, 1) as integer) * 5
            + try_cast(substr(first_17, 15, 1) as integer) * 8 + try_cast(substr(first_17, 16, 1) as integer) * 4
            + try_cast(substr(first_17, 17, 1) as integer) * 2
        ) % 11,
        1
    );

-- The 18 characters of an ID of 15 digits or of a disability certificate (ID, type, grade); any other text as it is.
create macro full_id(id_text) as
    case
        when regexp_matches(id_text, '^[0-9]{17}[0-9X][1-7][1-4]$') then substr(id_text, 1, 18)
        when regexp_matches(id_text, '^[0-9]{15}$')
            then
                substr(id_text, 1, 6) || '19' || substr(id_text, 7, 9)
                || check_character(substr(id_text, 1, 6) || '19' || substr(id_text, 7, 9))
        else id_text
    end;

-- The ID that a township writes as the content of its answer.
create macro answered_id(answer_value) as full_id(upper(regexp_replace(answer_value, '[\s'']', '', 'g')));

-- A word of a list as it is compared: blanks within it say nothing.
create macro listed_word(word) as regexp_replace(word, '\s', '', 'g');

-- The spelling under which a township or village stands in the division tables' aliases.
create macro spelling(division) as regexp_replace(division, '[\s/]', '', 'g');

-- What of a township's name that no division table has is the same however it is written: no city or district before it,
-- no government or kind of township behind it.
create macro bare_name(division) as
    regexp_replace(
        regexp_replace(regexp_replace(spelling(division), '^.*[市区县]', '', 'g'), '(人民政府|政府)$', '', 'g'),
        '(街道办事处|办事处|街道|办|镇|乡)$', '', 'g'
    );

-- A rate, rounded half up to 6 places without ever being a float; over 0 it is null.
create macro rate(numerator, denominator) as
    case
        when denominator > 0
            then
                cast(
                    (
                        cast(numerator * 100 as hugeint) * 2000000 + cast(denominator * 100 as hugeint)
                    ) // (cast(denominator * 100 as hugeint) * 2) as decimal(18, 0)
                ) * cast(0.000001 as decimal(6, 6))
    end;

-- What a funding level pays of an amount, rounded half up to the fen.
create macro level_part(amount_yuan, share) as
    cast(round(cast(amount_yuan as decimal(26, 2)) * share, 2) as decimal(18, 2));
