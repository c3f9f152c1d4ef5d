package dialect

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/plugin/pkg/rrset"
)

// An Exchange is one request and its answer. It is not safe for concurrent use.
type Exchange struct {
	Request *http.Request
	W       http.ResponseWriter
	Prefix  string      // of the dialect, by which it was chosen
	Path    []string    // parts of the path behind the prefix, without escapes
	Values  url.Values  // parameters of the query
	Grant   *keys.Grant // what the asker may
	Origin  string      // URI of whoever runs this, in answers that name it; or empty
	Now     time.Time

	// Closing is closed when the server ends: an answer without an end of its own ends
	// then. Nil: that is not told.
	Closing <-chan struct{}

	// Follows is set where the answer goes on for as long as the asker likes.
	Follows bool

	engine  *ask.Engine
	stream  *Stream
	found   int
	results int
}

// New is the exchange of a request whose path begins with a prefix, on behalf of
// nobody yet. The fault is about path or parameters that do not decode; there is
// an exchange to refuse it with all the same.
func New(w http.ResponseWriter, r *http.Request, prefix string, engine *ask.Engine, now time.Time) (*Exchange, *Fault) {
	x := &Exchange{Request: r, W: w, Prefix: prefix, Now: now, engine: engine}
	var fault *Fault
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), prefix)
	if !ok { // it is the prefix without its slash
		rest = ""
	}
	x.Path, fault = splitPath(rest)
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil && fault == nil {
		fault = Bad("parameters do not decode: want NAME=VALUE, joined by &, with %% escapes")
	}
	x.Values = values
	return x, fault
}

// splitPath takes a path apart at its slashes and decodes the parts. One slash at
// the end is none. What was escaped twice, as clients do with lines that people
// typed escapes into, is decoded twice.
func splitPath(escaped string) ([]string, *Fault) {
	escaped = strings.TrimSuffix(escaped, "/")
	if escaped == "" {
		return nil, nil
	}
	parts := strings.Split(escaped, "/")
	for i, part := range parts {
		s, err := url.PathUnescape(part)
		if err != nil {
			return nil, Bad("%s: want %% and two hexadecimal digits for each octet that is escaped", strconv.Quote(part))
		}
		if lower := strings.ToLower(s); strings.Contains(lower, "%2f") || strings.Contains(lower, "%2c") {
			if twice, err := url.PathUnescape(s); err == nil {
				s = twice
			}
		}
		parts[i] = s
	}
	return parts, nil
}

// Find carries out a query on behalf of the asker. How many results are given is for
// the dialect to bound, and to tell: see Limit and Count.
func (x *Exchange) Find(q *ask.Query, receive func(*rrset.RRset) error) ask.Outcome {
	return x.engine.Run(x.Request.Context(), x.Grant.Name, q, func(r *rrset.RRset) error {
		// A key that is revoked, or expires, ends an answer that takes long.
		if x.found++; x.found%1024 == 0 {
			if err := x.Grant.Valid(clock.Now()); err != nil {
				return err
			}
		}
		return receive(r)
	})
}

// Engine is what carries out queries, for what Find does not do. What it does on
// behalf of the asker counts for nobody else: pass Grant.Name.
func (x *Exchange) Engine() *ask.Engine { return x.engine }

// Limit is how many results to give if n were asked for, 0 being as many as
// there may be; no more than the asker may have.
func (x *Exchange) Limit(n int) int {
	most := x.Grant.Limit
	if most > 0 && (n == 0 || n > most) {
		return most
	}
	return n
}

// Count adds to the results that were given, of which the log tells. An Array counts
// its elements.
func (x *Exchange) Count(n int) { x.results += n }

// Results is how many results were given.
func (x *Exchange) Results() int { return x.results }

// Begun reports whether octets of the answer may have left.
func (x *Exchange) Begun() bool { return x.stream != nil && x.stream.hasBegun() }

// End has nothing leave any more that waits in a stream which was not closed. Whoever
// called the dialect calls it.
func (x *Exchange) End() {
	if x.stream != nil {
		x.stream.end()
	}
}

// JSON answers with a value as JSON and a line end.
func (x *Exchange) JSON(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	x.W.Header().Set("Content-Type", "application/json")
	x.W.Header().Set("Content-Length", strconv.Itoa(len(b)+1))
	x.W.WriteHeader(status)
	_, err = x.W.Write(append(b, '\n'))
	return err
}

// Text answers with a line of text.
func (x *Exchange) Text(status int, line string) {
	x.W.Header().Set("Content-Type", "text/plain; charset=utf-8")
	x.W.Header().Set("Content-Length", strconv.Itoa(len(line)+1))
	x.W.WriteHeader(status)
	x.W.Write([]byte(line + "\n"))
}
