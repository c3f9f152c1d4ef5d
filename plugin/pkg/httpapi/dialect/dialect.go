// Package dialect is what the ways to ask and answer over HTTP share: an exchange,
// the parts of its path, its parameters, the key that was presented, the search,
// and an answer that leaves as it is found. Each dialect is a package of its own
// beside this one.
package dialect

import (
	"fmt"
	"net/http"
)

// A Dialect is one way to ask and answer.
type Dialect struct {
	Name string // for logs and metrics

	// Prefixes of the paths that are its own, each ending in "/" or whole. Of all
	// dialects' the longest that fits decides.
	Prefixes []string

	// Secret is the key that a request presents; "" if none.
	Secret func(r *http.Request) string

	// Unknown is the status where no key fits, of which there may be none; 0: 401.
	Unknown int
	// Challenge is the header field WWW-Authenticate with status 401; "": none.
	Challenge string

	// Open, if not nil, reports whether a request needs no key and costs none.
	Open func(x *Exchange) bool

	// Free, if not nil, reports whether a request needs a key and costs it nothing.
	Free func(x *Exchange) bool

	// Serve answers a request. A fault that it returns is answered by Refuse; any
	// other error, or one after the first octet of the answer, cuts the connection.
	Serve func(x *Exchange) error

	// Refuse answers with what is wrong, in the form of the dialect.
	Refuse func(x *Exchange, f *Fault)
}

// A Fault is what is wrong with a request, or why it is not served.
type Fault struct {
	Status int    // of HTTP
	Text   string // what was expected; one line, shown to the client
	Err    error  // what it came from; nil where it came from the request
}

func (f *Fault) Error() string { return f.Text }

func (f *Fault) Unwrap() error { return f.Err }

// Bad is a fault of the request: 400, with what was expected.
func Bad(format string, args ...any) *Fault {
	return &Fault{Status: http.StatusBadRequest, Text: fmt.Sprintf(format, args...)}
}

// Refusal is a fault with a status of its own.
func Refusal(status int, format string, args ...any) *Fault {
	return &Fault{Status: status, Text: fmt.Sprintf(format, args...)}
}
