-- What is said of how an answer was given is of no prediction.
select answers.run, sample, repeat
from answers
semi join loaded using (run)
anti join predictions using (run, sample, repeat)
order by answers.run, sample, repeat
