-- What have clinicians said of judged cases?
select *
from case_reviews
order by case_number, reviewer
