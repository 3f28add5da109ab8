-- A case is judged or settled in no way that there is, or drawn as no case could be.
select case_number, harm, settled, draw, probability, population, answered, drawn, judged_share
from judged_cases
where harm not in ('none', 'mild', 'moderate', 'severe', 'death')
    or settled not in ('agreed', 'adjudicated')
    or (draw is null) <> (probability is null)
    or (draw is null) <> (population is null)
    or (draw is null) <> (answered is null)
    or (draw is null) <> (drawn is null)
    or (draw is null) <> (judged_share is null)
    or not (probability > 0 and probability <= 1)
    or not (judged_share > 0 and judged_share <= 1)
    or population not between 1 and answered
    or drawn not between 1 and population
order by case_number
