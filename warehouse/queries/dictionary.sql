-- What does each table and view hold, and what does each of its columns mean?
with described as (
    select table_name, comment
    from duckdb_tables()
    where database_name = current_database() and not internal
    union all
    select view_name, comment
    from duckdb_views()
    where database_name = current_database() and not internal
)

select
    table_name,
    described.comment as table_comment,
    column_name,
    data_type,
    duckdb_columns.comment
from duckdb_columns() as duckdb_columns
join described using (table_name)
where database_name = current_database() and not internal
order by table_name, column_index
