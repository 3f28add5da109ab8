-- How many answers of run $run_id come with probabilities?
select count(confidence) as answers
from predictions
where run = (select number from runs where run_id = $run_id)
