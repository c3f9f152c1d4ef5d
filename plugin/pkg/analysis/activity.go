package analysis

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Month is how often something was seen in a month. What is known of a longer time
// only as a whole counts for its months in equal parts.
type Month struct {
	Month string  `json:"month"` // as 2019-08
	Count float64 `json:"count"`
}

// activity is sightings by month, numbered from year 0.
type activity map[int]float64

// mostMonths bounds for how many months one slice counts: whatever lasted longer is
// a clock that was wrong.
const mostMonths = 1200

func (a activity) add(all []slice) {
	for _, s := range all {
		first, last := monthOf(s.First), monthOf(s.Last)
		if last-first >= mostMonths {
			last = first
		}
		for m := first; m <= last; m++ {
			a[m] += float64(s.Count) / float64(last-first+1)
		}
	}
}

func monthOf(u int64) int {
	t := time.Unix(u, 0).UTC()
	return t.Year()*12 + int(t.Month()) - 1
}

// list is the months in their order.
func (a activity) list() []Month {
	var months []Month
	for _, m := range slices.Sorted(maps.Keys(a)) {
		months = append(months, Month{Month: fmt.Sprintf("%04d-%02d", m/12, m%12+1), Count: a[m]})
	}
	return months
}
