package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// TestSearchEnds: a search that is told to stop gives little more, whatever it
// walks over and however its steps fall.
func TestSearchEnds(t *testing.T) {
	for _, owners := range []int{1, 2, 3, 50, 201} {
		s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
		for i := range 20_000 {
			at := i / owners
			must(t, s.Add(line(t, fmt.Sprintf("n%d.test. A 100 100 1 10.%d.%d.%d", i, at>>16, at>>8&255, at&255))))
		}
		must(t, s.Flush(t.Context()))
		for _, subject := range []store.Subject{store.Network(netip.MustParsePrefix("10.0.0.0/8")), store.Below(rrset.MustName("test"))} {
			ctx, cancel := context.WithCancel(t.Context())
			n := 0
			var last error
			for _, err := range s.Find(ctx, store.Query{Subject: subject}) {
				if n++; n == 10 {
					cancel()
				}
				last = err
			}
			cancel()
			if n > 200 || !errors.Is(last, context.Canceled) {
				t.Errorf("%d owners an address, %v: %d RRsets, then %v", owners, subject, n, last)
			}
		}
	}
}

// TestLargeInNetwork: RRsets that are found under many addresses of a network are
// given once, at their first, from memory and from a run.
func TestLargeInNetwork(t *testing.T) {
	s := open(t, t.TempDir(), store.Options{Flush: time.Hour})
	var want []string
	for i := range 20 {
		var addresses []string
		for a := range 200 + 40*i {
			addresses = append(addresses, fmt.Sprintf("10.%d.%d.%d", a%7, a/250, a%250))
		}
		owner := fmt.Sprintf("n%02d.test.", i)
		want = append(want, owner)
		must(t, s.Add(line(t, fmt.Sprintf("%s A 100 100 1 %s", owner, strings.Join(addresses, ",")))))
	}
	for _, where := range []string{"memory", "a run"} {
		for _, prefix := range []string{"10.0.0.0/8", "10.3.0.0/16", "10.3.0.3/32"} {
			var got []string
			for r, err := range s.Find(t.Context(), store.Query{Subject: store.Network(netip.MustParsePrefix(prefix))}) {
				must(t, err)
				got = append(got, rrset.NameString(r.Owner))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s in %s: %v", prefix, where, got)
			}
		}
		must(t, s.Flush(t.Context()))
	}
}
