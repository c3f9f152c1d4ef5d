package question_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// stream is a source that yields one RRset for each time in last, all in the
// same memory, and then err.
type stream struct {
	store.Source
	last []int64
	err  error
}

func (s stream) Find(context.Context, store.Query) iter.Seq2[*rrset.RRset, error] {
	return func(yield func(*rrset.RRset, error) bool) {
		r := &rrset.RRset{Owner: make([]byte, 3), Type: dns.TypeA}
		for i, last := range s.last {
			copy(r.Owner, []byte{1, 'a' + byte(i), 0})
			r.Figures = rrset.Figures{First: last - 10, Last: last, Count: 2}
			if !yield(r, nil) {
				return
			}
		}
		if s.err != nil {
			yield(nil, s.err)
		}
	}
}

func TestNewest(t *testing.T) {
	times := []int64{50, 90, 20, 90, 70, 10}
	tests := []struct {
		offset, limit int
		want          string
	}{
		{0, 3, "b d e"},
		{1, 2, "d e"},
		{0, 100, "b d e a c f"},
		{5, 100, "f"},
		{6, 100, ""},
		{99, 1, ""},
	}
	for _, test := range tests {
		page, err := question.Newest(t.Context(), stream{last: times}, store.Query{}, test.offset, test.limit)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i, r := range page.RRsets {
			if i > 0 {
				got += " "
			}
			got += string(r.Owner[1:2])
		}
		if got != test.want || page.Total != len(times) {
			t.Errorf("%d+%d: got %q of %d, want %q of %d", test.offset, test.limit, got, page.Total, test.want, len(times))
		}
	}
}

func TestNewestIncomplete(t *testing.T) {
	damaged := fmt.Errorf("%w: run 7", store.ErrIncomplete)
	src := stream{last: []int64{1, 2}, err: damaged}
	page, err := question.Newest(t.Context(), src, store.Query{}, 0, 10)
	if !errors.Is(err, store.ErrIncomplete) || page.Total != 2 || len(page.RRsets) != 2 {
		t.Errorf("got %+v, %v", page, err)
	}
	sum, err := question.Summarize(t.Context(), src, store.Query{})
	if !errors.Is(err, store.ErrIncomplete) || sum.RRsets != 2 {
		t.Errorf("got %+v, %v", sum, err)
	}
}

func TestSummarize(t *testing.T) {
	got, err := question.Summarize(t.Context(), stream{last: []int64{50, 90, 20}}, store.Query{})
	want := question.Summary{RRsets: 3, Count: 6, First: 10, Last: 90}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	got, err = question.Summarize(t.Context(), stream{}, store.Query{})
	if err != nil || got != (question.Summary{}) {
		t.Errorf("nothing: got %+v, %v", got, err)
	}
}
