package rrset_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/rrset"
)

func TestFiguresAdd(t *testing.T) {
	ttl := func(lo, hi uint32) rrset.Figures {
		return rrset.Figures{First: 10, Last: 20, Count: 1, TTLMin: lo, TTLMax: hi, Marks: rrset.HasTTL}
	}
	for _, tc := range []struct{ a, b, want rrset.Figures }{
		{
			rrset.Figures{First: 10, Last: 20, Count: 2, Marks: rrset.FromDnstap},
			rrset.Figures{First: 5, Last: 15, Count: 3, Marks: rrset.FromForward},
			rrset.Figures{First: 5, Last: 20, Count: 5, Marks: rrset.FromDnstap | rrset.FromForward},
		},
		{ttl(60, 300), ttl(30, 60), rrset.Figures{First: 10, Last: 20, Count: 2, TTLMin: 30, TTLMax: 300, Marks: rrset.HasTTL}},
		{ttl(60, 300), rrset.Figures{First: 10, Last: 20, Count: 1}, rrset.Figures{First: 10, Last: 20, Count: 2, TTLMin: 60, TTLMax: 300, Marks: rrset.HasTTL}},
		{rrset.Figures{First: 10, Last: 20, Count: 1}, ttl(60, 300), rrset.Figures{First: 10, Last: 20, Count: 2, TTLMin: 60, TTLMax: 300, Marks: rrset.HasTTL}},
		{
			rrset.Figures{Count: math.MaxUint64 - 1}, rrset.Figures{Count: 5}, rrset.Figures{Count: math.MaxUint64},
		},
	} {
		got := tc.a
		got.Add(&tc.b)
		if got != tc.want {
			t.Errorf("%+v and %+v: %+v, want %+v", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestSortRdata(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", ""}, {"a", "a"}, {"b a", "a b"}, {"a a", "a"}, {"b a b ab a", "a ab b"}, {"c b a", "a b c"},
	} {
		var set [][]byte
		for _, s := range strings.Fields(tc.in) {
			set = append(set, []byte(s))
		}
		if got := fmt.Sprintf("%s", rrset.SortRdata(set)); got != fmt.Sprint(strings.Fields(tc.want)) {
			t.Errorf("%s: %s", tc.in, got)
		}
	}
}

func TestCloneSharesNothing(t *testing.T) {
	r := &rrset.RRset{Owner: rrset.MustName("a.example"), Bailiwick: rrset.MustName("example"), Type: 1, Rdata: [][]byte{{1, 2, 3, 4}}}
	c := r.Clone()
	if !reflect.DeepEqual(r, c) {
		t.Errorf("%+v, want %+v", c, r)
	}
	r.Owner[1], r.Bailiwick[1], r.Rdata[0][0] = 'x', 'x', 9
	if c.Owner[1] == 'x' || c.Bailiwick[1] == 'x' || c.Rdata[0][0] == 9 {
		t.Error("the clone changed with the original")
	}
}
