package period_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/httpapi/period"
	"example.org/pdns/plugin/pkg/rrset"
)

// slice is an A RRset of letters, each an address: "ab 10 20".
func slice(line string) *rrset.RRset {
	r := &rrset.RRset{Owner: rrset.MustName("www.example.com"), Type: dns.TypeA}
	var letters string
	fmt.Sscan(line, &letters, &r.First, &r.Last)
	r.Count = 1
	for _, l := range []byte(letters) {
		r.Rdata = append(r.Rdata, []byte{192, 0, 2, l})
	}
	return r
}

func show(ps []period.Period) []string {
	var lines []string
	for _, p := range ps {
		letters := ""
		for _, rd := range p.Rdata {
			letters += string(rd[3:])
		}
		lines = append(lines, fmt.Sprintf("%s %d %d %d", letters, p.First, p.Last, p.Count))
	}
	return lines
}

func TestPeriods(t *testing.T) {
	tests := []struct{ name, slices, periods, joined string }{
		{"nothing", "", "", ""},
		{"one", "a 10 20", "a 10 20 1", "a 10 20 1"},
		{"a gap as long as may be", "a 10 20, a 30 40", "a 10 40 2", "a 10 40 2"},
		{"a longer one", "a 10 20, a 31 40", "a 31 40 1, a 10 20 1", "a 10 40 2"},
		{"in any order", "a 30 40, a 10 20, a 20 30", "a 10 40 3", "a 10 40 3"},
		{"one inside the other", "a 10 90, a 20 30, a 95 96", "a 10 96 3", "a 10 96 3"},
		{"another in between", "a 10 20, a 50 60, b 30 40", "a 50 60 1, b 30 40 1, a 10 20 1", "a 50 60 1, b 30 40 1, a 10 20 1"},
		{"another that goes on", "a 10 20, a 50 60, b 5 40", "a 50 60 1, b 5 40 1, a 10 20 1", "a 50 60 1, b 5 40 1, a 10 20 1"},
		{"another before", "a 10 20, a 50 60, b 5 20", "a 50 60 1, a 10 20 1, b 5 20 1", "a 10 60 2, b 5 20 1"},
		{"by turns, overlapping", "a 10 20, a 40 50, a 70 80, b 15 45, b 60 75",
			"a 70 80 1, b 60 75 1, a 40 50 1, b 15 45 1, a 10 20 1", "a 70 80 1, b 60 75 1, a 40 50 1, b 15 45 1, a 10 20 1"},
		{"a part is another set", "ab 10 20, a 50 60, ab 90 99", "ab 90 99 1, a 50 60 1, ab 10 20 1", "ab 90 99 1, a 50 60 1, ab 10 20 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := period.Collector{Gap: 10}
			for _, line := range split(tt.slices) {
				if err := c.Add(slice(line)); err != nil {
					t.Fatal(err)
				}
			}
			ps := c.Periods()
			if got := show(ps); !slices.Equal(got, split(tt.periods)) {
				t.Errorf("periods %q, want %q", got, tt.periods)
			}
			if got := show(period.Join(ps)); !slices.Equal(got, split(tt.joined)) {
				t.Errorf("joined %q, want %q", got, tt.joined)
			}
		})
	}
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ", ")
}

// A name that has a new set for ever is given up, one that has the same again is not.
func TestTooMany(t *testing.T) {
	again, changing := period.Collector{Gap: 1}, period.Collector{}
	for i := range 2 * period.Most {
		r := slice(fmt.Sprintf("a %d %d", i, i))
		if err := again.Add(r); err != nil {
			t.Fatalf("%d times the same: %v", i, err)
		}
	}
	var err error
	for i := 0; i < 2*period.Most && err == nil; i++ {
		r := slice("a 10 10")
		r.Rdata[0] = []byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}
		err = changing.Add(r)
	}
	if !errors.Is(err, period.ErrTooMany) {
		t.Errorf("%d sets: %v", 2*period.Most, err)
	}
}

// A name that has large sets is given up before they are many; those that it has
// again and again are held once.
func TestTooLarge(t *testing.T) {
	large := func(i int) *rrset.RRset {
		r := slice(fmt.Sprintf("a %d %d", 10*i, 10*i))
		r.Type, r.Rdata[0] = dns.TypeTXT, []byte(strings.Repeat("x", 60_000)+fmt.Sprint(i%1000))
		return r
	}
	turns, changing := period.Collector{}, period.Collector{}
	for i := range 4000 {
		r := large(i)
		r.Rdata[0] = r.Rdata[0][:60_000+i%2]
		if err := turns.Add(r); err != nil {
			t.Fatalf("two sets by turns, %d times: %v", i, err)
		}
	}
	n := 0
	for n < 1000 && changing.Add(large(n)) == nil {
		n++
	}
	if most := period.MostBytes / 60_000; n < most-1 || n > most {
		t.Errorf("%d sets of 60 KB, want %d", n, most)
	}
}
