"""What stands in for a product at the other end: an HTTP server that keeps what it takes, refuses what the product's
published API refuses, and fails when it is told to. Each product is in a file of its own."""

import collections
import dataclasses
import gzip
import http.server
import json
import socket
import ssl
import threading
import urllib.parse

# What a plan may tell a receiver to do with its next delivery, besides answering with a given `Answer`.
TAKE = "take it"
BREAK = "close the connection, and take nothing"
CRASH = "take it, and stop without an answer"


@dataclasses.dataclass
class Answer:
    status: int
    body: object = None
    headers: dict = dataclasses.field(default_factory=dict)


class Refusal(Exception):
    def __init__(self, status, body=None, headers=None):
        super().__init__(status, body)
        self.answer = Answer(status, body, headers or {})


@dataclasses.dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: object
    body: bytes

    def content(self, encodings=("gzip",)):
        """The body without its encoding."""
        encoding = self.headers.get("content-encoding", "identity").lower()
        if encoding == "identity":
            return self.body
        if encoding not in encodings:
            raise Refusal(415, {"text": f"unsupported content encoding: {encoding}"})
        try:
            return gzip.decompress(self.body)
        except (OSError, EOFError) as error:
            raise Refusal(400, {"text": f"not gzip: {error}"})


class Connections(http.server.ThreadingHTTPServer):
    """Knows who is connected, to end that like a process that dies."""

    daemon_threads = True
    # So that its place can be held before it is left, and nobody else gets the port.
    allow_reuse_port = True
    block_on_close = False

    def __init__(self, port, receiver):
        self.receiver = receiver
        self.open = set()
        super().__init__(("127.0.0.1", port), Handler)
        if receiver.tls:
            # The handshake is of the connection's own thread, with the first that is read.
            self.socket = receiver.tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request, client_address):
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Who is cut off in the middle of a request is no fault of the receiver's."""

    def end(self):
        self.shutdown()
        self.server_close()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body of an answer in one packet.
    wbufsize = -1

    def log_message(self, *_):
        pass

    def handle_request(self):
        try:
            answer = self.server.receiver.answer(self.request_in_full())
        except Refusal as refusal:
            answer = refusal.answer
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body, kind = b"", "application/json; charset=UTF-8"
        if isinstance(answer.body, str):
            body, kind = answer.body.encode(), "text/html; charset=UTF-8"
        elif answer.body is not None:
            body = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {"content-type": kind, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request

    def request_in_full(self):
        length = self.headers.get("content-length")
        if length is None and self.headers.get("transfer-encoding"):
            self.close_connection = True
            raise Refusal(411, {"text": "Length Required"})
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        body = self.rfile.read(int(length or 0))
        return Request(self.command, urllib.parse.unquote(url.path), query, self.headers, body)


class Receiver:
    """`kept` is on its disk and outlives it. What else a product has in memory goes with `forget`."""

    # Bytes of a body at most, as it comes over the line.
    limit = 100 * 1024 * 1024
    # How connections are encrypted; none: they are not.
    tls = None

    def __init__(self):
        self.kept = []
        self.deliveries = []
        self.refused = []
        self.plan = collections.deque()
        self.lock = threading.RLock()
        self.port = 0
        self.start()

    def start(self):
        self.server = Connections(self.port, self)
        if self.port:
            self.place.close()
        self.port = self.server.server_address[1]
        self.down = False
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def secure(self, papers):
        """From here on only who shows a certificate of the authority gets in."""
        self.stop()
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=papers.path("authority.crt"))
        self.tls.load_cert_chain(papers.path("server.crt"), papers.path("server.key"))
        self.tls.verify_mode = ssl.CERT_REQUIRED
        self.start()

    def stop(self):
        """Keeps its place for a start: what connects is refused, and nobody else gets the port."""
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.place.bind(("127.0.0.1", self.port))
        self.server.end()
        with self.lock:
            self.forget()
            self.down = True

    def close(self):
        if not self.down:
            self.stop()
        self.place.close()

    def forget(self):
        pass

    def answer(self, request):
        """None: the connection ends without one."""
        with self.lock:
            step = TAKE
            if self.delivers(request):
                self.deliveries.append(request)
                step = self.plan.popleft() if self.plan else TAKE
            if isinstance(step, Answer):
                return step
            if step == BREAK:
                return None
            answer = self.served(request)
        if step == CRASH:
            self.stop()
            return None
        return answer

    def served(self, request):
        try:
            if len(request.body) > self.limit:
                raise self.too_long(request)
            return self.serve(request)
        except Refusal as refusal:
            self.refused.append(refusal.answer)
            return refusal.answer

    def ids(self):
        with self.lock:
            return [id for id, _ in self.kept]
