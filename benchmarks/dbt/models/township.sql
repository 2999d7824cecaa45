-- The year's townships with their planned persons and money.
select
    cast({{ env_var("BENCH_YEAR") }} as bigint) as policy_year,
    division.code as township_code,
    division.name as township_name,
    transfer.planned_count,
    transfer.allocated_yuan
from read_csv('{{ env_var("BENCH_DIVISIONS") }}', all_varchar = true) as division
left join {{ ref("landed_transfer") }} as transfer on division.name = transfer.township_name
where division.level = 'township' and coalesce(division.valid_from, '') <= '{{ env_var("BENCH_YEAR") }}-12-31'
