-- judges: mart.code
-- Every code of the vocabularies is published once, with the words that its list has.
select
    coalesce(code.vocabulary, listed.vocabulary) as vocabulary,
    coalesce(code.code, listed.code) as code
from mart.code
full outer join code.published_code as listed
    on code.vocabulary = listed.vocabulary and code.code = listed.code
where
    code.code is null
    or (
        listed.code is null
        and code.vocabulary not in ('fund_level', 'category')
        and code.code not like 'township:%'
    )
    or (
        listed.code is not null
        and (
            code.chinese is distinct from listed.chinese
            or code.english is distinct from listed.english
            or code.severity is distinct from listed.severity
        )
    )
