"""A loop over HubSpot's official client, as most people begin: page after page, one line a record."""

import json
import sys

import hubspot

url, token, target = sys.argv[1:]
api = hubspot.HubSpot(access_token=token, host=url).cms.audit_logs.audit_logs_api
with open(target, "w") as file:
    after = None
    while True:
        following = {} if after is None else {"after": after}
        page = api.get_page(limit=100, sort=["timestamp"], **following)
        for event in page.results:
            file.write(json.dumps(event.to_dict(), default=str) + "\n")
        file.flush()
        if not (page.paging and page.paging.next and page.paging.next.after):
            break
        after = page.paging.next.after
