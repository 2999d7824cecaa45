-- One row a year and township: the sums of its villages, and the rates over them.
with figure as (
    select
        township_code,
        cast(sum(roll_count) as bigint) as roll_count,
        cast(sum(line_count) as bigint) as line_count,
        cast(sum(failed_count) as bigint) as failed_count,
        cast(sum(mismatch_count) as bigint) as mismatch_count,
        cast(sum(open_mismatch_count) as bigint) as open_mismatch_count,
        cast(sum(mismatch_person_count) as bigint) as mismatch_person_count,
        cast(sum(written_off_count) as bigint) as written_off_count,
        cast(sum(after_transfer_count) as bigint) as after_transfer_count,
        cast(sum(write_off_days) as bigint) as write_off_days,
        max(longest_write_off_days) as longest_write_off_days,
        cast(sum(silent_count) as bigint) as silent_count
    from mart.capacity_village
    group by township_code
)

select
    township_of_year.township_code,
    township_of_year.township_name,
    coalesce(figure.roll_count, 0) as roll_count,
    coalesce(figure.line_count, 0) as line_count,
    coalesce(figure.failed_count, 0) as failed_count,
    rate(figure.failed_count, figure.line_count) as failure_rate,
    coalesce(figure.mismatch_count, 0) as mismatch_count,
    coalesce(figure.open_mismatch_count, 0) as open_mismatch_count,
    coalesce(figure.mismatch_person_count, 0) as mismatch_person_count,
    rate(figure.mismatch_person_count, figure.roll_count) as mismatch_rate,
    coalesce(figure.written_off_count, 0) as written_off_count,
    coalesce(figure.after_transfer_count, 0) as after_transfer_count,
    coalesce(figure.write_off_days, 0) as write_off_days,
    rate(figure.write_off_days, figure.after_transfer_count) as average_write_off_days,
    figure.longest_write_off_days,
    coalesce(figure.silent_count, 0) as silent_count
from core.township_of_year
left join figure
    on township_of_year.township_code = figure.township_code
