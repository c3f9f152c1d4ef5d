package dialect

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

const (
	// flushBytes is how much of an answer leaves at once,
	flushBytes = 32 << 10
	// and flushAfter how long less than that waits for more,
	flushAfter = 20 * time.Millisecond
)

// A Stream is an answer that leaves as it is found: the first part at once, then
// as much as makes a packet worth its while, and what there is whenever nothing
// new comes for a moment. Close it.
type Stream struct {
	w   http.ResponseWriter
	out *http.ResponseController

	mu    sync.Mutex // the timer flushes too
	begun bool
	buf   []byte
	err   error
	timer *time.Timer
	armed bool
}

// Stream begins an answer with status 200 and a content type. Headers set before
// go with it. Nothing leaves until something is written.
func (x *Exchange) Stream(contentType string) *Stream {
	x.W.Header().Set("Content-Type", contentType)
	s := &Stream{w: x.W, out: http.NewResponseController(x.W)}
	s.timer = time.AfterFunc(time.Hour, s.tick)
	s.timer.Stop()
	x.stream = s
	return s
}

// Append lets f append to the answer. The error is that of the connection: the
// client is gone.
func (s *Stream) Append(f func(dst []byte) []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	s.buf = f(s.buf)
	switch {
	case !s.begun, len(s.buf) >= flushBytes:
		s.flush()
	case !s.armed:
		s.armed = true
		s.timer.Reset(flushAfter)
	}
	return s.err
}

func (s *Stream) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.armed {
		s.flush()
	}
}

func (s *Stream) hasBegun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

func (s *Stream) flush() {
	s.armed = false
	s.timer.Stop()
	if len(s.buf) == 0 || s.err != nil {
		return
	}
	s.begun = true
	if _, s.err = s.w.Write(s.buf); s.err == nil {
		s.err = s.out.Flush()
	}
	s.buf = s.buf[:0]
}

// Close sends what is left. The error is the first of the connection.
func (s *Stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush()
	return s.err
}

var errOver = errors.New("the answer is over")

// end has nothing leave any more, whoever still appends: what a stream writes to is
// no longer there once the handler has returned.
func (s *Stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Stop()
	s.armed = false
	if s.err == nil {
		s.err = errOver
	}
}
