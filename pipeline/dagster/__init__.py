"""The steps of a refresh as Dagster shows, starts and schedules them."""
