-- How did the warehouse come to be as it is? A row per snapshot since the last rebuild, latest first.
select snapshot, published_at, reason, schema_version
from snapshots
order by snapshot desc
