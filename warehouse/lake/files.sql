-- Where the lake's Parquet files are.
select value from ducklake_metadata where key = 'data_path'
