"""Elasticsearch's bulk API, as its reference describes it ("Bulk index or delete documents", "Use a data stream",
"Dynamic mapping"), with security switched on and the index template that Hubtrail ships."""

import base64
import fnmatch
import json
import re

from receivers import Answer, Receiver, Refusal

PARAMETERS = {"pipeline", "refresh", "routing", "timeout", "wait_for_active_shards", "require_alias", "require_data_stream"}
PARAMETERS |= {"filter_path", "pretty", "human", "error_trace", "_source", "_source_includes", "_source_excludes"}
METADATA = {"_index", "_id", "routing", "pipeline", "require_alias", "require_data_stream", "dynamic_templates", "version"}
METADATA |= {"version_type", "if_seq_no", "if_primary_term", "list_executed_pipelines", "retry_on_conflict"}
TYPES = ("application/x-ndjson", "application/json")
STREAM = re.compile(r"logs-[^-]+-[^-]+")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d([.,]\d{1,9})?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?)?)?")
TERM = 32766
FIELDS = 1000


def error(kind, reason, **more):
    return {"type": kind, "reason": reason, **more}


def refusal(status, kind, reason, headers=None):
    cause = error(kind, reason)
    return Refusal(status, {"error": {"root_cause": [cause], **cause}, "status": status}, headers)


class Unindexable(Exception):
    """One document is not taken; the others are."""

    def __init__(self, reason, cause=None, kind="document_parsing_exception", status=400):
        super().__init__(reason)
        caused = {"caused_by": error("illegal_argument_exception", cause)} if cause else {}
        self.status, self.error = status, error(kind, reason, **caused)


class Mapping:
    """The type of each field by its path; a field that is not known gets that of its first value."""

    def __init__(self, properties):
        self.types = {}
        # Those whose values must fit into a term of the index.
        self.terms = set()
        self.declare("", properties)

    def declare(self, prefix, properties):
        for name, field in properties.items():
            self.types[prefix + name] = field.get("type", "object")
            if field.get("type") == "keyword" and "ignore_above" not in field:
                self.terms.add(prefix + name)
            self.declare(f"{prefix}{name}.", field.get("properties", {}))

    def index(self, document):
        added = {}
        for path, value in leaves("", document):
            self.field(path, value, added)
        if len(self.types) + len(added) > FIELDS:
            raise Unindexable(f"Limit of total fields [{FIELDS}] has been exceeded", kind="illegal_argument_exception")
        self.types |= added

    def field(self, path, value, added):
        found = kind_of(value)
        if found is None:
            return
        known = self.types.get(path) or added.setdefault(path, found)
        if (known == "object") != (found == "object"):
            if known == "object":
                reason = f"object mapping for [{path}] tried to parse field [{path}] as object, but found a concrete value"
                raise Unindexable(reason)
            raise Unindexable(f"failed to parse field [{path}] of type [{known}]", "found START_OBJECT")
        if known == "date" and not is_date(value):
            raise Unindexable(f"failed to parse field [{path}] of type [date]", f"failed to parse date field [{value}]")
        if known in ("long", "float") and not is_number(value):
            raise Unindexable(f"failed to parse field [{path}] of type [{known}]", f'For input string: "{value}"')
        if known == "boolean" and value not in (True, False, "true", "false", ""):
            raise Unindexable(f"failed to parse field [{path}] of type [boolean]", f"Failed to parse value [{value}]")
        if path in self.terms and len(str(value).encode()) > TERM:
            reason = f'Document contains at least one immense term in field="{path}"'
            raise Unindexable(reason, kind="illegal_argument_exception")


def leaves(prefix, value):
    """Every object and every value in it, with its path; a list is as many values."""
    for name, inner in value.items():
        if not name.strip() or name.startswith(".") or name.endswith(".") or ".." in name:
            raise Unindexable(f"field name cannot contain only whitespace or empty parts: [{name}]")
        parts = (prefix + name).split(".")
        for count in range(prefix.count(".") + 1, len(parts)):
            yield ".".join(parts[:count]), {}
        for one in flat(inner):
            yield prefix + name, one
            if isinstance(one, dict):
                yield from leaves(f"{prefix}{name}.", one)


def flat(value):
    return [one for inner in value for one in flat(inner)] if isinstance(value, list) else [value]


def kind_of(value):
    if isinstance(value, bool):
        return "boolean"
    kinds = {dict: "object", str: "keyword", int: "long", float: "float"}
    return kinds.get(type(value))


def is_number(value):
    try:
        return not isinstance(value, bool) and -(2**63) <= float(value) < 2**63
    except (TypeError, ValueError):
        return False


