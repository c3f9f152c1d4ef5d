package own

import (
	"errors"
	"fmt"
	"strconv"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/keys"
	"example.org/pdns/plugin/pkg/store"
)

// lines are objects, one each, and a last one that says how the answer ended.
type lines struct {
	x      *dialect.Exchange
	stream *dialect.Stream
}

func newLines(x *dialect.Exchange) *lines { return &lines{x, x.Stream("application/x-ndjson")} }

// add appends a result that write appends.
func (l *lines) add(write func(dst []byte) []byte) error {
	l.x.Count(1)
	return l.line(write)
}

func (l *lines) line(write func(dst []byte) []byte) error {
	return l.stream.Append(func(dst []byte) []byte { return append(write(dst), '\n') })
}

// end says how a search ended that skipped offset results. message is for one that
// found all; it may be empty. An error is for the caller to answer, or to cut the
// connection with.
func (l *lines) end(o ask.Outcome, offset int, message string) error {
	cond := "succeeded"
	switch {
	case o.Err != nil:
		cond, message = "failed", shortfall(o.Err)
		if message == "" {
			return o.Err
		}
	case o.More:
		cond, message = "limited", fmt.Sprintf("there is more: ask again with offset=%d", offset+o.Given)
	}
	return l.close(condition{cond: cond, message: message})
}

// A condition is a line that says how an answer goes on or ended.
type condition struct {
	cond, message string
	after         int64 // where to go on, of a feed,
	offset        int   // and how many results behind that
}

func (c *condition) append(dst []byte) []byte {
	dst = cof.AppendString(append(dst, `{"cond":`...), c.cond)
	if c.message != "" {
		dst = cof.AppendString(append(dst, `,"msg":`...), c.message)
	}
	if c.after != 0 {
		dst = strconv.AppendInt(append(dst, `,"after":`...), c.after, 10)
	}
	if c.offset != 0 {
		dst = strconv.AppendInt(append(dst, `,"offset":`...), int64(c.offset), 10)
	}
	return append(dst, '}')
}

// close ends the answer.
func (l *lines) close(c condition) error {
	if err := l.line(c.append); err != nil {
		return err
	}
	return l.stream.Close()
}

// shortfall says of an error why what was found is not all; empty if there is none, or
// if what was found is of no use either. It names no files.
func shortfall(err error) string {
	switch {
	case errors.Is(err, ask.ErrTimeout):
		return "the search took too long: what was found until then is given"
	case errors.Is(err, store.ErrIncomplete):
		return "a part of the history could not be read: what the rest holds is given"
	case errors.Is(err, keys.ErrRevoked), errors.Is(err, keys.ErrExpired):
		return "the key may not be used any more: what was found until then is given"
	}
	return ""
}

// appendComplete appends to an object whether it says all.
func appendComplete(dst []byte, reason string) []byte {
	if reason == "" {
		return append(dst, `,"complete":true}`...)
	}
	dst = cof.AppendString(append(dst, `,"complete":false,"reason":`...), reason)
	return append(dst, '}')
}
