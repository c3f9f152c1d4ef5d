package dnsdb

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/plugin/pkg/store"
)

// keepalive is how long a search finds nothing before the client is told that it
// goes on.
const keepalive = 5 * time.Second

// An answer is objects, one a line; of version 2 in DNSDB's streaming answer format,
// which says at the end whether these are all.
type answer struct {
	x       *dialect.Exchange
	stream  *dialect.Stream
	bare    bool // version 1
	objects atomic.Uint64
	begun   bool // begin was appended; under the lock of stream

	mu    sync.Mutex
	timer *time.Timer // nil: version 1, in which there is no keeping alive
	over  bool
	told  uint64 // objects when the timer last looked
}

func newAnswer(x *dialect.Exchange) *answer {
	a := &answer{x: x, stream: x.Stream("application/x-ndjson")}
	a.mu.Lock() // goesOn needs timer
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(keepalive, a.goesOn)
	return a
}

func newBareAnswer(x *dialect.Exchange) *answer {
	return &answer{x: x, stream: x.Stream("application/json"), bare: true}
}

// goesOn tells that the search goes on, if nothing was found since it last looked.
func (a *answer) goesOn() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return
	}
	if n := a.objects.Load(); n == a.told {
		if a.line(func(dst []byte) []byte { return append(dst, `{"cond":"ongoing"}`...) }) != nil {
			return
		}
	} else {
		a.told = n
	}
	a.timer.Reset(keepalive)
}

// stop ends goesOn. It may be called again.
func (a *answer) stop() {
	if a.timer == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.timer.Stop()
}

// line appends what write does as a line. No line is ever empty: dnsdbq aborts at
// one.
func (a *answer) line(write func(dst []byte) []byte) error {
	return a.stream.Append(func(dst []byte) []byte {
		if !a.begun && !a.bare {
			dst = append(dst, `{"cond":"begin"}`+"\n"...)
		}
		a.begun = true
		return append(write(dst), '\n')
	})
}

// object appends an object that write appends.
func (a *answer) object(write func(dst []byte) []byte) error {
	a.objects.Add(1)
	return a.line(func(dst []byte) []byte {
		if a.bare {
			return write(dst)
		}
		return append(write(append(dst, `{"obj":`...)), '}')
	})
}

// partial reports whether a search that ended so has found something that is worth
// giving, if not all.
func partial(err error) bool {
	return err == nil || errors.Is(err, ask.ErrTimeout) || errors.Is(err, store.ErrIncomplete)
}

// end says how the search ended. An error is for the caller to answer, or to cut
// the connection with.
func (a *answer) end(o ask.Outcome) error {
	a.stop()
	switch {
	case a.bare && o.Err != nil || !partial(o.Err) && !a.x.Begun():
		return o.Err
	case a.bare && o.Given == 0:
		return dialect.Refusal(http.StatusNotFound, "no results found for query.")
	case a.bare:
		return a.stream.Close()
	}
	err := a.line(func(dst []byte) []byte { return append(dst, terminator(o)...) })
	if err != nil {
		return err
	}
	return a.stream.Close()
}

// terminator is the last line of version 2.
func terminator(o ask.Outcome) string {
	switch {
	case o.Err == nil && o.More:
		return `{"cond":"limited","msg":"Result limit reached"}`
	case o.Err == nil:
		return `{"cond":"succeeded"}`
	case errors.Is(o.Err, ask.ErrTimeout):
		return `{"cond":"failed","msg":"Processing timeout; results may be incomplete"}`
	case errors.Is(o.Err, store.ErrIncomplete):
		return `{"cond":"failed","msg":"A part of the history could not be read; results may be incomplete"}`
	case errors.Is(o.Err, keys.ErrRevoked), errors.Is(o.Err, keys.ErrExpired):
		return `{"cond":"failed","msg":"The key may not be used any more; results may be incomplete"}`
	}
	return `{"cond":"failed","msg":"The search was given up; results may be incomplete"}`
}
