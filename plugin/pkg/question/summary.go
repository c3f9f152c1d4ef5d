package question

import (
	"context"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A Summary is the figures of a whole result.
type Summary struct {
	RRsets int    // how many
	Count  uint64 // observations of all of them
	First  int64  // Unix time when the first of them was first seen; 0 if there is none
	Last   int64  // Unix time when the last of them was last seen; 0 if there is none
}

// Summarize reads the whole result of q. The summary is good, if not complete,
// beside an error, as with Newest.
func Summarize(ctx context.Context, src store.Source, q store.Query) (Summary, error) {
	var (
		n    int
		sum  rrset.Figures
		fail error
	)
	for r, err := range src.Find(ctx, q) {
		if err != nil {
			fail = err
			break
		}
		if n == 0 {
			sum = r.Figures
		} else {
			sum.Add(&r.Figures)
		}
		n++
	}
	return Summary{RRsets: n, Count: sum.Count, First: sum.First, Last: sum.Last}, fail
}
