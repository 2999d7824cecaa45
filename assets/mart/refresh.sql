-- One row a year: what the tables were made from. No wall time, so that the same inputs give the same row.
select
    version.policy_sha256,
    version.code_version,
    -- The files that lay there, whatever their order.
    sha256(
        coalesce(
            (
                select string_agg(source || '|' || file_name || '|' || coalesce(sha256, ''), '|' order by source, file_name)
                from raw.landed_file
            ), ''
        )
    ) as input_sha256,
    year.as_of
from policy.year
cross join policy.version
