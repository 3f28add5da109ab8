-- Which questions are loaded, with all that is asked and its key, and which clusters are they of?
select task, sample_id, context, question, choices, gold, content_hash, cluster_id
from samples
order by task, position
