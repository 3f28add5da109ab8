-- How did the warehouse come to be as it is? One row per snapshot up to this one, latest first.
select snapshot, published_at, reason, schema_version
from snapshots
order by snapshot desc