def is_date(value):
    """strict_date_optional_time||epoch_millis"""
    if isinstance(value, str):
        return bool(DATE.fullmatch(value) or re.fullmatch(r"-?\d{5,}", value))
    return type(value) is int


class Elasticsearch(Receiver):
    def __init__(self, template, *, api_keys=(), users=None, may_write=True):
        self.template = template
        self.accepted = {f"ApiKey {key}" for key in api_keys}
        for user, password in (users or {}).items():
            self.accepted.add("Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
        self.may_write = may_write
        # A block on the index, by its status and description; and whether it may be made when it is not there.
        self.block = None
        self.creates = True
        self.mappings = {}
        self.documents = {}
        # How many documents the write queue has no room for, of each request from here on.
        self.queue_full = []
        self.conflicts = 0
        super().__init__()

    def delivers(self, request):
        return request.path.endswith("/_bulk")

    def too_long(self, _):
        return Refusal(413)

    def serve(self, request):
        self.authenticate(request)
        if request.path == "/":
            return Answer(200, {"name": "node", "version": {"number": "8.15.0"}, "tagline": "You Know, for Search"})
        found = re.fullmatch(r"(?:/([^/]+))?/_bulk", request.path)
        if not found:
            raise refusal(404, "index_not_found_exception", f"no such index [{request.path.strip('/')}]")
        if request.method not in ("POST", "PUT"):
            reason = f"Incorrect HTTP method for uri [{request.path}] and method [{request.method}], allowed: [POST, PUT]"
            raise Refusal(405, {"error": reason, "status": 405}, {"allow": "POST,PUT"})
        for name in set(request.query) - PARAMETERS:
            reason = f"request [{request.path}] contains unrecognized parameter: [{name}]"
            raise refusal(400, "illegal_argument_exception", reason)
        return self.bulk(found[1], request)

    def authenticate(self, request):
        header = request.headers.get("authorization")
        if not self.accepted and header is None:
            return
        challenge = {"www-authenticate": 'Basic realm="security", charset="UTF-8"'}
        if header is None:
            reason = f"missing authentication credentials for REST request [{request.path}]"
            raise refusal(401, "security_exception", reason, challenge)
        if header not in self.accepted:
            reason = "unable to authenticate with provided credentials and anonymous access is not allowed for this request"
            raise refusal(401, "security_exception", reason, challenge)

    def bulk(self, target, request):
        given = request.headers.get("content-type")
        if given is None or given.split(";")[0].strip().lower() not in TYPES:
            reason = "Content-Type header is missing" if given is None else f"Content-Type header [{given}] is not supported"
            raise Refusal(406, {"error": reason, "status": 406})
        body = request.content()
        if not body:
            raise refusal(400, "parse_exception", "request body is required")
        if not body.endswith(b"\n"):
            raise refusal(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]")
        actions = list(actions_of(body.split(b"\n")[:-1], target))
        crowded = self.queue_full.pop(0) if self.queue_full else 0
        items = []
        for number, action in enumerate(actions):
            full = number >= len(actions) - crowded
            items.append({action[0]: self.item(*action, full, request.query)})
        failed = any("error" in item for entry in items for item in entry.values())
        answer = {"took": 3, "errors": failed, "items": items}
        if "filter_path" in request.query:
            answer = filtered(answer, [path.split(".") for path in request.query["filter_path"].split(",")])
        return Answer(200, answer)

    def item(self, verb, meta, source, full, query):
        index, id = meta["_index"], meta.get("_id") or f"made-{len(self.kept)}"
        backing = f".ds-{index}-2026.03.01-000001" if STREAM.fullmatch(index) else index
        told = {"_index": backing, "_id": id}
        try:
            self.admit(verb, index, id, full, query, meta)
            document = document_of(source)
            if STREAM.fullmatch(index):
                check_timestamp(document)
            self.mapping(index).index(document)
        except Unindexable as bad:
            return {**told, "status": bad.status, "error": bad.error}
        self.documents[index, id] = document
        self.kept.append((id, document))
        shards = {"total": 2, "successful": 1, "failed": 0}
        more = {"_version": 1, "result": "created", "_shards": shards, "_seq_no": len(self.kept) - 1, "_primary_term": 1}
        return {**told, **more, "status": 201}

    def mapping(self, index):
        ours = any(fnmatch.fnmatchcase(index, pattern) for pattern in self.template["index_patterns"])
        properties = self.template["template"]["mappings"]["properties"] if ours else {}
        return self.mappings.setdefault(index, Mapping(properties))

    def admit(self, verb, index, id, full, query, meta):
        if not self.may_write:
            reason = f"action [indices:data/write/bulk[s]] is unauthorized for API key id [k] on indices [{index}]"
            raise Unindexable(reason, kind="security_exception", status=403)
        if index not in self.mappings and not self.creates:
            reason = f"no such index [{index}] and [action.auto_create_index] is [false]"
            raise Unindexable(reason, kind="index_not_found_exception", status=404)
        if self.block:
            reason = f"index [{index}] blocked by: [{self.block[1]}];"
            raise Unindexable(reason, kind="cluster_block_exception", status=self.block[0])
        if STREAM.fullmatch(index) and verb != "create":
            reason = "only write ops with an op_type of create are allowed in data streams"
            raise Unindexable(reason, kind="illegal_argument_exception")
        if pipeline := meta.get("pipeline", query.get("pipeline")):
            raise Unindexable(f"pipeline with id [{pipeline}] does not exist", kind="illegal_argument_exception")
        if full:
            raise Unindexable("rejected execution of primary operation", kind="es_rejected_execution_exception", status=429)
        if verb == "create" and (index, id) in self.documents:
            self.conflicts += 1
            reason = f"[{id}]: version conflict, document already exists (current version [1])"
            raise Unindexable(reason, kind="version_conflict_engine_exception", status=409)


def filtered(value, paths):
    """What `filter_path` leaves: everything below a path that ends here, and lists as if they were their members."""
    if [] in paths:
        return value
    if isinstance(value, list):
        kept = [filtered(one, paths) for one in value]
        return [one for one in kept if one not in (None, {}, [])]
    if not isinstance(value, dict):
        return None
    left = {
        name: filtered(inner, [path[1:] for path in paths if path and fnmatch.fnmatchcase(name, path[0])])
        for name, inner in value.items()
    }
    return {name: inner for name, inner in left.items() if inner not in (None, {}, [])}


def actions_of(lines, target):
    """Verb, metadata and source of each action."""
    number = 0
    while number < len(lines):
        line, number = lines[number], number + 1
        if not line.strip():
            continue
        try:
            ((verb, meta),) = json.loads(line).items()
            if verb not in ("create", "index", "delete", "update") or not isinstance(meta, dict):
                raise ValueError(verb)
        except (ValueError, AttributeError) as cause:
            wanted = "expected field [create], [delete], [index] or [update]"
            raise refusal(400, "illegal_argument_exception", f"Malformed action/metadata line [{number}], {wanted}: {cause}")
        for name in set(meta) - METADATA:
            reason = f"Action/metadata line [{number}] contains an unknown parameter [{name}]"
            raise refusal(400, "illegal_argument_exception", reason)
        meta.setdefault("_index", target)
        check_metadata(meta)
        source = b""
        if verb != "delete":
            if number >= len(lines):
                raise refusal(400, "action_request_validation_exception", "Validation Failed: 1: source is missing;")
            source, number = lines[number], number + 1
        yield verb, meta, source


def check_metadata(meta):
    wrong = None
    id = meta.get("_id", "id")
    if not meta["_index"]:
        wrong = "index is missing"
    elif not isinstance(id, str) or not id:
        wrong = "if _id is specified it must not be empty"
    elif len(id.encode()) > 512:
        wrong = f"id [{id}] is too long, must be no longer than 512 bytes but was: {len(id.encode())}"
    if wrong:
        raise refusal(400, "action_request_validation_exception", f"Validation Failed: 1: {wrong};")
    if meta["_index"] != meta["_index"].lower() or meta["_index"].startswith(("_", "-", "+")):
        raise refusal(400, "invalid_index_name_exception", f"Invalid index name [{meta['_index']}]")


def document_of(source):
    try:
        document = json.loads(source.decode())
    except ValueError as bad:
        raise Unindexable("failed to parse", str(bad))
    if not isinstance(document, dict):
        raise Unindexable("failed to parse", "expected an object")
    for name in ("_id", "_index", "_source", "_routing", "_seq_no"):
        if name in document:
            raise Unindexable(f"Field [{name}] is a metadata field and cannot be added inside a document")
    return document


def check_timestamp(document):
    if "@timestamp" not in document:
        reason = "data stream timestamp field [@timestamp] is missing"
        raise Unindexable(f"failed to parse: {reason}", reason)
    if isinstance(document["@timestamp"], list):
        reason = "data stream timestamp field [@timestamp] encountered multiple values"
        raise Unindexable(f"failed to parse: {reason}", reason)
