-- Which cases have clinicians judged, drawn by chance or chosen by a reader?
select *
from judged_cases
order by case_number
