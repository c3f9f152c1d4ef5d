package investigate_test

import (
	"fmt"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/investigate"
)

// crowd is as many names at an address.
func crowd(n int, address string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "1 9 crowd%d%s.test A %s\n", i, strings.ReplaceAll(address, ".", "-"), address)
	}
	return b.String()
}

// addresses is a name with as many addresses of its own.
func addresses(name string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "1 9 %s A 198.51.%d.%d\n", name, 100+i/250, 1+i%250)
	}
	return b.String()
}

const together = `
1 5 a.example A 192.0.2.1
3 9 b.example A 192.0.2.1
7 9 c.example A 192.0.2.1
1 9 near.example A 192.0.2.1
1 9 a.example A 192.0.2.2
`

func TestSummary(t *testing.T) {
	tests := []struct {
		name, history string
		query         investigate.Query
		want          string
	}{
		{"what seeds have in common stands before each of them", together, investigate.Query{Seeds: seeds(t, "a.example", "b.example", "c.example")}, `
The scheme has 1 name of 1 registered domain besides the seeds, seen from 2019-08-01 to 2019-08-09.
Bound to the seeds most: near.example.
3 of the 3 seeds had the address 192.0.2.1, not all at the same time: c.example, b.example, a.example.
c.example: seen from 2019-08-07 to 2019-08-09, once; on 192.0.2.1 with 2 other names.
b.example: seen from 2019-08-03 to 2019-08-09, once; on 192.0.2.1 with 3 other names.
a.example: seen from 2019-08-01 to 2019-08-09, 2 times; on 192.0.2.1 and 1 more address with 2 other names.`},
		{"a seed that another had", together, investigate.Query{Seeds: seeds(t, "a.example", "192.0.2.1")}, `
The scheme has 3 names of 3 registered domains besides the seeds, seen from 2019-08-01 to 2019-08-09.
Bound to the seeds most: near.example, b.example, c.example.
1 of the 2 seeds had the address 192.0.2.1, a seed itself: a.example.
a.example: seen from 2019-08-01 to 2019-08-09, 2 times; on 192.0.2.1 and 1 more address with 2 other names.
192.0.2.1: seen from 2019-08-01 to 2019-08-09, 4 times; 4 names of 4 registered domains there.`},
		{"nothing in common", "1 5 a.example A 192.0.2.1\n1 5 b.example A 192.0.2.2\n", investigate.Query{Seeds: seeds(t, "a.example", "b.example")}, `
No other name shared anything with the seeds that would say they belong together.
No two of the 2 seeds had an address, a target, a server or a domain in common that few others have.
a.example: seen from 2019-08-01 to 2019-08-05, once; on 192.0.2.1 with 0 other names.
b.example: seen from 2019-08-01 to 2019-08-05, once; on 192.0.2.2 with 0 other names.`},
		{"only what many share", "1 5 a.example A 192.0.2.1\n1 5 b.example A 192.0.2.1\n" + crowd(9, "192.0.2.1"),
			investigate.Query{Seeds: seeds(t, "a.example", "b.example"), Bounds: analysis.Bounds{Domains: 5}}, `
No other name shared anything with the seeds that would say they belong together.
No two of the 2 seeds had an address, a target, a server or a domain in common that few others have.
Shared by too many to say anything, and not followed: 192.0.2.1 with 11 domains.
a.example: seen from 2019-08-01 to 2019-08-05, once; on 192.0.2.1 with 0 other names, not counting those at 1 address that many share.
b.example: seen from 2019-08-01 to 2019-08-05, once; on 192.0.2.1 with 0 other names, not counting those at 1 address that many share.`},
		{"many addresses", addresses("lure.example", 7) + crowd(1, "198.51.100.6"), investigate.Query{Seeds: seeds(t, "lure.example")}, `
lure.example was first seen on 2019-08-01 and last on 2019-08-09, 7 times.
It stood on 7 addresses: 198.51.100.6 (2019-08-01 to 2019-08-09) with 2 names; 198.51.100.1 (2019-08-01 to 2019-08-09) with 1 name; 198.51.100.2 (2019-08-01 to 2019-08-09) with 1 name; and 4 more.
1 other name of 1 registered domain stood there at the same time.
The scheme has 1 name of 1 registered domain besides the seeds, seen from 2019-08-01 to 2019-08-09.
Bound to the seeds most: crowd0198-51-100-6.test.`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := walk(t, saw(t, tt.history), tt.query)
			if got := "\n" + strings.Join(r.Summary, "\n"); got != tt.want {
				t.Errorf("the summary is%s\nwant%s", got, tt.want)
			}
			check(t, r)
		})
	}
}

// TestSummaryBounded: a line of each seed, up to a bound.
func TestSummaryBounded(t *testing.T) {
	var all []string
	history := ""
	for i := range 14 {
		all = append(all, fmt.Sprintf("lure%d.example", i))
		history += fmt.Sprintf("1 9 lure%d.example A 192.0.2.1\n", i)
	}
	r := walk(t, saw(t, history), investigate.Query{Seeds: seeds(t, all...), Walk: 14})
	text := strings.Join(r.Summary, "\n")
	if !strings.Contains(text, "14 of the 14 seeds had the address 192.0.2.1: lure0.example, lure1.example, lure2.example and 11 more.") ||
		!strings.HasSuffix(text, "\n4 more seeds were walked from: the report tells of each.") || strings.Count(text, ": seen from ") != 10 {
		t.Errorf("the summary is\n%s", text)
	}
}
