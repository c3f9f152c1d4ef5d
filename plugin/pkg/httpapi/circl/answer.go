package circl

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// stream answers with all objects as they are found.
func stream(x *dialect.Exchange, queries []ask.Query) error {
	s, limit := x.Stream(ndjson), x.Limit(0)
	var object *rrset.RRset
	origin := originOf(x)
	write := func(dst []byte) []byte { return appendObject(dst, object, origin) }
	o := x.FindEach(queries, 0, limit, func(r *rrset.RRset) error {
		object = r
		x.Count(1)
		return s.Append(write)
	})
	if o.More {
		o.Err = fmt.Errorf("more than %d objects: they must be asked for in pages", limit)
	}
	if object == nil {
		if o.Err == nil {
			x.W.WriteHeader(http.StatusOK)
		}
		return o.Err
	}
	return errors.Join(s.Close(), o.Err)
}

// Bounds of a page, which is held until it is known whether there is another.
const (
	defaultCount = 1000
	maxCount     = 10_000
	maxBytes     = 4 << 20 // a page ends behind the object with which it has as many
)

// A page is the part of an answer that was asked for.
type page struct{ cursor, count int }

var errFull = errors.New("the page is full")

// paging is the page asked for; nil if all is.
func paging(x *dialect.Exchange) (*page, *dialect.Fault) {
	h := x.Request.Header
	count, fault := number(h, "dribble-paginate-count", 1)
	if fault != nil {
		return nil, fault
	}
	cursor, fault := number(h, "dribble-paginate-cursor", 0)
	if fault != nil {
		return nil, fault
	}
	if count < 0 && cursor < 0 {
		return nil, nil
	}
	if count < 0 {
		count = defaultCount
	}
	p := &page{cursor: max(cursor, 0), count: x.Limit(min(count, maxCount))}
	if most := x.Grant.Offset; most > 0 && p.cursor > most {
		return nil, dialect.Refusal(http.StatusRequestedRangeNotSatisfiable, "dribble-paginate-cursor: %d: want at most %d", p.cursor, most)
	}
	return p, nil
}

// number is a header field that is a whole number of at least least; -1 without it.
func number(h http.Header, name string, least int) (int, *dialect.Fault) {
	s := h.Get(name)
	if s == "" {
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || s[0] == '+' {
		return 0, dialect.Bad("%s: %s: want a whole number from %d on", name, dialect.Show(s), least)
	}
	return n, nil
}

func (p *page) answer(x *dialect.Exchange, queries []ask.Query) error {
	var body []byte
	given, origin := 0, originOf(x)
	o := x.FindEach(queries, p.cursor, p.count, func(r *rrset.RRset) error {
		if len(body) >= maxBytes {
			return errFull
		}
		given++
		x.Count(1)
		body = appendObject(body, r, origin)
		return nil
	})
	full := o.More || errors.Is(o.Err, errFull)
	incomplete := errors.Is(o.Err, store.ErrIncomplete)
	if o.Err != nil && !full && !incomplete {
		return o.Err
	}
	if full {
		x.W.Header().Set("x-dribble-cursor", strconv.Itoa(p.cursor+given))
	}
	if incomplete {
		setError(x, "a part of the history could not be read: there may be more")
	}
	x.W.Header().Set("Content-Type", ndjson)
	_, err := x.W.Write(body)
	return err
}

// originOf is whoever answers, as a URI.
func originOf(x *dialect.Exchange) string { return cmp.Or(x.Origin, x.Base()+"/") }

// appendObject appends an RRset as a line.
func appendObject(dst []byte, r *rrset.RRset, origin string) []byte {
	dst = strconv.AppendUint(append(dst, `{"count":`...), r.Count, 10)
	dst = strconv.AppendInt(append(dst, `,"time_first":`...), r.First, 10)
	dst = strconv.AppendInt(append(dst, `,"time_last":`...), r.Last, 10)
	dst = cof.AppendSet(append(dst, ','), r)
	dst = cof.AppendString(append(dst, `,"origin":`...), origin)
	return append(dst, "}\n"...)
}
