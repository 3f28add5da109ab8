-- A review judges in words that there are not, or a reviewer is named by more than a number.
select case_number, reviewer, role, harm, likelihood, kind, confidence
from case_reviews
where role not in ('reviewer', 'adjudicator')
    or harm not in ('none', 'mild', 'moderate', 'severe', 'death')
    or likelihood not in ('low', 'medium', 'high')
    or kind not in ('commission', 'omission')
    or confidence not in ('low', 'medium', 'high')
    or not regexp_full_match(reviewer, 'reviewer-[0-9]+')
order by case_number, reviewer
