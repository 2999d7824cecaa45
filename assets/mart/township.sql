-- One row a township that is valid in the year, and the unknown one where it has persons, lines or transfers.
select
    township_code,
    township_name
from core.township_of_year
