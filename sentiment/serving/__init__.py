"""The HTTP service of a trained model, and its page.

server.py     sockets, workers, start and end
protocol.py   what HTTP itself needs: limits of time, header and connections, errors in the documented form
descriptors.py    how many connections a process can hold
app.py        the routes
predict.py    the route of texts
bodies.py     a request's body, packed or not, within a size
access.py     API keys, origins, certificate
event_loop.py handshakes of TLS within a time
files/        whole files: their route, and the process that reads and predicts one
schemas.py    what goes in and out, and the limits
problems.py   the one form of an error: RFC 9457
micro_batches.py  requests that wait together are predicted together, each getting its share
metrics.py    what Prometheus scrapes
page/         the page at /
"""
