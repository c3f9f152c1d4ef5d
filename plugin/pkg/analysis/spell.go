package analysis

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"example.org/pdns/plugin/pkg/rrset"
)

// A slice is an RRset of the name and type at hand as one run of the store saw it.
type slice struct {
	rdata [][]byte
	rrset.Figures
}

// compareSlices orders slices by time.
func compareSlices(a, b slice) int {
	return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last), slices.CompareFunc(a.rdata, b.rdata, bytes.Compare))
}

// A spell is a time in which one set of rdata stood without a break.
type spell struct {
	set int // index into the sets
	period
}

// setsOf are the different sets of rdata of slices, and for each slice which it is.
func setsOf(all []slice) (sets [][][]byte, of []int) {
	index := map[string]int{}
	var key []byte
	for _, s := range all {
		key = key[:0]
		for _, rd := range s.rdata {
			key = append(append(key, byte(len(rd)>>8), byte(len(rd))), rd...)
		}
		i, ok := index[string(key)]
		if !ok {
			i = len(sets)
			index[string(key)] = i
			sets = append(sets, s.rdata)
		}
		of = append(of, i)
	}
	return sets, of
}

// spells joins the slices of each set, which come ordered by time. What breaks a
// spell is silence, or a set that came in between for longer than it takes to settle.
func spells(all []slice, of []int, silence, settle int64) []spell {
	var out []spell
	open := map[int]int{} // the last spell of each set
	for i, s := range all {
		j, ok := open[of[i]]
		if ok {
			last := out[j].last
			quiet := s.First - last
			if quiet <= settle || quiet <= silence && !begins(all, last, s.First) {
				out[j].last = max(last, s.Last)
				continue
			}
		}
		open[of[i]] = len(out)
		out = append(out, spell{of[i], period{s.First, s.Last}})
	}
	return out
}

// begins reports whether a slice begins between two times.
func begins(all []slice, after, before int64) bool {
	i := sort.Search(len(all), func(i int) bool { return all[i].First > after })
	return i < len(all) && all[i].First < before
}

// states are the times in which the same spells were open, in order. Those shorter
// than it takes to settle that follow each other are put together until they are not.
func states(all []spell, settle int64) []period {
	type event struct {
		at   int64
		open int
	}
	var events []event
	for _, s := range all {
		events = append(events, event{s.first, 1}, event{s.last + 1, -1})
	}
	slices.SortFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	var out []period
	brief := func(p period) bool { return p.last-p.first < settle }
	open := 0
	for i := 0; i < len(events); {
		at := events[i].at
		for ; i < len(events) && events[i].at == at; i++ {
			open += events[i].open
		}
		if open == 0 {
			continue
		}
		p := period{at, events[i].at - 1}
		if n := len(out) - 1; n >= 0 && brief(out[n]) && brief(p) && p.first-out[n].last <= settle {
			out[n].last = p.last
		} else {
			out = append(out, p)
		}
	}
	return out
}
