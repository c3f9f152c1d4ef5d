package analysis

import (
	"slices"
	"sort"
	"time"

	"example.org/pdns/plugin/pkg/rrset"
)

// Bounds of one type in a timeline. Where there would be more, short states are put
// together until there are not.
const (
	mostPeriods = 1000
	mostMembers = 100_000 // rdata of all periods
)

// history makes the history of a type of its slices.
func history(t uint16, all []slice, silence, settle time.Duration) TypeHistory {
	slices.SortFunc(all, compareSlices)
	h := TypeHistory{Type: rrset.TypeString(t), TTLs: ttlChanges(all), Settle: max(1, int64(settle.Seconds()))}
	sets, of := setsOf(all)
	h.RRsets = len(sets)
	for _, s := range all {
		h.Add(seen(&s.Figures))
	}
	for ; ; h.Settle *= 2 {
		spells := spells(all, of, int64(silence.Seconds()), h.Settle)
		periods := states(spells, h.Settle)
		stood, fits := standing(spells, periods, sets)
		if !fits && len(periods) > 1 && h.Settle < 1<<60 {
			continue
		}
		h.Periods = make([]Period, len(periods))
		for i, p := range periods {
			h.Periods[i] = h.period(t, p, stood[i], sets)
		}
		break
	}
	h.compare(int64(silence.Seconds()))
	h.measure(all)
	return h
}

// standing is which sets stood in each period; false if that is more than a timeline
// may hold.
func standing(spells []spell, periods []period, sets [][][]byte) (stood [][]int, fits bool) {
	if len(periods) > mostPeriods {
		return nil, false
	}
	stood = make([][]int, len(periods))
	members := 0
	for _, s := range spells {
		i := sort.Search(len(periods), func(i int) bool { return periods[i].last >= s.first })
		for ; i < len(periods) && periods[i].first <= s.last; i++ {
			stood[i] = append(stood[i], s.set)
			members += len(sets[s.set])
		}
	}
	return stood, members <= mostMembers
}

// period is one with what stood in it.
func (h *TypeHistory) period(t uint16, p period, stood []int, sets [][][]byte) Period {
	slices.Sort(stood)
	stood = slices.Compact(stood)
	var rdata [][]byte
	for _, i := range stood {
		rdata = append(rdata, sets[i]...)
	}
	out := Period{Seen: Seen{First: p.first, Last: p.last}, RRsets: len(stood), Rdata: []string{}}
	for _, rd := range rrset.SortRdata(rdata) {
		out.Rdata = append(out.Rdata, rrset.RdataString(t, rd))
	}
	return out
}

// compare notes what each period added and removed, and the gaps.
func (h *TypeHistory) compare(silence int64) {
	var before Period
	for i := range h.Periods {
		p := &h.Periods[i]
		if i > 0 {
			p.Added, p.Removed = without(p.Rdata, before.Rdata), without(before.Rdata, p.Rdata)
			if quiet := p.First - before.Last; quiet > silence {
				p.Gap = quiet
			}
		}
		before = *p
	}
}

// without is what some have that others do not.
func without(some, others []string) (only []string) {
	has := map[string]bool{}
	for _, s := range others {
		has[s] = true
	}
	for _, s := range some {
		if !has[s] {
			only = append(only, s)
		}
	}
	return only
}

// measure counts slices for the periods that they begin in, and their TTLs for all
// that they lie in.
func (h *TypeHistory) measure(all []slice) {
	for _, s := range all {
		i := sort.Search(len(h.Periods), func(i int) bool { return h.Periods[i].Last >= s.First })
		h.Periods[i].Count = sum(h.Periods[i].Count, s.Count)
		for ; i < len(h.Periods) && h.Periods[i].First <= s.Last; i++ {
			h.Periods[i].live(&s.Figures)
		}
	}
}

// live takes in the TTLs of a slice.
func (p *Period) live(f *rrset.Figures) {
	switch {
	case f.Marks&rrset.HasTTL == 0:
	case p.TTL == nil:
		p.TTL = &TTLs{f.TTLMin, f.TTLMax}
	default:
		p.TTL.Min, p.TTL.Max = min(p.TTL.Min, f.TTLMin), max(p.TTL.Max, f.TTLMax)
	}
}

// ttlChanges are the changes of the highest TTL between slices, which come ordered
// by time.
func ttlChanges(all []slice) []TTLChange {
	changes := []TTLChange{}
	var last *slice
	for i := range all {
		s := &all[i]
		if s.Marks&rrset.HasTTL == 0 {
			continue
		}
		if last != nil && s.TTLMax != last.TTLMax {
			changes = append(changes, TTLChange{At: s.First, From: last.TTLMax, To: s.TTLMax})
		}
		last = s
	}
	return changes
}
