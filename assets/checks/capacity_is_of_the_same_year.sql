-- judges: mart.capacity_township
-- What each township handled is what the published lines, persons and mismatches say, and each rate is of its own counts.
with line as (
    select
        township_code,
        count(*) as line_count,
        sum(case when outcome = 'failed' then 1 else 0 end) as failed_count,
        sum(case when disposition = 'written_off' then 1 else 0 end) as written_off_count
    from core.return_line
    where disposition <> 'self_paid'
    group by township_code
),

mismatch as (
    select
        township_code,
        count(*) as mismatch_count,
        sum(case when status = 'open' then 1 else 0 end) as open_mismatch_count
    from mart.roster_mismatch
    where township_code is not null
    group by township_code
),

silent as (
    select
        township_code,
        sum(person_count) as silent_count
    from mart.coverage_ladder
    where step = 5 and reason = 'silent'
    group by township_code
),

aged as (
    select
        township_code,
        sum(person_count) as person_count
    from mart.capacity_silence
    group by township_code
)

select
    capacity_township.township_code,
    capacity_township.line_count,
    line.line_count as published_line_count
from mart.capacity_township
left join mart.township_participation
    on capacity_township.township_code = township_participation.township_code
left join line
    on capacity_township.township_code = line.township_code
left join mismatch
    on capacity_township.township_code = mismatch.township_code
left join silent
    on capacity_township.township_code = silent.township_code
left join aged
    on capacity_township.township_code = aged.township_code
where
    capacity_township.roll_count <> coalesce(township_participation.roll_count, -1)
    or capacity_township.line_count <> coalesce(line.line_count, 0)
    or capacity_township.failed_count <> coalesce(line.failed_count, 0)
    or capacity_township.written_off_count <> coalesce(line.written_off_count, 0)
    or capacity_township.mismatch_count <> coalesce(mismatch.mismatch_count, 0)
    or capacity_township.open_mismatch_count <> coalesce(mismatch.open_mismatch_count, 0)
    or capacity_township.silent_count <> coalesce(silent.silent_count, 0)
    or capacity_township.silent_count <> coalesce(aged.person_count, 0)
    or (capacity_township.failure_rate is null) <> (capacity_township.line_count = 0)
    or abs(capacity_township.failure_rate * capacity_township.line_count - capacity_township.failed_count)
    > 0.0000005 * capacity_township.line_count
    or (capacity_township.mismatch_rate is null) <> (capacity_township.roll_count = 0)
    or abs(capacity_township.mismatch_rate * capacity_township.roll_count - capacity_township.mismatch_person_count)
    > 0.0000005 * capacity_township.roll_count
    or (capacity_township.average_write_off_days is null) <> (capacity_township.after_transfer_count = 0)
    or abs(
        capacity_township.average_write_off_days * capacity_township.after_transfer_count - capacity_township.write_off_days
    ) > 0.0000005 * capacity_township.after_transfer_count
