-- judges: mart.capacity_village
-- What the villages of a township handled adds up to what it handled, and each rate is of its own counts.
with village as (
    select
        township_code,
        sum(roll_count) as roll_count,
        sum(line_count) as line_count,
        sum(failed_count) as failed_count,
        sum(mismatch_count) as mismatch_count,
        sum(open_mismatch_count) as open_mismatch_count,
        sum(mismatch_person_count) as mismatch_person_count,
        sum(written_off_count) as written_off_count,
        sum(after_transfer_count) as after_transfer_count,
        sum(write_off_days) as write_off_days,
        max(longest_write_off_days) as longest_write_off_days,
        sum(silent_count) as silent_count,
        sum(
            case
                when (failure_rate is null) <> (line_count = 0) then 1
                when abs(failure_rate * line_count - failed_count) > 0.0000005 * line_count then 1
                when (mismatch_rate is null) <> (roll_count = 0) then 1
                when abs(mismatch_rate * roll_count - mismatch_person_count) > 0.0000005 * roll_count then 1
                when (average_write_off_days is null) <> (after_transfer_count = 0) then 1
                when
                    abs(average_write_off_days * after_transfer_count - write_off_days)
                    > 0.0000005 * after_transfer_count
                    then 1
                else 0
            end
        ) as wrong_rate_count
    from mart.capacity_village
    group by township_code
)

select
    capacity_township.township_code,
    capacity_township.line_count,
    village.line_count as village_line_count,
    village.wrong_rate_count
from mart.capacity_township
full outer join village
    on capacity_township.township_code = village.township_code
where
    capacity_township.township_code is null
    or capacity_township.roll_count <> coalesce(village.roll_count, 0)
    or capacity_township.line_count <> coalesce(village.line_count, 0)
    or capacity_township.failed_count <> coalesce(village.failed_count, 0)
    or capacity_township.mismatch_count <> coalesce(village.mismatch_count, 0)
    or capacity_township.open_mismatch_count <> coalesce(village.open_mismatch_count, 0)
    or capacity_township.mismatch_person_count <> coalesce(village.mismatch_person_count, 0)
    or capacity_township.written_off_count <> coalesce(village.written_off_count, 0)
    or capacity_township.after_transfer_count <> coalesce(village.after_transfer_count, 0)
    or capacity_township.write_off_days <> coalesce(village.write_off_days, 0)
    or coalesce(capacity_township.longest_write_off_days, -1) <> coalesce(village.longest_write_off_days, -1)
    or capacity_township.silent_count <> coalesce(village.silent_count, 0)
    or village.wrong_rate_count > 0
