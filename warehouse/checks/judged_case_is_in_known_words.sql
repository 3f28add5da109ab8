-- A case is judged or settled in no way that there is, or drawn with no probability that could be.
select case_number, harm, settled, draw, probability, population, answered
from judged_cases
where harm not in ('none', 'mild', 'moderate', 'severe', 'death')
    or settled not in ('agreed', 'adjudicated')
    or (draw is null) <> (probability is null)
    or (draw is null) <> (population is null)
    or (draw is null) <> (answered is null)
    or not (probability > 0 and probability <= 1)
    or population not between 1 and answered
order by case_number
