"""The REST source of dlt into DuckDB, as its guide sets up an API that pages by a cursor."""

import sys

import dlt
from dlt.sources.rest_api import rest_api_source

url, token = sys.argv[1:]
source = rest_api_source(
    {
        "client": {
            "base_url": url,
            "auth": {"type": "bearer", "token": token},
            "paginator": {"type": "cursor", "cursor_path": "paging.next.after", "cursor_param": "after"},
        },
        "resources": [
            {
                "name": "events",
                "max_table_nesting": 0,
                "endpoint": {
                    "path": "cms/v3/audit-logs/",
                    "params": {"limit": 100, "sort": "timestamp"},
                    "data_selector": "results",
                },
            }
        ],
    }
)
pipeline = dlt.pipeline("bench", destination=dlt.destinations.duckdb("events.duckdb"), dataset_name="hubspot")
print(pipeline.run(source))
