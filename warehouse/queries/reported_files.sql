-- Which files of published scores are loaded?
select distinct file, file_hash
from reported_scores
order by file
