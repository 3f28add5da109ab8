-- Takes back that a commit published something; returns the lake's version of it, if there is one.
update ducklake_snapshot_changes
set commit_extra_info = null
where commit_extra_info = %(said)s
returning snapshot_id
