-- Which published scores are loaded, and from which file?
select entry, task, file
from reported_scores
order by entry, task
