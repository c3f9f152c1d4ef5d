package pdnsquery

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
)

// maxAnswer bounds the TXT records of a page, in octets, so that a message over
// TCP holds them and the header, question, note and extended errors too.
const maxAnswer = 62_000

// history answers TXT: a page of RRsets, newest first.
func (x *exchange) history(ctx context.Context, q *question.Question) {
	page, err := question.Newest(ctx, x.source(q), q.Query, q.Offset, q.Limit)
	if !x.incomplete(err, page.Total > 0) {
		return
	}
	if page.Total == 0 {
		if !x.among(ctx, q) {
			x.nothing(ctx, q)
		}
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
		x.add(x.note(q, fmt.Sprintf("%d in all, none behind offset %d", page.Total, q.Offset), ""))
	case end < page.Total:
		x.add(x.note(q, fmt.Sprintf("%d to %d of %d", q.Offset+1, end, page.Total), x.next(q, end)))
	default:
		x.among(ctx, q)
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

// note is a TXT that is no RRset: it begins with ";", which no type does.
func (x *exchange) note(q *question.Question, text, next string) *dns.TXT {
	switch {
	case q.JSON:
		return x.text(object(struct {
			Note string `json:"note"`
			Next string `json:"next,omitempty"`
		}{text, next}))
	case next == "":
		return x.text("; " + text)
	}
	return x.text("; "+text+"; next:", next)
}

// object is the JSON of something that always has one.
func object(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// summary answers _summary: the figures of all results in one TXT.
func (x *exchange) summary(ctx context.Context, q *question.Question) {
	s, err := question.Summarize(ctx, x.source(q), q.Query)
	if !x.incomplete(err, s.RRsets > 0) {
		return
	}
	if s.RRsets == 0 {
		x.nothing(ctx, q)
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
