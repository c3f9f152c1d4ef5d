package pdnsquery

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
)

// maxAnswer bounds the TXT records of a page, in octets, so that a message over
// TCP holds them and the header, question, note and extended errors too.
const maxAnswer = 62_000

// history answers TXT: a page of RRsets, newest first.
func (x *exchange) history(ctx context.Context, src store.Source, q *question.Question) {
	page, err := question.Newest(ctx, src, q.Query, q.Offset, q.Limit)
	if !x.incomplete(err, page.Total > 0) {
		return
	}
	if page.Total == 0 {
		x.nothing(ctx, src, q)
		return
	}
	shown := 0
	for _, r := range page.RRsets {
		txt := x.textOf(r, q.Owner == nil, q.JSON)
		n := textSize(txt)
		if shown > 0 && x.size+n > maxAnswer {
			break
		}
		x.size += n
		x.add(txt)
		shown++
	}
	switch end := q.Offset + shown; {
	case shown == 0:
		x.note(q, fmt.Sprintf("%d in all, none behind offset %d", page.Total, q.Offset), "")
	case end < page.Total:
		x.note(q, fmt.Sprintf("%d to %d of %d", q.Offset+1, end, page.Total), x.next(q, end))
	}
}

// next is the question that goes on at an offset, or what to do where there is
// none.
func (x *exchange) next(q *question.Question, offset int) string {
	name := x.below(q.Page(offset))
	if offset+q.Limit > question.MaxReach || name == "" {
		return "AXFR " + x.qname()
	}
	return name
}

// note adds a last TXT that is no RRset: it begins with ";", which no type does.
func (x *exchange) note(q *question.Question, text, next string) {
	if q.JSON {
		x.add(x.text(object(struct {
			Note string `json:"note"`
			Next string `json:"next,omitempty"`
		}{text, next})))
		return
	}
	parts := []string{"; " + text}
	if next != "" {
		parts = []string{"; " + text + "; next:", next}
	}
	x.add(x.text(parts...))
}

// object is the JSON of something that always has one.
func object(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// nothing answers a search without a result: NXDOMAIN, or NODATA where names
// below the one that was asked have a history, since NXDOMAIN denies them too
// (RFC 8020).
func (x *exchange) nothing(ctx context.Context, src store.Source, q *question.Question) {
	if q.Owner != nil {
		below := q.Query
		below.Subject = store.Below(q.Owner)
		if q.Query.At != 0 {
			below.At, below.Fences = 0, question.Window(0, q.Query.At)
		}
		for _, err := range src.Find(ctx, below) {
			if x.incomplete(err, false) {
				x.negative(dns.RcodeSuccess)
				x.explain(dns.ExtendedErrorCodeOther, "nothing at the name, but below it: ask *."+show(x.qname()))
			}
			return
		}
	}
	x.negative(dns.RcodeNameError)
}

// show bounds a name inside an extended error.
func show(name string) string {
	if len(name) > 100 {
		return name[:97] + "..."
	}
	return name
}

// summary answers _summary: the figures of all results in one TXT.
func (x *exchange) summary(ctx context.Context, src store.Source, q *question.Question) {
	s, err := question.Summarize(ctx, src, q.Query)
	if !x.incomplete(err, s.RRsets > 0) {
		return
	}
	if s.RRsets == 0 {
		x.nothing(ctx, src, q)
		return
	}
	if q.JSON {
		x.add(x.text(object(struct {
			RRsets int    `json:"rrsets"`
			First  int64  `json:"time_first"`
			Last   int64  `json:"time_last"`
			Count  uint64 `json:"count"`
		}{s.RRsets, s.First, s.Last, s.Count})))
		return
	}
	x.add(x.text(fmt.Sprintf("rrsets=%d", s.RRsets), "first="+timeString(s.First), "last="+timeString(s.Last),
		fmt.Sprintf("count=%d", s.Count)))
}
